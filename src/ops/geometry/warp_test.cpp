#include "ops/geometry/warp.hpp"

#include <cmath>
#include <limits>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "core/base/error.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/geometry/warp_formula.hpp"
#include "ops/opencv.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

using test::difference;

core::Affine affine_of(const test::Array& array) {
  core::Affine matrix;
  std::copy_n(array.as<double>().begin(), 6, matrix.m.begin());
  return matrix;
}

core::Image warped(core::ConstImageView in, const core::Affine& matrix, core::Size size, Border border) {
  core::Image out(size, in.channels, in.depth);
  warp_affine(out, in, matrix, border);
  return out;
}

core::Image noise(core::Size size, int channels, core::Depth depth) {
  core::Image image(size, channels, depth);
  cv::Mat pixels = as_mat(image.view());
  cv::RNG random(7);
  random.fill(pixels, cv::RNG::UNIFORM, 0, 255);
  return image;
}

// Written pixel by pixel from A.1, without blocks.
template <typename T>
core::Image warped_by_formula(core::ConstImageView in, const core::Affine& matrix, core::Size size, Border border) {
  core::Image out(size, in.channels, in.depth);
  const std::array<double, 6> inverse = invert(matrix).m;
  const auto f = [&](int i) { return static_cast<float>(inverse[i]); };
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      double sx = static_cast<float>(x) * f(0) + (static_cast<float>(y) * f(1) + f(2));
      double sy = static_cast<float>(x) * f(3) + (static_cast<float>(y) * f(4) + f(5));
      if constexpr (std::is_same_v<T, double>) {
        sx =
            std::floor((std::rint((inverse[1] * y + inverse[2]) * 1024) + 16 + std::rint(inverse[0] * x * 1024)) / 32) /
            32;
        sy =
            std::floor((std::rint((inverse[4] * y + inverse[5]) * 1024) + 16 + std::rint(inverse[3] * x * 1024)) / 32) /
            32;
      }
      const int ix = static_cast<int>(std::floor(sx));
      const int iy = static_cast<int>(std::floor(sy));
      const auto at = [&](int column, int row, int channel) -> T {
        if (border == Border::kConstant && (column < 0 || row < 0 || column >= in.width || row >= in.height)) {
          return 0;
        }
        return in.row<T>(
            std::clamp(row, 0, in.height - 1))[std::clamp(column, 0, in.width - 1) * in.channels + channel];
      };
      for (int c = 0; c < in.channels; ++c) {
        using Real = std::conditional_t<std::is_same_v<T, double>, double, float>;
        const Real value =
            bilinear(Real{1} * at(ix, iy, c), Real{1} * at(ix + 1, iy, c), Real{1} * at(ix, iy + 1, c),
                     Real{1} * at(ix + 1, iy + 1, c), static_cast<float>(sx - ix), static_cast<float>(sy - iy));
        out.row<T>(y)[x * in.channels + c] =
            std::is_same_v<T, std::uint8_t> ? static_cast<T>(std::nearbyint(value)) : static_cast<T>(value);
      }
    }
  }
  return out;
}

void expect_equal(core::ConstImageView a, core::ConstImageView b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (int y = 0; y < a.height; ++y) {
    ASSERT_EQ(std::memcmp(a.data + y * a.stride, b.data + y * b.stride, a.row_bytes()), 0) << what << " row " << y;
  }
}

