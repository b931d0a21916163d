#include "media/decode/frame_source.hpp"

#include <fmt/core.h>

#include "media/test_support.hpp"
#include "support/npz.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

class FrameSourceTest : public MediaTest {
 protected:
  // Every frame equals what `ffmpeg -vsync 0 -pix_fmt bgr24` gives.
  static void expect_equal_to_ffmpeg(const std::filesystem::path& file) {
    const auto expected = reference_frames(file);
    const auto frames = read_all(file);
    ASSERT_FALSE(frames.empty()) << file;
    ASSERT_EQ(frames.size() * frames[0].image.bytes(), expected.size()) << file;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const std::span part(expected.data() + i * frames[i].image.bytes(), frames[i].image.bytes());
      ASSERT_EQ(frames[i].number, static_cast<std::int64_t>(i));
      ASSERT_EQ(difference(bytes_of(frames[i].image), part).largest, 0) << file << " frame " << i;
    }
  }

  // Starting at frame N gives frames N, N+1, ... of a run from the beginning, with their numbers and times.
  static void expect_seek_exact(const std::filesystem::path& file, std::initializer_list<std::int64_t> starts) {
    const auto all = read_all(file);
    for (const std::int64_t start : starts) {
      const auto part = read_all(file, {start, start + 3});
      ASSERT_EQ(part.size(), std::min<std::size_t>(3, all.size() - static_cast<std::size_t>(start)))
          << file << " from " << start;
      for (std::size_t i = 0; i < part.size(); ++i) {
        const SourceFrame& expected = all[static_cast<std::size_t>(start) + i];
        ASSERT_EQ(part[i].number, expected.number);
        ASSERT_NEAR(part[i].time, expected.time, 1e-9);
        ASSERT_EQ(difference(bytes_of(part[i].image), bytes_of(expected.image)).largest, 0)
            << file << " frame " << part[i].number;
      }
    }
  }
};

constexpr const char* kMoving = "-f lavfi -i testsrc2=size=322x180:rate=25:duration=4";

struct Source {
  const char* name;
  const char* arguments;
};

std::string test_name(const testing::TestParamInfo<Source>& tested) {
  const std::filesystem::path name(tested.param.name);
  return fmt::format("{}_{}", name.stem().string(), name.extension().string().substr(1));
}

class DecodeFormats : public FrameSourceTest, public testing::WithParamInterface<Source> {};

TEST_P(DecodeFormats, EqualFfmpeg) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = path(GetParam().name);
  ffmpeg(fmt::format("{} -t 1 {} {}", kMoving, GetParam().arguments, quoted(file)));
  expect_equal_to_ffmpeg(file);
}

constexpr Source kDecoded[] = {
    {"h264.mp4", "-c:v libx264 -pix_fmt yuv420p -bf 3"},
    {"hi10.mkv", "-c:v libx264 -pix_fmt yuv420p10le"},
    {"422.mkv", "-c:v libx264 -pix_fmt yuv422p"},
    {"444.mp4", "-c:v libx264 -pix_fmt yuv444p"},
    {"full.mp4", "-c:v libx264 -pix_fmt yuvj420p"},
    {"gray.mkv", "-c:v ffv1 -pix_fmt gray"},
    {"odd420.mkv", "-c:v ffv1 -pix_fmt yuv420p -s 321x181"},
    {"odd422.mkv", "-c:v ffv1 -pix_fmt yuv422p10le -s 321x181"},
    {"one.mkv", "-c:v ffv1 -pix_fmt yuv420p -s 1x1"},
    {"yuva.mkv", "-c:v ffv1 -pix_fmt yuva420p"},
    {"rgb.mkv", "-c:v libx264rgb"},
    {"pal.gif", "-r 10"},
    {"709.mp4", "-c:v libx264 -pix_fmt yuv420p -vf scale=out_color_matrix=bt709 -colorspace bt709"},
    {"vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"},
    {"vp8.webm", "-c:v libvpx -deadline realtime -auto-alt-ref 1 -lag-in-frames 16"},
    {"hevc.mov", "-c:v libx265 -x265-params log-level=none -preset ultrafast"},
    {"mpeg4.avi", "-c:v mpeg4 -bf 2"},
    {"mjpeg.avi", "-c:v mjpeg"},
    {"mpeg2.mpeg", "-c:v mpeg2video -bf 2"},
    {"wmv2.wmv", "-c:v wmv2"},
    {"mpeg2.mxf", "-c:v mpeg2video"},
    {"m4v.m4v", "-c:v libx264 -pix_fmt yuv420p"},
    {"prores.mov", "-c:v prores_ks"},
    {"raw.264", "-c:v libx264 -pix_fmt yuv420p -bf 3"}};

