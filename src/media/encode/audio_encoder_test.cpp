#include "media/encode/audio_encoder.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/core.h>

#include "media/encode/frame_sink.hpp"
#include "media/test_support.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

constexpr int kRate = 48000;
constexpr double kFrame = 0.04;

// Once a second, at 0.52 s (frame 13): a white frame and a tone that begins with it.
constexpr const char* kFlashes =
    "-f lavfi -i "
    "\"color=black:size=64x64:rate=25:duration=4,drawbox=enable='between(mod(t,1),0.519,0.55)':c=white:t=fill\" "
    "-f lavfi -i \"aevalsrc='if(between(mod(t,1),0.52,0.57),0.9*sin(2*PI*1000*t),0)':s=48000:d=4\" ";

class AudioTest : public MediaTest {
 protected:
  // Frames of the source, written with the sound that belongs to them.
  static void copy_with_sound(const std::filesystem::path& source, const std::filesystem::path& target,
                              const AudioSettings& audio, std::int64_t start = 0,
                              std::optional<std::int64_t> end = std::nullopt) {
    VideoSettings video;
    video.path = target;
    video.size = probe_video(source).size;
    video.frame_rate = {25, 1};
    video.preset = "ultrafast";
    video.audio = audio;
    const auto sink = create_video(video);
    const auto frames = open_video(source, {start, end});
    std::optional<double> first;
    while (const auto frame = frames->read()) {
      first = first.value_or(frame->time);
      sink->write(frame->image, frame->time - *first);
    }
    sink->finish();
  }

  static AudioSettings sound(const std::filesystem::path& source, double start = 0, const std::string& encoder = "") {
    AudioSettings audio;
    audio.path = source;
    audio.start = start;
    audio.encoder = encoder;
    return audio;
  }

  static std::vector<double> flash_times(const std::filesystem::path& file) {
    std::vector<double> times;
    bool white = false;
    for (const SourceFrame& frame : read_all(file)) {
      const bool now = bytes_of(frame.image)[0] > 128;
      if (now && !white) {
        times.push_back(frame.time);
      }
      white = now;
    }
    return times;
  }

  // Samples on the file's clock: the container's offsets are filled with silence.
  static std::vector<float> samples_of(const std::filesystem::path& file) {
    const auto bytes = output_of("ffmpeg -nostdin -loglevel error -i " + quoted(file) +
                                 " -vn -af aresample=async=1:first_pts=0 -ac 1 -ar 48000 -f f32le -");
    std::vector<float> samples(bytes.size() / sizeof(float));
    std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(float));
    return samples;
  }

  static std::vector<double> tone_times(const std::vector<float>& samples) {
    std::vector<double> times;
    std::size_t quiet = kRate;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (std::abs(samples[i]) < 0.2F) {
        ++quiet;
        continue;
      }
      if (quiet > kRate / 5) {
        times.push_back(static_cast<double>(i) / kRate);
      }
      quiet = 0;
    }
    return times;
  }

  static void expect_in_sync(const std::filesystem::path& file, std::size_t flashes, double limit = 0.011) {
    auto pictures = flash_times(file);
    // Some containers have no negative times and start the video later by the sound encoder's delay.
    const double begin = std::stod(ffprobe(file, "v:0", "start_time")) - std::stod(ffprobe(file, "", "start_time"));
    std::for_each(pictures.begin(), pictures.end(), [&](double& time) { time += begin; });
    const auto samples = samples_of(file);
    const auto tones = tone_times(samples);
    ASSERT_EQ(pictures.size(), flashes) << file;
    ASSERT_EQ(tones.size(), flashes) << file;
    for (std::size_t i = 0; i < flashes; ++i) {
      EXPECT_NEAR(tones[i], pictures[i], limit) << file << " flash " << i;
    }
  }
};

struct Sound {
  std::string format;
  std::string encoder;
};

class SoundFormats : public AudioTest, public testing::WithParamInterface<Sound> {};

