#include "media/encode/frame_sink.hpp"

#include <cmath>
#include <csignal>
#include <vector>

#include <fmt/core.h>
#include <sys/resource.h>

#include "media/image/image_file.hpp"
#include "media/media.hpp"
#include "media/test_support.hpp"
#include "ops/colour/yuv.hpp"

// libx265 3.5 loses some of its own tables when it is closed.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libx265";
}

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

class FrameSinkTest : public MediaTest {
 protected:
  static VideoSettings settings(const std::filesystem::path& file, int width = 160, int height = 90) {
    VideoSettings out;
    out.path = file;
    out.size = {width, height};
    out.frame_rate = {25, 1};
    out.preset = "ultrafast";
    return out;
  }

  static void write_frames(const VideoSettings& settings, int count, double rate = 25) {
    const auto sink = create_video(settings);
    for (int i = 0; i < count; ++i) {
      sink->write(pattern(settings.size.width, settings.size.height, 3, i), i / rate);
    }
    sink->finish();
  }
};

struct Container {
  std::string format;
  std::string encoder;
};

class Containers : public FrameSinkTest, public testing::WithParamInterface<Container> {};

// Spec 11.9: every container with every encoder that FFmpeg has; the result is read back and looks like what was
// written.
TEST_P(Containers, WriteAndReadBack) {
  const auto& [format, encoder] = GetParam();
  const auto file = path("out." + format);
  VideoSettings video = settings(file);
  video.encoder = encoder;
  video.quality = 90;
  write_frames(video, 30);
  EXPECT_EQ(files_in_folder(), 1U);
  EXPECT_TRUE(warnings().empty());
  const VideoInfo info = probe_video(file);
  EXPECT_EQ(info.size, (core::Size{160, 90}));
  EXPECT_NEAR(info.frame_rate.value(), 25, 1e-6);
  const auto frames = read_all(file);
  ASSERT_EQ(frames.size(), 30U);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_NEAR(frames[i].time, static_cast<double>(i) / 25, 0.0011);
    EXPECT_LT(difference(bytes_of(frames[i].image), bytes_of(pattern(160, 90, 3, static_cast<int>(i)))).mean, 4) << i;
  }
  if (has_ffmpeg() && substitute_video_encoder(format, encoder) != "rawvideo" && format != "gif") {
    EXPECT_NEAR(std::stod(ffprobe(file, "", "duration")), 1.2, format == "mpeg" ? 0.05 : 0.002);
    const std::string transfer = ffprobe(file, "v:0", "color_transfer");
    EXPECT_TRUE(transfer == "bt709" || format == "avi") << transfer;
  }
}