INSTANTIATE_TEST_SUITE_P(All, DecodeFormats, testing::ValuesIn(kDecoded), test_name);

TEST_F(FrameSourceTest, ReferenceMediaEqualFfmpeg) {
  SKIP_WITHOUT_FFMPEG();
  FACEGRAPH_SHARED_OR_SKIP(shared);
  for (const char* name :
       {"golden/photos/clip.mp4", "media/Zhling_1280x720.mp4", "media/head-pose-face-detection-female.mp4",
        "media/classroom.gif", "media/Cisco_Men_whisper_640x320_CABAC_Bframe_9.264"}) {
    expect_equal_to_ffmpeg(shared / name);
  }
}

class SeekFormats : public FrameSourceTest, public testing::WithParamInterface<Source> {};

TEST_P(SeekFormats, EqualSequential) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = path(GetParam().name);
  ffmpeg(fmt::format("{} {} {}", kMoving, GetParam().arguments, quoted(file)));
  expect_seek_exact(file, {1, 5, 17, 29, 50, 51, 73, 97, 98, 99});
}

constexpr Source kSought[] = {
    {"closed.mp4", "-c:v libx264 -pix_fmt yuv420p -bf 3 -g 12"},
    {"open.mp4", "-c:v libx264 -pix_fmt yuv420p -x264-params open-gop=1:keyint=12:bframes=3:b-pyramid=normal"},
    {"refresh.mp4", "-c:v libx264 -pix_fmt yuv420p -x264-params intra-refresh=1:keyint=12"},
    {"open.mkv", "-c:v libx264 -pix_fmt yuv420p -x264-params open-gop=1:keyint=12:bframes=3"},
    {"fragment.mp4", "-c:v libx264 -pix_fmt yuv420p -bf 2 -g 12 -movflags frag_keyframe+empty_moov"},
    {"hevc.mov", "-c:v libx265 -x265-params log-level=none:keyint=12:open-gop=1 -preset ultrafast -bf 3"},
    {"vp8.webm", "-c:v libvpx -deadline realtime -auto-alt-ref 1 -lag-in-frames 16 -g 12"},
    {"vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 12"},
    {"mpeg4.avi", "-c:v mpeg4 -bf 2 -g 12"},
    {"mpeg2.mpeg", "-c:v mpeg2video -bf 2 -g 12"},
    {"raw.264", "-c:v libx264 -pix_fmt yuv420p -bf 3 -g 12"},
    {"pal.gif", "-s 64x36"},
    {"ts.mov", "-c:v libx264 -pix_fmt yuv420p -g 12 -vf setpts=PTS+3/TB -copyts"}};

INSTANTIATE_TEST_SUITE_P(All, SeekFormats, testing::ValuesIn(kSought), test_name);

TEST_F(FrameSourceTest, SeekInLongFileEqualsSequential) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const auto file = shared / "media/one-by-one-person-detection.mp4";
  const auto source = open_video(file, {});
  for (int i = 0; i < 701; ++i) {
    source->read();
  }
  const auto expected = source->read();
  const auto found = open_video(file, {701, 702})->read();
  ASSERT_TRUE(expected && found);
  EXPECT_EQ(found->number, 701);
  EXPECT_DOUBLE_EQ(found->time, expected->time);
  EXPECT_EQ(difference(bytes_of(found->image), bytes_of(expected->image)).largest, 0);
}

TEST_F(FrameSourceTest, EditListHidesLeadingFrames) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -c:v libx264 -pix_fmt yuv420p -g 50 {}", kMoving, quoted(path("whole.mp4"))));
  ffmpeg(fmt::format("-ss 0.5 -i {} -c copy {}", quoted(path("whole.mp4")), quoted(path("cut.mp4"))));
  expect_equal_to_ffmpeg(path("cut.mp4"));
  expect_seek_exact(path("cut.mp4"), {1, 12, 60, 80});
}