TEST_P(SoundFormats, InSync) {
  SKIP_WITHOUT_FFMPEG();
  const auto& [format, encoder] = GetParam();
  const auto source = path("source.mkv");
  const auto target = path("out." + format);
  ffmpeg(fmt::format("{} -c:v libx264 -preset ultrafast -c:a pcm_s16le {}", kFlashes, quoted(source)));
  copy_with_sound(source, target, sound(source, 0, encoder));
  ASSERT_TRUE(warnings().empty()) << warnings()[0];
  // MPEG-PS and ASF know no decoder delay: still within one frame.
  expect_in_sync(target, 4, format == "mpeg" || format == "wmv" || format == "avi" ? kFrame : 0.011);
  const double seconds = std::stod(ffprobe(target, "", "duration"));
  // AVI counts whole blocks of sound, up to 4608 samples of FLAC; MPEG-PS tells no duration, it is estimated.
  EXPECT_NEAR(seconds, 4, format == "avi" ? 0.13 : format == "mpeg" ? 0.3 : 0.06);
}

std::vector<Sound> all_sounds() {
  std::vector<Sound> all;
  for (const char* format : {"avi", "m4v", "mkv", "mov", "mp4", "mpeg", "mxf", "webm", "wmv"}) {
    all.push_back({format, ""});
    for (const std::string& encoder : available_audio_encoders()) {
      const bool refused = std::string(format) == "mpeg" ||
                           (std::string(format) == "mp4" && (encoder == "flac" || encoder.starts_with("pcm"))) ||
                           (std::string(format) == "avi" && encoder == "libvorbis");
      if (substitute_audio_encoder(format, encoder) == encoder && !refused) {
        all.push_back({format, encoder});
      }
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, SoundFormats, testing::ValuesIn(all_sounds()), [](const auto& tested) {
  return fmt::format("{}_{}", tested.param.format, tested.param.encoder.empty() ? "default" : tested.param.encoder);
});

TEST_F(AudioTest, TrimmedRangeStaysInSync) {
  SKIP_WITHOUT_FFMPEG();
  const auto source = path("source.mp4");
  ffmpeg(fmt::format("{} -c:v libx264 -bf 3 -g 25 -c:a aac {}", kFlashes, quoted(source)));
  AudioSettings audio = sound(source, 37 * kFrame);
  audio.end = 88 * kFrame;
  copy_with_sound(source, path("out.mp4"), audio, 37, 88);
  expect_in_sync(path("out.mp4"), 2);
  EXPECT_EQ(ffprobe(path("out.mp4"), "a:0", "codec_name"), "aac");
  EXPECT_NEAR(std::stod(ffprobe(path("out.mp4"), "a:0", "duration")), 51 * kFrame, 0.025);
}

TEST_F(AudioTest, SoundThatStartsLaterOrEarlierStaysInSync) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -c:v libx264 -preset ultrafast -c:a pcm_s16le {}", kFlashes, quoted(path("plain.mkv"))));
  for (const char* offset : {"0.3", "-0.26"}) {
    for (const char* format : {"mkv", "mp4", "mov"}) {
      // The picture is delayed or brought forward against the sound, in the file: flash and tone are `offset` apart in
      // the source.
      const auto source = path(fmt::format("source{}.{}", offset, format));
      ffmpeg(fmt::format("-itsoffset {} -i {} -i {} -map 1:v -map 0:a -c:v copy -c:a {} {}", offset,
                         quoted(path("plain.mkv")), quoted(path("plain.mkv")),
                         std::string(format) == "mp4" ? "aac" : "copy", quoted(source)));
      for (const std::int64_t start : {0, 30}) {
        const auto target = path("out.mp4");
        copy_with_sound(source, target, sound(source, static_cast<double>(start) * kFrame), start);
        const auto pictures = flash_times(target);
        auto tones = tone_times(samples_of(target));
        ASSERT_GE(pictures.size(), 2U);
        ASSERT_GE(tones.size(), 2U);
        // Pair from the end: at the front a tone may lie before the cut.
        for (std::size_t i = 1; i <= 2; ++i) {
          const double apart = tones[tones.size() - i] - pictures[pictures.size() - i];
          EXPECT_NEAR(apart - std::round(apart - std::stod(offset)), std::stod(offset), 0.012)
              << source << " from " << start;
        }
      }
    }
  }
}

TEST_F(AudioTest, SoundIsCutAtTheVideosEnd) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -c:v libx264 -preset ultrafast -c:a pcm_s16le {}", kFlashes, quoted(path("source.mkv"))));
  copy_with_sound(path("source.mkv"), path("out.mkv"), sound(path("source.mkv"), 0, "pcm_s16le"), 0, 10);
  const auto samples = samples_of(path("out.mkv"));
  EXPECT_NEAR(static_cast<double>(samples.size()), 0.4 * kRate, 2);
}