std::vector<Container> all_containers() {
  std::vector<Container> all;
  for (const char* format : {"avi", "m4v", "mkv", "mov", "mp4", "mpeg", "mxf", "webm", "wmv", "gif"}) {
    for (const std::string& encoder : available_video_encoders()) {
      const bool software = encoder.starts_with("lib") || encoder == "rawvideo";
      const bool used = substitute_video_encoder(format, encoder) == encoder || encoder == "libx264";
      if (software && used && (std::string(format) != "gif" || encoder == "libx264")) {
        all.push_back({format, encoder});
      }
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, Containers, testing::ValuesIn(all_containers()), [](const auto& tested) {
  std::string name = fmt::format("{}_{}", tested.param.format, tested.param.encoder);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// Losslessly coded, the frames must be what `ffmpeg -vf scale=out_color_matrix=bt709:out_range=tv,...` makes of the
// same pictures.
TEST_F(FrameSinkTest, ColoursEqualFfmpeg) {
  SKIP_WITHOUT_FFMPEG();
  for (const core::Size output : {core::Size{160, 90}, core::Size{80, 46}, core::Size{162, 120}}) {
    VideoSettings video = settings(path("ours.mp4"), output.width, output.height);
    video.quality = 100;
    const auto sink = create_video(video);
    std::vector<std::uint8_t> raw;
    for (int i = 0; i < 5; ++i) {
      const core::Image frame = pattern(160, 90, 3, i);
      sink->write(frame, i / 25.0);
      raw.insert(raw.end(), bytes_of(frame).begin(), bytes_of(frame).end());
    }
    sink->finish();
    write_file(path("frames.raw"), raw);
    // One filter thread: with more, FFmpeg 5.1 leaves seams in the chroma between the slices.
    ffmpeg(
        fmt::format("-filter_threads 1 -f rawvideo -pix_fmt bgr24 -s 160x90 -r 25 -i {} -s {}x{} -c:v libx264 -crf 0 "
                    "-preset ultrafast -vf "
                    "fps=25,scale=out_color_matrix=bt709:out_range=tv,setparams=colorspace=bt709:color_primaries=bt709:"
                    "color_trc=bt709 "
                    "-pix_fmt yuv420p {}",
                    quoted(path("frames.raw")), output.width, output.height, quoted(path("theirs.mp4"))));
    const auto yuv = [](const std::filesystem::path& file) {
      return output_of("ffmpeg -nostdin -loglevel error -i " + quoted(file) + " -f rawvideo -");
    };
    const auto ours = yuv(path("ours.mp4"));
    const auto theirs = yuv(path("theirs.mp4"));
    ASSERT_FALSE(ours.empty());
    // Scaled frames come from swscale, unscaled ones from ops::bgr_to_yuv420.
    EXPECT_EQ(ours, theirs) << output.width;
    constexpr const char* kFacts =
        "color_space,color_range,color_primaries,color_transfer,pix_fmt,nb_frames,r_frame_rate";
    EXPECT_EQ(ffprobe(path("ours.mp4"), "v:0", kFacts), ffprobe(path("theirs.mp4"), "v:0", kFacts));
  }
}

// Planes in the middle of BGR frames, as where a frame of a GPU passes unchanged: the file is the same.
TEST_F(FrameSinkTest, PlanesGiveTheFileOfTheirPictures) {
  for (const std::string encoder : {"libx264", "libx265", "libvpx-vp9"}) {
    VideoSettings video = settings(path("pictures.mkv"));
    video.encoder = encoder;
    ASSERT_TRUE(takes_i420(video));
    write_frames(video, 12);
    video.path = path("planes.mkv");
    const auto sink = create_video(video);
    for (int i = 0; i < 12; ++i) {
      const core::Image frame = pattern(160, 90, 3, i);
      if (i == 5) {
        sink->write(frame, i / 25.0);
        continue;
      }
      core::Image planes(ops::i420_size(frame.size()), 1);
      ops::bgr_to_yuv420(ops::i420_planes(planes), frame);
      sink->write(planes, i / 25.0);
    }
    sink->finish();
    const auto expected = read_all(path("pictures.mkv"));
    const auto found = read_all(path("planes.mkv"));
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].time, expected[i].time);
      EXPECT_EQ(difference(bytes_of(found[i].image), bytes_of(expected[i].image)).largest, 0) << encoder << " " << i;
    }
  }
}

TEST_F(FrameSinkTest, PlanesAreForEncodersOf420) {
  VideoSettings video = settings(path("out.mp4"));
  EXPECT_TRUE(takes_i420(video));
  video.encoder = "h264_nvenc";
  EXPECT_TRUE(takes_i420(video));
  for (const char* encoder : {"libx264rgb", "h264_qsv"}) {
    video.encoder = encoder;
    EXPECT_FALSE(takes_i420(video)) << encoder;
  }
  video.path = path("out.webm");
  EXPECT_TRUE(takes_i420(video));  // what the container substitutes counts
  video.alpha = true;
  EXPECT_FALSE(takes_i420(video));
  video = settings(path("out.gif"));
  EXPECT_FALSE(takes_i420(video));
  video = settings(path("out.mp4"));
  video.rounded_colours = true;
  EXPECT_FALSE(takes_i420(video));
  EXPECT_FALSE(takes_i420(settings(path("out.mp4"), 161, 90)));
}

// spec D1: the number of frames follows the time, not the input's count.
TEST_F(FrameSinkTest, OutputRateDropsAndRepeatsByTime) {
  struct Row {
    double input_rate;
    Rational output_rate;
    int input_frames;
    std::size_t output_frames;
  };
  for (const Row& row :
       {Row{25, {25, 2}, 50, 25}, Row{25, {50, 1}, 50, 100}, Row{25, {30, 1}, 270, 324}, Row{30, {25, 1}, 30, 25},
        Row{25, {25, 1}, 1, 1}, Row{24000 / 1001.0, {24000, 1001}, 48, 48}}) {
    const auto file = path("out.mp4");
    VideoSettings video = settings(file, 64, 36);
    video.frame_rate = row.output_rate;
    video.frame_duration = 1 / row.input_rate;
    video.quality = 95;
    write_frames(video, row.input_frames, row.input_rate);
    const auto frames = read_all(file);
    EXPECT_EQ(frames.size(), row.output_frames);
    const double seconds = row.input_frames / row.input_rate;
    EXPECT_NEAR(probe_video(file).duration, seconds, 0.021);
    EXPECT_EQ(probe_video(file).frame_rate.num * row.output_rate.den,
              row.output_rate.num * probe_video(file).frame_rate.den);
  }
}

TEST_F(FrameSinkTest, OneFrameAtTwiceTheRateIsTwoFrames) {
  VideoSettings video = settings(path("out.mp4"), 64, 36);
  video.frame_rate = {50, 1};
  video.frame_duration = 0.04;
  write_frames(video, 1);
  EXPECT_EQ(read_all(path("out.mp4")).size(), 2U);
}

// What is allocated next holds numbers.
void soil_memory() {
  std::vector<std::vector<std::uint32_t>> blocks;
  for (std::size_t words = 4; words < (std::size_t{1} << 18U); words += words / 4) {
    for (int i = 0; i < 20; ++i) {
      blocks.emplace_back(words, 0x33U);
    }
  }
}

// Of a film with fewer frames than it reorders libx265 3.5 gives as times of decoding what its memory holds.
TEST_F(FrameSinkTest, AFewFramesOfLibx265HaveTheirTimes) {
  SKIP_WITHOUT_FFMPEG();
  for (const char* name : {"out.mov", "out.mkv"}) {
    for (const int count : {1, 2, 3, 5}) {
      SCOPED_TRACE(fmt::format("{} of {} frames", name, count));
      soil_memory();
      VideoSettings video = settings(path(name));
      video.encoder = "libx265";
      write_frames(video, count);
      const std::vector<SourceFrame> frames = read_all(video.path);
      ASSERT_EQ(frames.size(), static_cast<std::size_t>(count));
      for (int i = 0; i < count; ++i) {
        EXPECT_NEAR(frames[static_cast<std::size_t>(i)].time, i / 25.0, 0.001);
      }
    }
  }
}

TEST_F(FrameSinkTest, VariableRateKeepsTimes) {
  const std::vector<double> times = {0, 0.04, 0.2, 0.2334, 0.5, 1.01};
  for (const char* format : {"mp4", "mkv", "mov", "webm"}) {
    VideoSettings video = settings(path(std::string("out.") + format), 64, 36);
    video.constant_rate = false;
    const auto sink = create_video(video);
    for (std::size_t i = 0; i < times.size(); ++i) {
      sink->write(pattern(64, 36, 3, static_cast<int>(i) * 20), times[i]);
    }
    sink->finish();
    const auto frames = read_all(video.path);
    ASSERT_EQ(frames.size(), times.size()) << format;
    for (std::size_t i = 0; i < times.size(); ++i) {
      EXPECT_NEAR(frames[i].time, times[i], 0.0011) << format;
    }
    EXPECT_NEAR(probe_video(video.path).duration, 1.52, 0.005) << format;
  }
}

TEST_F(FrameSinkTest, VariableRateBecomesConstantWhereTheContainerNeedsIt) {
  VideoSettings video = settings(path("out.avi"), 64, 36);
  video.constant_rate = false;
  const auto sink = create_video(video);
  for (const double time : {0.0, 0.2, 0.24}) {
    sink->write(pattern(64, 36), time);
  }
  sink->finish();
  EXPECT_EQ(read_all(path("out.avi")).size(), 7U);
}

TEST_F(FrameSinkTest, FramesOfAnotherSizeAreScaled) {
  const auto sink = create_video(settings(path("out.mp4"), 160, 90));
  sink->write(pattern(320, 180), 0);
  sink->write(pattern(81, 47), 0.04);
  sink->finish();
  const auto frames = read_all(path("out.mp4"));
  ASSERT_EQ(frames.size(), 2U);
  for (const auto& frame : frames) {
    ASSERT_EQ(frame.image.size(), (core::Size{160, 90}));
    EXPECT_LT(difference(bytes_of(frame.image), bytes_of(pattern(160, 90))).mean, 40);
  }
  EXPECT_LT(difference(bytes_of(frames[0].image), bytes_of(frames[1].image)).mean, 40);
}

TEST_F(FrameSinkTest, AlphaGoesIntoVp9) {
  SKIP_WITHOUT_FFMPEG();
  VideoSettings video = settings(path("out.webm"), 64, 36);
  video.encoder = "libvpx-vp9";
  video.alpha = true;
  video.quality = 95;
  const auto sink = create_video(video);
  for (int i = 0; i < 5; ++i) {
    sink->write(pattern(64, 36, 4), i / 25.0);
  }
  sink->finish();
  const auto bgra = output_of("ffmpeg -nostdin -loglevel error -c:v libvpx-vp9 -i " + quoted(path("out.webm")) +
                              " -frames:v 1 -f rawvideo -pix_fmt bgra -");
  const core::Image expected = pattern(64, 36, 4);
  ASSERT_EQ(bgra.size(), expected.bytes());
  double mean = 0;
  for (std::size_t i = 3; i < bgra.size(); i += 4) {
    mean += std::abs(int{bgra[i]} - int{bytes_of(expected)[i]});
  }
  EXPECT_LT(mean * 4 / static_cast<double>(bgra.size()), 3);
}

TEST_F(FrameSinkTest, Hvc1AndFaststart) {
  VideoSettings video = settings(path("out.mp4"));
  video.encoder = "libx265";
  write_frames(video, 3);
  const auto bytes = read_file(path("out.mp4"));
  const std::string text(bytes.begin(), bytes.end());
  EXPECT_NE(text.find("hvc1"), std::string::npos);
  EXPECT_LT(text.find("moov"), text.find("mdat"));
}

TEST_F(FrameSinkTest, GifHasGoodColoursAndItsRate) {
  VideoSettings video = settings(path("out.gif"), 120, 80);
  video.frame_rate = {10, 1};
  write_frames(video, 12, 10);
  const auto frames = read_all(path("out.gif"));
  ASSERT_EQ(frames.size(), 12U);
  EXPECT_LT(difference(bytes_of(frames[11].image), bytes_of(pattern(120, 80, 3, 11))).mean, 6);
  EXPECT_NEAR(frames[11].time, 1.1, 1e-6);
}

TEST_F(FrameSinkTest, NothingIsLeftWithoutFinish) {
  {
    const auto sink = create_video(settings(path("out.mp4")));
    sink->write(pattern(160, 90), 0);
    EXPECT_EQ(files_in_folder(), 1U);
    EXPECT_FALSE(std::filesystem::exists(path("out.mp4")));
  }
  EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(FrameSinkTest, ExistingFileStaysUntilTheNewOneIsComplete) {
  write_file(path("out.mp4"), std::vector<std::uint8_t>{1, 2, 3});
  {
    const auto sink = create_video(settings(path("out.mp4")));
    sink->write(pattern(160, 90), 0);
  }
  EXPECT_EQ(read_file(path("out.mp4")).size(), 3U);
}

TEST_F(FrameSinkTest, BadSettingsGiveOneLine) {
  EXPECT_NE(error_of([&] { create_video(settings(path("absent/out.mp4"))); }).find("absent"), std::string::npos);
  EXPECT_NE(error_of([&] { create_video(settings(path("out.xyz"))); }).find("xyz"), std::string::npos);
  VideoSettings video = settings(path("out.mp4"));
  video.encoder = "h264_unknown";
  const std::string text = error_of([&] { create_video(video); });
  EXPECT_NE(text.find("h264_unknown"), std::string::npos);
  EXPECT_NE(text.find("libx264"), std::string::npos);
  std::filesystem::create_directories(path("folder.mp4"));
  EXPECT_NE(error_of([&] { create_video(settings(path("folder.mp4"))); }).find("is a folder"), std::string::npos);
  EXPECT_EQ(files_in_folder(), 1U);
}

TEST_F(FrameSinkTest, FullDiskGivesOneLineAndNoFile) {
  // A limit on the size of files stands for the full disk: writes fail with EFBIG.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{20000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  VideoSettings video = settings(path("out.mkv"));
  video.quality = 100;
  const std::string text = error_of([&] { write_frames(video, 300); });
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_NE(text.find("out.mkv: cannot be written: File too large"), std::string::npos) << text;
  EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(FrameSinkTest, AnyFileNameWorks) {
  for (const char* name :
       {"with space %03d.mp4", "\xFF\xFEname.mp4", "http:colon.mp4", "\xE7\x9B\xAE\xE6\xA0\x87.MP4"}) {
    write_frames(settings(path(name), 64, 36), 3);
    EXPECT_TRUE(std::filesystem::is_regular_file(path(name))) << name;
  }
  EXPECT_EQ(files_in_folder(), 4U);
}

TEST_F(FrameSinkTest, EncoderTimeIsMeasured) {
  VideoSettings video = settings(path("out.mp4"), 640, 360);
  video.preset = "slow";
  const auto sink = create_video(video);
  for (int i = 0; i < 60; ++i) {
    sink->write(pattern(640, 360, 3, 9 * i), i / 25.0);
  }
  sink->finish();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  EXPECT_GT(sink->encoder_seconds(), 0.05);
  EXPECT_LT(sink->encoder_seconds(), static_cast<double>(usage.ru_utime.tv_sec + 1));
}

}  // namespace
}  // namespace facegraph::media