TEST_F(FrameSourceTest, RotationIsApplied) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -t 0.4 -c:v libx264 -pix_fmt yuv420p {}", kMoving, quoted(path("flat.mp4"))));
  for (const int angle : {90, 180, 270}) {
    const auto file = path(fmt::format("turned{}.mp4", angle));
    ffmpeg(fmt::format("-i {} -c copy -metadata:s:v:0 rotate={} {}", quoted(path("flat.mp4")), angle, quoted(file)));
    const VideoInfo info = probe_video(file);
    // FFmpeg 5.1 writes the tag's angle counterclockwise.
    EXPECT_EQ(info.rotation, 360 - angle);
    EXPECT_EQ(info.size, (angle == 180 ? core::Size{322, 180} : core::Size{180, 322}));
    EXPECT_EQ(read_all(file).at(0).image.size(), info.size);
    expect_equal_to_ffmpeg(file);
  }
}

TEST_F(FrameSourceTest, VariableRateKeepsTimes) {
  SKIP_WITHOUT_FFMPEG();
  // Every third frame is left out: steps of 1/25 and 2/25 s.
  ffmpeg(fmt::format("{} -vf \"select='mod(n,3)'\" -vsync vfr -c:v libx264 -pix_fmt yuv420p {}", kMoving,
                     quoted(path("vfr.mp4"))));
  const VideoInfo info = probe_video(path("vfr.mp4"));
  EXPECT_TRUE(info.variable_frame_rate);
  const auto frames = read_all(path("vfr.mp4"));
  ASSERT_EQ(frames.size(), 66U);
  EXPECT_EQ(info.frame_total, 66);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const double expected = (static_cast<double>(i / 2) * 3 + static_cast<double>(i % 2)) / 25;
    ASSERT_NEAR(frames[i].time, expected, 1e-4) << i;
  }
  expect_seek_exact(path("vfr.mp4"), {1, 33, 65});
}

// A grey ramp at known light levels, coded with the HDR curve, must come out at the levels that an SDR screen shows
// them with.
TEST_F(FrameSourceTest, HdrBecomesSdr) {
  SKIP_WITHOUT_FFMPEG();
  struct Patch {
    const char* transfer;
    int luma;      // 10 bit limited
    int expected;  // 8-bit full-range grey of BT.709
  };
  // PQ 203 nits = 58.1 % of the signal, rolled off from a peak of 1000 nits; 24 nits = 37.4 %: untouched,
  // 255 * OETF(24.4 / 203) = 83. HLG 75 % is its reference white, 203 nits on a display of 1000 nits.
  for (const Patch& patch : {Patch{"smpte2084", 573, 226}, Patch{"smpte2084", 392, 83}, Patch{"smpte2084", 64, 0},
                             Patch{"smpte2084", 940, 255}, Patch{"arib-std-b67", 721, 226},
                             Patch{"arib-std-b67", 940, 255}, Patch{"arib-std-b67", 64, 0}}) {
    const auto file = path("hdr.mkv");
    ffmpeg(fmt::format(
        "-f lavfi -i \"color=black:size=64x64:rate=25:duration=0.2,format=yuv420p10le,geq=lum={}:cb=512:cr=512\" -c:v "
        "ffv1 "
        "-color_trc {} -color_primaries bt2020 -colorspace bt2020nc -color_range tv {}",
        patch.luma, patch.transfer, quoted(file)));
    const auto frames = read_all(file);
    ASSERT_EQ(frames.size(), 5U);
    for (const std::uint8_t value : bytes_of(frames[2].image)) {
      ASSERT_NEAR(value, patch.expected, 2) << patch.transfer << " " << patch.luma;
    }
  }
}

