#include "ops/tensor/tensor.hpp"

#include <cmath>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "core/base/error.hpp"
#include "ops/geometry/warp.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

core::Image picture_2x1() {
  core::Image image(2, 1, 3);
  const std::array<std::uint8_t, 6> values{10, 20, 30, 40, 50, 60};
  std::copy(values.begin(), values.end(), image.row<std::uint8_t>(0));
  return image;
}

constexpr std::array<double, 3> kMean{0.485, 0.456, 0.406};
constexpr std::array<double, 3> kDeviation{0.229, 0.224, 0.225};

TEST(ValueTable, RoundsAsTheReferenceDoes) {
  const ValueTable exact = value_table(kMean, kDeviation);
  const ValueTable steps = value_table_f32_steps(kMean, kDeviation);
  int differing = 0;
  for (int v = 0; v < 256; ++v) {
    EXPECT_EQ(exact[1][v], static_cast<float>((v / 255.0 - 0.456) / 0.224));
    EXPECT_EQ(steps[2][v], static_cast<float>(static_cast<float>(static_cast<float>(v / 255.0) - 0.406) / 0.225));
    differing += exact[0][v] != steps[0][v] ? 1 : 0;
  }
  EXPECT_GT(differing, 0) << "the two roundings are meant to differ";
  const ValueTable offset = value_table_offset(127.5F, 128);
  EXPECT_EQ(offset[0][0], -127.5F / 128);
  EXPECT_EQ(offset[2][255], 127.5F / 128);
  EXPECT_EQ(value_table({0, 0, 0}, {1, 1, 1})[0][255], 1);
}

TEST(ToTensor, OrdersChannelsAndLayouts) {
  const ValueTable same = value_table_offset(0, 1);
  std::array<float, 6> out{};
  to_tensor(out, picture_2x1(), same, ChannelOrder::kBgr, Layout::kChw);
  EXPECT_EQ(out, (std::array<float, 6>{10, 40, 20, 50, 30, 60}));
  to_tensor(out, picture_2x1(), same, ChannelOrder::kRgb, Layout::kChw);
  EXPECT_EQ(out, (std::array<float, 6>{30, 60, 20, 50, 10, 40}));
  to_tensor(out, picture_2x1(), same, ChannelOrder::kBgr, Layout::kHwc);
  EXPECT_EQ(out, (std::array<float, 6>{10, 20, 30, 40, 50, 60}));
  to_tensor(out, picture_2x1(), same, ChannelOrder::kRgb, Layout::kHwc);
  EXPECT_EQ(out, (std::array<float, 6>{30, 20, 10, 60, 50, 40}));
}

// The table's channels are the output's.
TEST(ToTensor, TakesMeanAndDeviationInOutputOrder) {
  std::array<float, 6> out{};
  to_tensor(out, picture_2x1(), value_table(kMean, kDeviation), ChannelOrder::kRgb, Layout::kChw);
  EXPECT_EQ(out[0], static_cast<float>((30 / 255.0 - 0.485) / 0.229));
  EXPECT_EQ(out[5], static_cast<float>((40 / 255.0 - 0.406) / 0.225));
}

TEST(ToTensor, RefusesAnotherSize) {
  std::array<float, 5> out{};
  const ValueTable table = value_table_offset(0, 1);
  EXPECT_THROW(to_tensor(out, picture_2x1(), table, ChannelOrder::kBgr, Layout::kChw), core::Error);
}

TEST(ToTensor, MeetsTheContentAnalyserGolden) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/vision.npz");
  core::Image contained(384, 384, 3);
  fit_contain(contained, golden["in_frame"].image());
  std::vector<float> tensor(3 * 384 * 384);
  to_tensor(tensor, contained, value_table({0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}), ChannelOrder::kRgb, Layout::kChw);
  std::vector<double> kept;
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    if (i % 384 % 6 == 0 && i / 384 % 384 % 6 == 0) {
      kept.push_back(tensor[i]);
    }
  }
  EXPECT_EQ(test::difference(kept, golden["out_nsfw2@6"].doubles()).max, 0);
}