TEST(WarpAffine, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/warp.npz");
  const core::Image frame = golden["in_frame"].image();
  const core::Image odd = golden["in_odd"].image();
  struct Row {
    std::string crop;
    std::string matrix;
    const core::Image& in;
    Border border;
  };
  const std::vector<Row> rows{
      {"out_crop0", "out_matrix0", frame, Border::kReplicate},
      {"out_crop1", "out_matrix1", frame, Border::kReplicate},
      {"out_crop2", "out_matrix2", frame, Border::kReplicate},
      {"out_crop3", "out_matrix3", frame, Border::kReplicate},
      {"out_box_crop", "out_box_matrix", frame, Border::kConstant},
      {"out_translation_crop", "out_translation_matrix", frame, Border::kConstant},
      {"out_rot90", "out_rot90_matrix", odd, Border::kConstant},
      {"out_rot180", "out_rot180_matrix", odd, Border::kConstant},
      {"out_rot270", "out_rot270_matrix", odd, Border::kConstant},
  };
  for (const Row& row : rows) {
    const test::Array& expected = golden[row.crop];
    const core::Size size{static_cast<int>(expected.shape[1]), static_cast<int>(expected.shape[0])};
    const auto result = difference(warped(row.in, affine_of(golden[row.matrix]), size, row.border), expected);
    // The reference's processor fuses some products and sums: a byte in 1e5 may differ by one.
    EXPECT_LE(result.max, 1) << row.crop;
    EXPECT_LE(result.share, 5e-5) << row.crop;
  }
}

TEST(WarpAffine, BlocksEqualTheFormulaForEveryDepthChannelCountAndBorder) {
  const core::Affine turned{{0.9, -0.35, 21.3, 0.35, 0.9, -17.8}};
  for (const core::Affine& matrix :
       {turned, core::Affine{{3.7, 0.2, -40.5, -0.2, 3.7, 12.25}}, core::Affine{{0.2, 0, 30, 0, 0.2, 30}}}) {
    for (const Border border : {Border::kConstant, Border::kReplicate}) {
      for (int channels = 1; channels <= 4; ++channels) {
        for (const core::Size size : {core::Size{1, 1}, {2, 3}, {67, 91}, {150, 131}}) {
          const core::Size target{130, 70};
          const std::string what = fmt::format("{} channels of {}x{}", channels, size.width, size.height);
          const core::Image u8 = noise(size, channels, core::Depth::kU8);
          expect_equal(warped(u8, matrix, target, border), warped_by_formula<std::uint8_t>(u8, matrix, target, border),
                       what);
          const core::Image f32 = noise(size, channels, core::Depth::kF32);
          expect_equal(warped(f32, matrix, target, border), warped_by_formula<float>(f32, matrix, target, border),
                       what);
          const core::Image f64 = noise(size, channels, core::Depth::kF64);
          expect_equal(warped(f64, matrix, target, border), warped_by_formula<double>(f64, matrix, target, border),
                       what);
        }
      }
    }
  }
}

TEST(WarpAffine, DoublesEqualTheSamplerOfOpenCv) {
  const core::Image in = noise({143, 101}, 3, core::Depth::kF64);
  for (const Border border : {Border::kConstant, Border::kReplicate}) {
    const core::Affine matrix{{0.83, -0.41, 33.3, 0.41, 0.83, -21.7}};
    core::Image expected({160, 120}, 3, core::Depth::kF64);
    cv::Mat target = as_mat(expected.view());
    cv::warpAffine(as_mat(in.view()), target, cv::Matx23d(matrix.m.data()), target.size(), cv::INTER_LINEAR,
                   border == Border::kConstant ? cv::BORDER_CONSTANT : cv::BORDER_REPLICATE);
    expect_equal(warped(in, matrix, {160, 120}, border), expected, "f64");
  }
}

TEST(WarpAffine, ReadsAndWritesViewsOfLargerPictures) {
  const core::Image whole = noise({90, 80}, 3, core::Depth::kU8);
  const core::ConstImageView part = whole.view().crop(11, 7, 40, 30);
  const core::Image copy = core::Image::copy_of(part);
  const core::Affine matrix{{1.3, 0.2, -3, -0.2, 1.3, 4}};
  core::Image canvas = core::Image::zeros(100, 100, 3);
  warp_affine(canvas.view().crop(5, 6, 50, 40), part, matrix, Border::kReplicate);
  expect_equal(canvas.view().crop(5, 6, 50, 40), warped(copy, matrix, {50, 40}, Border::kReplicate), "view");
  EXPECT_EQ(canvas.row<std::uint8_t>(10)[3 * 55], 0) << "a byte right of the view was written";
}