TEST_F(FrameSourceTest, HdrColoursKeepTheirHue) {
  SKIP_WITHOUT_FFMPEG();
  // BT.709 red at a quarter of the SDR white, written in BT.2020 PQ (computed with ITU-R BT.2087 and ST 2084): R'G'B' =
  // 0.399 0.256 0.179.
  const auto file = path("red.mkv");
  ffmpeg(
      fmt::format("-f lavfi -i \"color=black:size=64x64:rate=25:duration=0.2,format=gbrp16le,geq=r={}:g={}:b={}\" -c:v "
                  "ffv1 -pix_fmt gbrp16le "
                  "-color_trc smpte2084 -color_primaries bt2020 {}",
                  26175, 16780, 11729, quoted(file)));
  const auto frames = read_all(file);
  ASSERT_FALSE(frames.empty());
  const auto pixel = bytes_of(frames[0].image).first(3);
  EXPECT_NEAR(pixel[2], 125, 6);
  EXPECT_LT(pixel[1], 16);
  EXPECT_LT(pixel[0], 16);
}

TEST_F(FrameSourceTest, SamplingGivesEveryNthFrameOfTheFile) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = path("sampled.mkv");
  ffmpeg(fmt::format("{} -t 1 -c:v ffv1 {}", kMoving, quoted(file)));
  const auto all = read_all(file);
  const auto sampled = read_all(file, {.start = 3, .end = 20, .every = 7});
  ASSERT_EQ(sampled.size(), 2U);
  for (std::size_t i = 0; i < sampled.size(); ++i) {
    EXPECT_EQ(sampled[i].number, static_cast<std::int64_t>(7 * (i + 1)));
    EXPECT_EQ(difference(bytes_of(sampled[i].image), bytes_of(all.at(7 * (i + 1)).image)).largest, 0);
  }
}

TEST_F(FrameSourceTest, SingleFrames) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = path("clip.mp4");
  ffmpeg(fmt::format("{} -t 1 -c:v libx264 -pix_fmt yuv420p {}", kMoving, quoted(file)));
  const auto all = read_all(file);
  EXPECT_EQ(difference(bytes_of(read_video_frame(file, 12)), bytes_of(all[12].image)).largest, 0);
  EXPECT_EQ(difference(bytes_of(read_video_frame(file, -3)), bytes_of(all[0].image)).largest, 0);
  EXPECT_EQ(difference(bytes_of(read_video_frame(file, 1000)), bytes_of(all[24].image)).largest, 0);
  EXPECT_TRUE(read_all(file, {30, std::nullopt}).empty());
  EXPECT_TRUE(read_all(file, {5, 5}).empty());
}

TEST_F(FrameSourceTest, CutOffFileEndsWithOneWarning) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = path("clip.mp4");
  ffmpeg(fmt::format("{} -c:v libx264 -pix_fmt yuv420p -movflags +faststart {}", kMoving, quoted(file)));
  const auto bytes = read_file(file);
  write_file(path("cut.mp4"), std::span(bytes).first(bytes.size() / 2));
  const auto frames = read_all(path("cut.mp4"));
  EXPECT_GT(frames.size(), 10U);
  EXPECT_LT(frames.size(), 90U);
  ASSERT_EQ(warnings().size(), 1U);
  EXPECT_NE(warnings()[0].find("cut.mp4"), std::string::npos) << warnings()[0];
}

TEST_F(FrameSourceTest, FileWithoutDecodableFrameFails) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = path("clip.mp4");
  ffmpeg(fmt::format("{} -t 1 -c:v libx264 -pix_fmt yuv420p -movflags +faststart {}", kMoving, quoted(file)));
  const auto bytes = read_file(file);
  const std::string box = "mdat";
  const auto data = std::search(bytes.begin(), bytes.end(), box.begin(), box.end()) - bytes.begin();
  write_file(path("cut.mp4"), std::span(bytes).first(static_cast<std::size_t>(data) + 4));
  EXPECT_NE(error_of([&] { read_all(path("cut.mp4")); }).find("cut.mp4"), std::string::npos);
}

TEST_F(FrameSourceTest, AnyFileNameWorks) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -t 0.2 -c:v libx264 -pix_fmt yuv420p {}", kMoving, quoted(path("clip.mp4"))));
  for (const char* name :
       {"with space %03d.mp4", "\xFF\xFEname.mp4", "http:colon.mp4", "\xE7\x9B\xAE\xE6\xA0\x87.mp4", "quote'\".mp4"}) {
    std::filesystem::copy_file(path("clip.mp4"), path(name));
    EXPECT_EQ(read_all(path(name)).size(), 5U) << name;
  }
}

}  // namespace
}  // namespace facegraph::media
