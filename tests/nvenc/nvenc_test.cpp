// NVENC as a job uses it, on a library that only seems to be NVIDIA's: frames, times, options and tags are what
// FFmpeg's own NVENC encoder makes of ours.
#include <cmath>
#include <cstring>

#include "fake_nvenc.hpp"
#include "media/decode/frame_source.hpp"
#include "media/encode/frame_sink.hpp"
#include "media/test_support.hpp"
#include "ops/colour/yuv.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;
using facegraph::test::nvenc_seen;

constexpr core::Size kSize{320, 180};
constexpr int kFrames = 20;

class Nvenc : public MediaTest {
 protected:
  VideoSettings settings() const {
    VideoSettings video;
    video.path = path("out.mp4");
    video.size = kSize;
    video.frame_rate = {30000, 1001};
    video.encoder = "h264_nvenc";
    video.quality = 80;
    return video;
  }
};

core::Image planes_of(const core::Image& picture) {
  core::Image planes(ops::i420_size(picture.size()), 1);
  ops::bgr_to_yuv420(ops::i420_planes(planes), picture);
  return planes;
}

TEST_F(Nvenc, EncodesWhatLeavesAGpuAndWhatTheHostHas) {
  check_hardware(settings());
  EXPECT_EQ(nvenc_seen().sessions, 0);
  ASSERT_TRUE(takes_i420(settings()));
  const double step = 1001 / 30000.0;
  {
    const auto sink = create_video(settings());
    EXPECT_EQ(nvenc_seen().sessions, 1);
    for (int i = 0; i < kFrames; ++i) {
      const core::Image picture = pattern(kSize.width, kSize.height, 3, 4 * i);
      if (i == 7) {
        sink->write(picture, i * step);
      } else {
        sink->write(planes_of(picture), i * step);
      }
    }
    sink->finish();
  }
  EXPECT_EQ(nvenc_seen().sessions, 0);
  EXPECT_EQ(nvenc_seen().target_quality, 10);
  EXPECT_TRUE(nvenc_seen().is_planar);
  const core::Image first = planes_of(pattern(kSize.width, kSize.height, 3, 0));
  ASSERT_EQ(nvenc_seen().first_frame.size(), first.bytes());
  EXPECT_EQ(std::memcmp(nvenc_seen().first_frame.data(), first.view().data, first.bytes()), 0);
  ASSERT_EQ(nvenc_seen().times.size(), std::size_t{kFrames});
  EXPECT_TRUE(std::is_sorted(nvenc_seen().times.begin(), nvenc_seen().times.end()));

  const auto frames = read_all(path("out.mp4"));
  ASSERT_EQ(frames.size(), std::size_t{kFrames});
  for (int i = 0; i < kFrames; ++i) {
    const SourceFrame& frame = frames[static_cast<std::size_t>(i)];
    EXPECT_NEAR(frame.time, i * step, 1e-6);
    EXPECT_LT(difference(bytes_of(frame.image), bytes_of(pattern(kSize.width, kSize.height, 3, 4 * i))).mean, 4) << i;
  }
}

TEST_F(Nvenc, TagsItsFile) {
  SKIP_WITHOUT_FFMPEG();
  {
    const auto sink = create_video(settings());
    sink->write(planes_of(pattern(kSize.width, kSize.height)), 0);
    sink->finish();
  }
  EXPECT_EQ(ffprobe(path("out.mp4"), "v:0", "codec_tag_string"), "avc1");
  EXPECT_EQ(ffprobe(path("out.mp4"), "v:0", "color_space"), "bt709");
}

}  // namespace
}  // namespace facegraph::media
