#include "media/filter/scaler.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "media/image/image_file.hpp"
#include "media/media.hpp"
#include "media/test_support.hpp"
#include "ops/colour/yuv.hpp"
#include "support/npz.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

// What swscale makes of a picture that keeps its size, as the scale filter sets it.
core::Image by_swscale(const core::Image& bgr) {
  const core::Size size = bgr.size();
  const ScaleContextPtr context(sws_getContext(size.width, size.height, AV_PIX_FMT_BGR24, size.width, size.height,
                                               AV_PIX_FMT_YUV420P, SWS_BICUBIC, nullptr, nullptr, nullptr));
  const int* matrix = sws_getCoefficients(SWS_CS_DEFAULT);
  sws_setColorspaceDetails(context.get(), matrix, 0, sws_getCoefficients(AVCOL_SPC_BT709), 0, 0, 1 << 16, 1 << 16);
  const FramePtr from = as_frame(bgr);
  const FramePtr padded = make_picture(AV_PIX_FMT_YUV420P, size.width, size.height);  // it writes beyond rows
  sws_scale(context.get(), from->data, from->linesize, 0, size.height, padded->data, padded->linesize);
  core::Image out(ops::i420_size(size), 1);
  const FramePtr planes = as_frame(out);
  check(av_frame_copy(planes.get(), padded.get()), "copy");
  return out;
}

core::Image noise(core::Size size) {
  core::Image image(size, 3);
  std::uint32_t state = 12345;
  for (std::size_t i = 0; i < image.bytes(); ++i) {
    state = state * 1664525U + 1013904223U;
    image.view().data[i] = static_cast<std::byte>(state >> 24U);
  }
  return image;
}

// Every value of a channel beside others that rise in other ways.
core::Image gradient(core::Size size) {
  core::Image image(size, 3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      auto* pixel = image.row<std::uint8_t>(y) + 3 * x;
      pixel[0] = static_cast<std::uint8_t>(x);
      pixel[1] = static_cast<std::uint8_t>(y);
      pixel[2] = static_cast<std::uint8_t>((x + 3 * y) / 4);
    }
  }
  return image;
}

void expect_equal(const core::Image& bgr, const std::string& what) {
  core::Image found(ops::i420_size(bgr.size()), 1);
  ops::bgr_to_yuv420(ops::i420_planes(found), bgr);
  const Difference off = difference(bytes_of(found), bytes_of(by_swscale(bgr)));
  EXPECT_EQ(off.largest, 0) << what << " " << bgr.width() << "x" << bgr.height() << ", mean " << off.mean;
}

// Of FFmpeg 5.1 and x86: others have other converters.
class BgrToYuv420 : public testing::Test {
 protected:
  void SetUp() override {
#if !defined(__x86_64__)
    GTEST_SKIP() << "swscale's converter of x86";
#endif
  }
};

TEST_F(BgrToYuv420, EqualsSwscale) {
  for (const core::Size size : {core::Size{2, 2},
                                {4, 8},
                                {64, 2},
                                {64, 4},
                                {6, 6},
                                {36, 20},
                                {160, 90},
                                {642, 38},
                                {646, 66},
                                {1280, 720},
                                {1920, 1080}}) {
    expect_equal(noise(size), "noise");
    expect_equal(gradient(size), "gradient");
  }
}

TEST_F(BgrToYuv420, EqualsSwscaleOnPhotographs) {
  std::vector<std::filesystem::path> folders{FACEGRAPH_SAMPLES};
  if (const auto shared = facegraph::test::shared_folder()) {
    folders.push_back(*shared / "golden" / "photos");
  }
  int seen = 0;
  for (const auto& folder : folders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (kind_of(entry.path()) == MediaKind::kImage) {
        const core::Image photo = read_image(entry.path(), ReadMode::kColour);
        expect_equal(scale_image(photo, {photo.width() / 2 * 2, photo.height() / 2 * 2}), entry.path().filename());
        ++seen;
      }
    }
  }
  EXPECT_GT(seen, 2);
}

}  // namespace
}  // namespace facegraph::media
