#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "media/encode/frame_sink.hpp"
#include "media/encode/frame_timer.hpp"

namespace facegraph::media {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

constexpr std::array kQualities = {0, 10, 25, 50, 75, 80, 90, 100};

std::string value_of(const Options& options, const std::string& key) {
  for (const auto& [name, value] : options) {
    if (name == key) {
      return value;
    }
  }
  return "absent";
}

// spec application.md 4.11, the table.
TEST(EncoderOptionsTest, VideoQuality) {
  constexpr std::array kX264 = {51, 46, 38, 26, 13, 10, 5, 0};
  constexpr std::array kVp9 = {63, 57, 47, 32, 16, 13, 6, 0};
  constexpr std::array kVideotoolbox = {1024, 5973, 13396, 25768, 38140, 40614, 45563, 50512};
  for (std::size_t i = 0; i < kQualities.size(); ++i) {
    const auto option = [&](const char* encoder, const char* key) {
      return value_of(video_encoder_options(encoder, "medium", kQualities[i]), key);
    };
    const std::string expected = std::to_string(kX264[i]);
    for (const char* encoder : {"libx264", "libx264rgb", "libx265"}) {
      EXPECT_EQ(option(encoder, "crf"), expected);
    }
    for (const char* encoder : {"h264_nvenc", "hevc_nvenc"}) {
      EXPECT_EQ(option(encoder, "cq"), expected);
    }
    for (const char* encoder : {"h264_amf", "hevc_amf"}) {
      EXPECT_EQ(option(encoder, "qp_i"), expected);
      EXPECT_EQ(option(encoder, "qp_p"), expected);
      EXPECT_EQ(option(encoder, "qp_b"), expected);
    }
    EXPECT_EQ(option("h264_qsv", "qp"), expected);
    EXPECT_EQ(option("libvpx-vp9", "crf"), std::to_string(kVp9[i]));
    EXPECT_EQ(option("hevc_videotoolbox", "b"), std::to_string(kVideotoolbox[i]) + "k");
    EXPECT_TRUE(video_encoder_options("rawvideo", "medium", kQualities[i]).empty());
  }
}

TEST(EncoderOptionsTest, AudioQuality) {
  constexpr std::array kAac = {0.1, 0.3, 0.6, 1.0, 1.5, 1.6, 1.8, 2.0};
  constexpr std::array kMp3 = {9, 8, 7, 4, 2, 2, 1, 0};
  constexpr std::array kOpus = {64, 83, 112, 160, 208, 218, 237, 256};
  constexpr std::array kVorbis = {-1.0, 0.1, 1.8, 4.5, 7.2, 7.8, 8.9, 10.0};
  for (std::size_t i = 0; i < kQualities.size(); ++i) {
    EXPECT_DOUBLE_EQ(*audio_encoder_quality("aac", kQualities[i]).quality_scale, kAac[i]);
    EXPECT_DOUBLE_EQ(*audio_encoder_quality("libmp3lame", kQualities[i]).quality_scale, kMp3[i]);
    EXPECT_EQ(*audio_encoder_quality("libopus", kQualities[i]).bit_rate_k, kOpus[i]);
    EXPECT_DOUBLE_EQ(*audio_encoder_quality("libvorbis", kQualities[i]).quality_scale, kVorbis[i]);
  }
  for (const char* encoder : {"flac", "pcm_s16le", "pcm_s32le"}) {
    EXPECT_FALSE(audio_encoder_quality(encoder, 80).quality_scale || audio_encoder_quality(encoder, 80).bit_rate_k);
  }
  EXPECT_TRUE(std::signbit(*audio_encoder_quality("libvorbis", 9).quality_scale));
}

TEST(EncoderOptionsTest, Presets) {
  constexpr std::array kPresets = {"ultrafast", "superfast", "veryfast", "faster",  "fast",
                                   "medium",    "slow",      "slower",   "veryslow"};
  constexpr std::array kNvenc = {"fast", "fast", "fast", "fast", "fast", "medium", "slow", "slow", "slow"};
  constexpr std::array kAmf = {"speed",    "speed",   "speed",   "balanced", "balanced",
                               "balanced", "quality", "quality", "quality"};
  constexpr std::array kQsv = {"veryfast", "veryfast", "veryfast", "faster",  "fast",
                               "medium",   "slow",     "slower",   "veryslow"};
  for (std::size_t i = 0; i < kPresets.size(); ++i) {
    EXPECT_EQ(value_of(video_encoder_options("libx265", kPresets[i], 80), "preset"), kPresets[i]);
    EXPECT_EQ(value_of(video_encoder_options("hevc_nvenc", kPresets[i], 80), "preset"), kNvenc[i]);
    EXPECT_EQ(value_of(video_encoder_options("h264_amf", kPresets[i], 80), "quality"), kAmf[i]);
    EXPECT_EQ(value_of(video_encoder_options("h264_qsv", kPresets[i], 80), "preset"), kQsv[i]);
    for (const char* encoder : {"libvpx-vp9", "h264_videotoolbox", "rawvideo"}) {
      EXPECT_EQ(value_of(video_encoder_options(encoder, kPresets[i], 80), "preset"), "absent");
    }
  }
}

// spec application.md 11.8.
TEST(EncoderOptionsTest, ContainerSubstitution) {
  EXPECT_EQ(substitute_audio_encoder("avi", "libopus"), "aac");
  for (const char* format : {"m4v", "mpeg", "wmv"}) {
    EXPECT_EQ(substitute_audio_encoder(format, "libopus"), "aac");
  }
  EXPECT_EQ(substitute_audio_encoder("mov", "flac"), "aac");
  EXPECT_EQ(substitute_audio_encoder("mov", "libopus"), "aac");
  EXPECT_EQ(substitute_audio_encoder("mov", "libmp3lame"), "libmp3lame");
  EXPECT_EQ(substitute_audio_encoder("mxf", "aac"), "pcm_s16le");
  EXPECT_EQ(substitute_audio_encoder("webm", "aac"), "libopus");
  EXPECT_EQ(substitute_audio_encoder("mp4", "aac"), "aac");
  EXPECT_EQ(substitute_audio_encoder("avi", "aac"), "aac");
  for (const char* format : {"m4v", "mpeg", "mxf", "wmv"}) {
    EXPECT_EQ(substitute_video_encoder(format, "libx265"), "libx264");
  }
  EXPECT_EQ(substitute_video_encoder("mkv", "rawvideo"), "libx264");
  EXPECT_EQ(substitute_video_encoder("mp4", "rawvideo"), "libx264");
  EXPECT_EQ(substitute_video_encoder("mov", "libvpx-vp9"), "libx264");
  EXPECT_EQ(substitute_video_encoder("webm", "libx264"), "libvpx-vp9");
  EXPECT_EQ(substitute_video_encoder("mp4", "libx265"), "libx265");
  EXPECT_EQ(substitute_video_encoder("avi", "rawvideo"), "rawvideo");
}

TEST(EncoderOptionsTest, AvailableEncodersKeepTheListsOrder) {
  const auto video = available_video_encoders();
  ASSERT_FALSE(video.empty());
  EXPECT_EQ(video.front(), "libx264");
  EXPECT_EQ(video.back(), "rawvideo");
  const auto audio = available_audio_encoders();
  EXPECT_EQ(audio.front(), "flac");
}

// The slots that FFmpeg's fps filter fills: `ffmpeg -vf fps=12.5` on 25 frames per second keeps 0, 2, 4, ...
TEST(FrameTimerTest, HalfRateKeepsEverySecondFrame) {
  FrameTimer timer({25, 2}, true);
  std::vector<int> kept;
  for (int i = 0; i < 12; ++i) {
    if (timer.next(i / 25.0).count > 0) {
      kept.push_back(i - 1);
    }
  }
  EXPECT_EQ(timer.last(0.04).count, 0);
  EXPECT_EQ(kept, (std::vector<int>{0, 2, 4, 6, 8, 10}));
  EXPECT_DOUBLE_EQ(timer.end(), 0.48);
}

TEST(FrameTimerTest, DoubleRateRepeatsEveryFrame) {
  FrameTimer timer({50, 1}, true);
  timer.next(0);
  for (int i = 1; i < 6; ++i) {
    const auto span = timer.next(i / 25.0);
    EXPECT_EQ(span.start, 2 * (i - 1));
    EXPECT_EQ(span.count, 2);
  }
  EXPECT_EQ(timer.last(0.04).count, 2);
}

// spec 11.9: the range of a clip at its own rate, at 30 frames per second.
TEST(FrameTimerTest, CountsAtThirtyFramesPerSecond) {
  struct Row {
    int rate;
    int start;
    int end;
    std::int64_t frames;
  };
  for (const Row& row : {Row{25, 0, 270, 324}, Row{25, 224, 270, 55}, Row{25, 124, 224, 120}, Row{25, 0, 100, 120},
                         Row{30, 0, 324, 324}, Row{30, 224, 324, 100}, Row{30, 0, 100, 100}, Row{60, 0, 648, 324},
                         Row{60, 224, 648, 212}, Row{60, 124, 224, 50}, Row{60, 0, 100, 50}}) {
    FrameTimer timer({30, 1}, true);
    std::int64_t frames = 0;
    for (int i = row.start; i < row.end; ++i) {
      frames += timer.next(static_cast<double>(i - row.start) / row.rate).count;
    }
    EXPECT_EQ(frames + timer.last(1.0 / row.rate).count, row.frames) << row.rate << " " << row.start;
  }
}

TEST(FrameTimerTest, VariableClockNeverDrops) {
  FrameTimer timer({90000, 1}, false);
  timer.next(0);
  EXPECT_EQ(timer.next(1e-9).count, 1);
  EXPECT_EQ(timer.next(1.0).count, 89999);
  EXPECT_EQ(timer.last(0.04).count, 90000);
}

}  // namespace
}  // namespace facegraph::media