TEST(FloatToTensor, RoundsEveryStepToFloat) {
  core::Image crop(1, 1, 3, core::Depth::kF64);
  const std::array<double, 3> bgr{12.345678912345, 200.1, 77.7};
  std::copy(bgr.begin(), bgr.end(), crop.row<double>(0));
  std::array<float, 3> out{};
  const std::array<float, 3> mean{0.485F, 0.456F, 0.406F};
  const std::array<float, 3> deviation{0.229F, 0.224F, 0.225F};
  float_to_tensor(out, crop, mean, deviation, ChannelOrder::kRgb, Layout::kChw);
  EXPECT_EQ(out[0], (77.7F / 255.0F - 0.485F) / 0.229F);
  EXPECT_EQ(out[2], (12.345678912345F / 255.0F - 0.406F) / 0.225F);
  core::Image narrow(1, 1, 3, core::Depth::kF32);
  std::transform(bgr.begin(), bgr.end(), narrow.row<float>(0), [](double v) { return static_cast<float>(v); });
  std::array<float, 3> same{};
  float_to_tensor(same, narrow, mean, deviation, ChannelOrder::kRgb, Layout::kChw);
  EXPECT_EQ(same, out);
  EXPECT_THROW(float_to_tensor(out, core::Image(1, 1, 3), mean, deviation, ChannelOrder::kRgb, Layout::kChw),
               core::Error);
}

TEST(ToImage, ClipsAndTurnsRgbPlanesIntoBgrPixels) {
  const std::array<float, 6> planes{0.1F, 2, 0.2F, -1, 0.3F, std::nanf("")};
  core::Image narrow(2, 1, 3, core::Depth::kF32);
  to_image(narrow, planes, 0, 1);
  EXPECT_EQ(narrow.row<float>(0)[0], 0.3F * 255);
  EXPECT_EQ(narrow.row<float>(0)[2], 0.1F * 255);
  EXPECT_EQ(narrow.row<float>(0)[3], 0);
  EXPECT_EQ(narrow.row<float>(0)[4], 0);
  EXPECT_EQ(narrow.row<float>(0)[5], 255);
  core::Image wide(2, 1, 3, core::Depth::kF64);
  to_image(wide, planes, 0.5, 0.5);
  EXPECT_EQ(wide.row<double>(0)[0], (static_cast<double>(0.3F) * 0.5 + 0.5) * 255);
  EXPECT_EQ(wide.row<double>(0)[4], 0);
  EXPECT_EQ(wide.row<double>(0)[5], 255);
  EXPECT_THROW(to_image(narrow, planes, 0.5, 0.5), core::Error);
}

TEST(ToImage, DropsTheFractionForEightBits) {
  const std::array<float, 6> planes{0.1F, 2, 0.999F, -1, 0.5F, std::nanf("")};
  core::Image pixels(2, 1, 3);
  to_image(pixels, planes, 0, 1);
  const std::vector<std::uint8_t> found(pixels.row<std::uint8_t>(0), pixels.row<std::uint8_t>(0) + 6);
  EXPECT_EQ(found, (std::vector<std::uint8_t>{127, 254, 25, 0, 0, 255}));
  EXPECT_THROW(to_image(pixels, planes, 0.5, 1), core::Error);
}

// astro.png stretched by nearest neighbour, as numeric.json says.
core::Image stretched(const cv::Mat& picture, int height, int width) {
  core::Image out(width, height, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto& pixel = picture.at<cv::Vec3b>(y * picture.rows / height, x * picture.cols / width);
      std::copy_n(pixel.val, 3, out.row<std::uint8_t>(y) + 3 * x);
    }
  }
  return out;
}