TEST(WarpAffine, SurvivesBrokenAndHugeMatrices) {
  const core::Image in = noise({20, 20}, 3, core::Depth::kU8);
  const double nan = std::nan("");
  const double huge = std::numeric_limits<double>::max();
  for (const core::Affine& matrix :
       {core::Affine{{nan, nan, nan, nan, nan, nan}}, core::Affine{{1e-30, 0, 1e30, 0, 1e-30, -1e30}},
        core::Affine{{huge, 0, huge, 0, huge, huge}}, core::Affine{}}) {
    for (const core::Depth depth : {core::Depth::kU8, core::Depth::kF32, core::Depth::kF64}) {
      warped(noise({20, 20}, 3, depth), matrix, {70, 9}, Border::kReplicate);
      warped(noise({20, 20}, 3, depth), matrix, {70, 9}, Border::kConstant);
    }
  }
}

TEST(WarpAffine, RefusesPicturesThatDoNotFit) {
  core::Image out(4, 4, 3);
  EXPECT_THROW(warp_affine(out, core::Image(4, 4, 1), {}, Border::kConstant), core::Error);
  EXPECT_THROW(warp_affine(out, core::Image(4, 4, 3, core::Depth::kF32), {}, Border::kConstant), core::Error);
  EXPECT_THROW(warp_affine(out, core::Image(0, 4, 3), {}, Border::kConstant), core::Error);
}

TEST(Resize, CopiesTheSameSizeAndRefusesZeroSides) {
  const core::Image in = noise({7, 5}, 3, core::Depth::kU8);
  core::Image same(in.size(), 3);
  resize(same, in);
  expect_equal(same, in, "copy");
  core::Image none(0, 5, 3);
  EXPECT_THROW(resize(none, in), core::Error);
  core::Image one(1, 1, 3);
  resize(one, in, Interpolation::kArea);
}

TEST(RestrictSize, ShrinksAsTheReferenceTruncates) {
  EXPECT_EQ(restrict_size({1280, 720}, {640, 640}), (core::Size{640, 360}));
  EXPECT_EQ(restrict_size({200, 100}, {640, 640}), (core::Size{200, 100}));
  for (const int width : {1077, 1162, 1212, 1263}) {
    EXPECT_EQ(restrict_size({width, 300}, {640, 640}).width, 639);
  }
  EXPECT_EQ(restrict_size({10000, 1}, {640, 640}).height, 0);
}

TEST(Fit, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/vision.npz");
  const core::Image frame = golden["in_frame"].image();
  core::Image contained(384, 384, 3);
  fit_contain(contained, frame);
  EXPECT_EQ(difference(contained, golden["out_contain@3"], 3).max, 0);
  core::Image covered;
  fit_cover(covered, frame, {300, 260});
  EXPECT_EQ(difference(covered, golden["out_cover@3"], 3).max, 0);
  core::Image restricted(restrict_size(frame.size(), {160, 160}), 3);
  resize(restricted, frame);
  EXPECT_EQ(difference(restricted, golden["out_restrict"]).max, 0);
}

// spec: analysis.md 14.2
TEST(Fit, ContainCentresWithBlackBars) {
  core::Image in(1280, 720, 3);
  std::memset(in.view().data, 255, in.bytes());
  core::Image out(448, 448, 3);
  fit_contain(out, in);
  EXPECT_EQ(out.row<std::uint8_t>(97)[0], 0);
  EXPECT_EQ(out.row<std::uint8_t>(98)[0], 255);
  EXPECT_EQ(out.row<std::uint8_t>(348)[0], 255);
  EXPECT_EQ(out.row<std::uint8_t>(349)[0], 0);
}

TEST(Fit, TakesAPictureOfOnePixel) {
  core::Image in(1, 1, 3);
  std::memset(in.view().data, 9, in.bytes());
  core::Image out(8, 6, 3);
  fit_contain(out, in);
  EXPECT_EQ(out.row<std::uint8_t>(3)[3 * 4], 9);
  core::Image covered;
  fit_cover(covered, in, {8, 6});
  EXPECT_EQ(covered.size(), (core::Size{8, 6}));
}

}  // namespace
}  // namespace facegraph::ops