TEST_F(AudioTest, AnotherFilesSoundStartsAtItsBeginning) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -map 0:v -c:v libx264 -preset ultrafast {}", kFlashes, quoted(path("source.mp4"))));
  for (const char* name : {"voice.wav", "voice.mp3", "voice.flac", "voice.m4a", "voice.ogg", "voice.opus"}) {
    ffmpeg(fmt::format("{} -map 1:a -ac 2 {}", kFlashes, quoted(path(name))));
    copy_with_sound(path("source.mp4"), path("out.mp4"), sound(path(name)));
    expect_in_sync(path("out.mp4"), 4);
  }
}

TEST_F(AudioTest, VolumeIsApplied) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -c:v libx264 -preset ultrafast -c:a pcm_s16le {}", kFlashes, quoted(path("source.mkv"))));
  AudioSettings audio = sound(path("source.mkv"), 0, "flac");
  audio.volume = 50;
  copy_with_sound(path("source.mkv"), path("out.mkv"), audio);
  const auto full = samples_of(path("source.mkv"));
  const auto half = samples_of(path("out.mkv"));
  ASSERT_GE(half.size(), full.size() - 2);
  for (std::size_t i = 0; i < half.size(); ++i) {
    ASSERT_NEAR(half[i], full[i] / 2, 1e-4);
  }
}

TEST_F(AudioTest, DefaultEncoderIsTheFirstThatTheContainerTakes) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -c:v libx264 -preset ultrafast -c:a pcm_s16le {}", kFlashes, quoted(path("source.mkv"))));
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"mp4", "aac"},  {"mkv", "flac"}, {"mov", "aac"},       {"webm", "opus"}, {"m4v", "aac"},
      {"mpeg", "mp3"}, {"wmv", "aac"},  {"mxf", "pcm_s16le"}, {"avi", "flac"}};
  for (const auto& [format, codec] : expected) {
    const auto target = path("out." + format);
    copy_with_sound(path("source.mkv"), target, sound(path("source.mkv")), 0, 5);
    EXPECT_EQ(ffprobe(target, "a:0", "codec_name"), codec) << format;
  }
  EXPECT_TRUE(warnings().empty());
}

TEST_F(AudioTest, UnusableSoundCostsOneWarningAndTheSound) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -c:v libx264 -preset ultrafast -c:a pcm_s16le {}", kFlashes, quoted(path("source.mkv"))));
  ffmpeg(fmt::format("{} -map 0:v -c:v libx264 -preset ultrafast {}", kFlashes, quoted(path("silent.mp4"))));
  write_file(path("noise.wav"), std::vector<std::uint8_t>(500, 7));
  const std::vector<std::pair<AudioSettings, std::string>> rows = {{sound(path("source.mkv"), 0, "flac"), "flac"},
                                                                   {sound(path("source.mkv"), 0, "no_such"), "no_such"},
                                                                   {sound(path("silent.mp4")), "has no sound"},
                                                                   {sound(path("noise.wav")), "noise.wav"},
                                                                   {sound(path("absent.wav")), "no such file"}};
  for (const auto& [audio, text] : rows) {
    warnings().clear();
    copy_with_sound(path("source.mkv"), path("out.mp4"), audio, 0, 5);
    ASSERT_EQ(warnings().size(), 1U) << text;
    EXPECT_NE(warnings()[0].find(text), std::string::npos) << warnings()[0];
    EXPECT_EQ(warnings()[0].find('\n'), std::string::npos);
    EXPECT_EQ(probe_video(path("out.mp4")).audio_streams, 0);
    EXPECT_EQ(read_all(path("out.mp4")).size(), 5U);
  }
}

TEST_F(AudioTest, HalfTheRateKeepsSync) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -c:v libx264 -preset ultrafast -c:a aac {}", kFlashes, quoted(path("source.mp4"))));
  VideoSettings video;
  video.path = path("out.mp4");
  video.size = {64, 64};
  video.frame_rate = {25, 2};
  video.audio = sound(path("source.mp4"));
  const auto sink = create_video(video);
  for (const SourceFrame& frame : read_all(path("source.mp4"))) {
    sink->write(frame.image, frame.time);
  }
  sink->finish();
  EXPECT_EQ(read_all(path("out.mp4")).size(), 50U);
  const auto tones = tone_times(samples_of(path("out.mp4")));
  ASSERT_EQ(tones.size(), 4U);
  EXPECT_NEAR(tones[3], 3.52, 0.011);
}

}  // namespace
}  // namespace facegraph::media