TEST(Letterbox, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/detector_input.npz");
  const cv::Mat astro = cv::imread(shared / "golden/photos/astro.png", cv::IMREAD_COLOR);
  ASSERT_EQ(astro.cols, 400);
  for (int i = 0; i < 4; ++i) {
    const auto shape = golden[fmt::format("in_shape{}", i)].as<std::int64_t>();
    const auto margin = golden[fmt::format("out_margin{}", i)].as<std::int64_t>();
    const auto cut = golden[fmt::format("out_cut_shape{}", i)].as<std::int64_t>();
    const int side = i == 2 ? 320 : 640;
    const core::Image frame = stretched(astro, static_cast<int>(shape[0]), static_cast<int>(shape[1]));
    std::array<int, 4> margins{};
    std::copy(margin.begin(), margin.end(), margins.begin());
    std::vector<float> tensor(static_cast<std::size_t>(3 * side * side));
    LetterboxRatio ratio;
    ASSERT_TRUE(letterbox(tensor, ratio, frame, margins, {side, side}, value_table_offset(127.5F, 128)));
    EXPECT_DOUBLE_EQ(ratio.x,
                     static_cast<double>(frame.width() + margins[1] + margins[3]) / static_cast<double>(cut[1]));
    EXPECT_DOUBLE_EQ(ratio.y,
                     static_cast<double>(frame.height() + margins[0] + margins[2]) / static_cast<double>(cut[0]));
    std::vector<double> kept;
    for (int c = 0; c < 3; ++c) {
      for (int y = 0; y < side; y += 9) {
        for (int x = 0; x < side; x += 9) {
          kept.push_back(tensor[static_cast<std::size_t>((c * side + y) * side + x)]);
        }
      }
    }
    EXPECT_EQ(test::difference(kept, golden[fmt::format("out_tensor{}@9", i)].doubles()).max, 0) << "case " << i;
  }
}

// One pixel per value, all in the first plane: red, the picture's third channel.
std::vector<int> reds_of(std::vector<float> reds, Rounding rounding) {
  const int width = static_cast<int>(reds.size());
  core::Image picture(width, 1, 3);
  reds.resize(3 * reds.size(), -1);
  to_picture(picture, reds, rounding);
  std::vector<int> result;
  for (int x = 0; x < width; ++x) {
    EXPECT_EQ(picture.row<std::uint8_t>(0)[3 * x], 0);
    result.push_back(picture.row<std::uint8_t>(0)[3 * x + 2]);
  }
  return result;
}

// 0 lies between 127 and 128, 1/255 is 128 and -1/255 is 127.
TEST(ToPicture, ClipsAndRounds) {
  const std::vector<float> values{-2, -1, 0, 0.5F / 255, 1, 7, std::nanf("")};
  EXPECT_EQ(reds_of(values, Rounding::kNearest), (std::vector{0, 0, 128, 128, 255, 255, 0}));
  EXPECT_EQ(reds_of(values, Rounding::kDown), (std::vector{0, 0, 127, 127, 255, 255, 0}));
  // 126.5: half to even.
  EXPECT_EQ(reds_of({2 * (126.5F / 255) - 1}, Rounding::kNearest), std::vector{126});
}

TEST(InterleavedToPicture, KeepsTheOrderAndDropsTheFraction) {
  core::Image picture(2, 1, 3);
  interleaved_to_picture(picture, std::vector<float>{0.5F, -1, 2, 0.999F, 1, std::nanf("")});
  const auto* row = picture.row<std::uint8_t>(0);
  EXPECT_EQ((std::vector<int>(row, row + 6)), (std::vector{127, 0, 255, 254, 255, 0}));
}

TEST(ToPicture, OfAnotherSizeIsAnError) {
  core::Image picture(2, 2, 3);
  EXPECT_THROW(to_picture(picture, std::vector<float>(9), Rounding::kDown), core::Error);
  EXPECT_THROW(interleaved_to_picture(picture, std::vector<float>(15)), core::Error);
}

TEST(Letterbox, HasNoInputForExtremeAspectRatios) {
  std::vector<float> tensor(3 * 64 * 64, 7);
  LetterboxRatio ratio;
  EXPECT_FALSE(letterbox(tensor, ratio, core::Image::zeros(1000, 1, 3), {}, {64, 64}, value_table_offset(0, 1)));
  EXPECT_EQ(tensor[0], 7);
}

TEST(Letterbox, PutsOnePixelAtTheTopLeft) {
  core::Image pixel(1, 1, 3);
  std::fill_n(pixel.row<std::uint8_t>(0), 3, std::uint8_t{255});
  std::vector<float> tensor(3 * 64 * 64, 7);
  LetterboxRatio ratio;
  ASSERT_TRUE(letterbox(tensor, ratio, pixel, {}, {64, 64}, value_table_offset(0, 255)));
  EXPECT_EQ(tensor[0], 1);
  EXPECT_EQ(tensor[1], 0);
  EXPECT_EQ(tensor[64], 0);
  EXPECT_EQ(ratio.x, 1);
}

}  // namespace
}  // namespace facegraph::ops
