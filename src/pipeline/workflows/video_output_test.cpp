// A film in segments is the film: the same frames at the same times, also when it was interrupted at any place.
#include "pipeline/workflows/video_output.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "core/base/file.hpp"
#include "media/decode/frame_source.hpp"
#include "media/test_support.hpp"
#include "support/scratch.hpp"

// libx265 3.5 loses some of its own tables when it is closed.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libx265";
}

namespace facegraph::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr core::Size kSize{64, 48};
constexpr std::int64_t kLength = 12;
constexpr std::int64_t kFrames = 50;
constexpr std::int64_t kFirst = 7;  // number of the first frame in the target

// Levels of brightness: on a busy machine the encoders' threads do not decide alike every time.
constexpr int kEncoderNoise = 1;

// A picture that tells its number: brightness rises by four from frame to frame.
core::Image picture(std::int64_t number) {
  core::Image image(kSize, 3);
  std::memset(image.view().data, static_cast<int>(20 + 4 * (number - kFirst)), image.bytes());
  return image;
}

struct Case {
  std::string extension;
  std::string encoder = "libx264";
  media::Rational rate = {25, 1};
  bool constant = true;
  std::function<double(std::int64_t)> time_of = [](std::int64_t number) { return static_cast<double>(number) / 25.0; };
};

const std::vector<Case>& cases() {
  static const std::vector<Case> list{
      {.extension = ".mp4"},
      {.extension = ".mkv"},
      {.extension = ".avi"},
      {.extension = ".webm", .encoder = "libvpx-vp9"},
      {.extension = ".mov", .encoder = "libx265"},
      {.extension = ".mkv",
       .rate = {30000, 1001},
       .time_of = [](std::int64_t number) { return static_cast<double>(number) * 1001 / 30000; }},
      // More frames than the target has: some are shown twice.
      {.extension = ".mp4", .rate = {40, 1}},
      // Frames come as they like.
      {.extension = ".mp4",
       .constant = false,
       .time_of = [](std::int64_t number) { return std::pow(static_cast<double>(number), 1.3) / 40; }},
  };
  return list;
}

const SoundOf kSilence = [](double) { return std::nullopt; };
const MarkOf kNoMark = [] { return media::Provenance{}; };

class VideoOutputTest : public testing::TestWithParam<Case> {
 protected:
  media::VideoSettings settings(const std::string& name) const {
    media::VideoSettings settings;
    settings.path = scratch_ / (name + GetParam().extension);
    settings.size = kSize;
    settings.frame_rate = GetParam().rate;
    settings.constant_rate = GetParam().constant;
    settings.encoder = GetParam().encoder;
    settings.preset = "ultrafast";
    settings.quality = 90;
    return settings;
  }
  std::unique_ptr<VideoOutput> segmented(const std::string& name) const {
    return segmented_video(settings(name), kSilence, kNoMark, folder(name), kLength, [] { return 0.5; });
  }
  SegmentFolder folder(const std::string& name) const {
    return {scratch_ / (name + "-segments"), GetParam().extension};
  }
  // The frames [from, to) of the target.
  static void write(VideoOutput& output, std::int64_t from, std::int64_t to) {
    for (std::int64_t number = from; number < to; ++number) {
      output.write(picture(number), number, GetParam().time_of(number));
    }
  }
  std::vector<media::SourceFrame> frames_of(const std::string& name) const {
    std::vector<media::SourceFrame> frames;
    const auto source = media::open_video(settings(name).path, {});
    while (auto frame = source->read()) {
      frames.push_back(*std::move(frame));
    }
    return frames;
  }
  // The same pictures at the same times; brightness may differ by `distance`.
  void expect_equal(const std::string& name, const std::string& other, int distance) const {
    const auto a = frames_of(name);
    const auto b = frames_of(other);
    ASSERT_EQ(a.size(), b.size()) << name << ", " << other;
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_NEAR(a[i].time, b[i].time, 0.0011) << "frame " << i;  // Matroska counts milliseconds
      EXPECT_LE(std::abs(*a[i].image.row<std::uint8_t>(0) - *b[i].image.row<std::uint8_t>(0)), distance)
          << "frame " << i;
      if (distance == 0) {
        EXPECT_EQ(std::memcmp(a[i].image.view().data, b[i].image.view().data, a[i].image.bytes()), 0) << "frame " << i;
      }
    }
  }

  test::Scratch scratch_;
};

TEST_P(VideoOutputTest, SegmentsGiveTheFilm) {
  const auto whole = whole_video(settings("whole"), kSilence, kNoMark);
  write(*whole, kFirst, kFirst + kFrames);
  EXPECT_TRUE(whole->finish());
  const auto parts = segmented("parts");
  write(*parts, kFirst, kFirst + kFrames);
  EXPECT_TRUE(parts->finish());
  EXPECT_GE(frames_of("whole").size(), static_cast<std::size_t>(kFrames));
  expect_equal("whole", "parts", 3);  // the encoder begins anew in every segment; the next frame is four levels away
}

TEST_P(VideoOutputTest, AnInterruptedFilmIsTheSameFilm) {
  const auto uninterrupted = segmented("once");
  write(*uninterrupted, kFirst, kFirst + kFrames);
  uninterrupted->finish();
  for (const std::int64_t count : {5, 12, 13, 30, 50}) {
    const std::string name = "stopped-" + std::to_string(count);
    write(*segmented(name), kFirst, kFirst + count);  // and is gone
    const std::optional<SegmentFolder::Point> point = folder(name).point();
    const std::int64_t finished = (count - 1) / kLength * kLength;
    ASSERT_EQ(point.has_value(), finished > 0);
    EXPECT_EQ(point ? point->next_frame : kFirst, kFirst + finished);
    EXPECT_EQ(point ? point->origin : 0.5, 0.5);
    const auto resumed = segmented(name);
    write(*resumed, kFirst + finished, kFirst + kFrames);
    EXPECT_TRUE(resumed->finish());
    expect_equal("once", name, kEncoderNoise);
    EXPECT_TRUE(folder(name).point()->complete);
  }
}

TEST_P(VideoOutputTest, OnlyTheJoiningIsLeft) {
  const auto once = segmented("once");
  write(*once, kFirst, kFirst + kFrames);
  once->finish();
  fs::rename(settings("once").path, settings("kept").path);
  EXPECT_TRUE(segmented("once")->finish());
  expect_equal("once", "kept", 0);
}

TEST_P(VideoOutputTest, ADamagedSegmentAndWhatFollowsIsDoneAgain) {
  const auto once = segmented("once");
  write(*once, kFirst, kFirst + kFrames);
  once->finish();
  const fs::path second = folder("once").segments().at(1);
  fs::resize_file(second, fs::file_size(second) - 1);
  const SegmentFolder left = folder("once");
  EXPECT_EQ(left.segments().size(), 1U);
  EXPECT_EQ(left.point()->next_frame, kFirst + kLength);
  EXPECT_FALSE(fs::exists(second));
  fs::rename(settings("once").path, settings("kept").path);
  const auto again = segmented("once");
  write(*again, kFirst + kLength, kFirst + kFrames);
  again->finish();
  expect_equal("once", "kept", kEncoderNoise);
}

INSTANTIATE_TEST_SUITE_P(Films, VideoOutputTest, testing::ValuesIn(cases()), [](const auto& tested) {
  return std::to_string(tested.index) + tested.param.extension.substr(1);
});

TEST(VideoOutput, WithoutFrames) {
  const test::Scratch scratch;
  media::VideoSettings settings;
  settings.path = scratch / "x.mp4";
  EXPECT_FALSE(whole_video(settings, kSilence, kNoMark)->finish());
  EXPECT_FALSE(
      segmented_video(settings, kSilence, kNoMark, {scratch / "s", ".mp4"}, kLength, [] { return 0.0; })->finish());
}

// Every pixel of what libvpx decodes, BGRA; FFmpeg's own decoder knows no alpha.
std::string decoded_with_alpha(const fs::path& path) {
  const auto bytes = media::test::output_of("ffmpeg -nostdin -loglevel error -c:v libvpx-vp9 -i " +
                                            media::test::quoted(path) + " -f rawvideo -pix_fmt bgra -");
  return {bytes.begin(), bytes.end()};
}

// The first frames are opaque, as those of a background remover that sees nothing to remove.
TEST(VideoOutput, AlphaThatComesLateIsThere) {
  SKIP_WITHOUT_FFMPEG();
  const test::Scratch scratch;
  media::VideoSettings settings;
  settings.path = scratch / "whole.webm";
  settings.size = kSize;
  settings.frame_rate = {25, 1};
  settings.encoder = "libvpx-vp9";
  settings.quality = 95;
  settings.alpha = true;
  const auto whole = whole_video(settings, kSilence, kNoMark);
  settings.path = scratch / "parts.webm";
  const auto parts =
      segmented_video(settings, kSilence, kNoMark, {scratch / "s", ".webm"}, kLength, [] { return 0.0; });
  constexpr int kOpaque = 15;  // the second segment begins opaque and ends with alpha
  constexpr int kAll = 30;
  for (int i = 0; i < kAll; ++i) {
    core::Image frame(kSize, i < kOpaque ? 3 : 4);
    for (int y = 0; y < frame.height(); ++y) {
      for (int x = 0; x < frame.width(); ++x) {
        auto* pixel = frame.row<std::uint8_t>(y) + x * frame.channels();
        std::fill_n(pixel, frame.channels(), std::uint8_t{120});
        if (i >= kOpaque) {
          pixel[3] = x < kSize.width / 2 ? 40 : 255;
        }
      }
    }
    whole->write(frame, i, i / 25.0);
    parts->write(frame, i, i / 25.0);
  }
  ASSERT_TRUE(whole->finish() && parts->finish());
  for (const char* name : {"whole.webm", "parts.webm"}) {
    const std::string pixels = decoded_with_alpha(scratch / name);
    ASSERT_EQ(pixels.size(), std::size_t{kAll} * kSize.width * kSize.height * 4) << name;
    const auto value = [&](int frame, int x, int channel) {
      const int y = kSize.height / 2;
      return int{static_cast<std::uint8_t>(
          pixels[static_cast<std::size_t>(((frame * kSize.height + y) * kSize.width + x) * 4 + channel)])};
    };
    for (const int frame : {0, 13, 14}) {
      EXPECT_GE(value(frame, 8, 3), 253) << name << " " << frame;
      EXPECT_NEAR(value(frame, 8, 1), 120, 4) << name << " " << frame;
    }
    for (const int frame : {15, 23, 24, 29}) {
      EXPECT_NEAR(value(frame, 8, 3), 40, 8) << name << " " << frame;
      EXPECT_GE(value(frame, 56, 3), 250) << name << " " << frame;
      EXPECT_NEAR(value(frame, 8, 1), 120, 4) << name << " " << frame;
    }
    EXPECT_NE(core::read_file(scratch / name).find("\x53\xC0\x81\x01"), std::string::npos)
        << name << ": AlphaMode, which players look for";
  }
}

TEST(VideoOutput, AFilmIsMarkedByAllRunsThatMadeIt) {
  SKIP_WITHOUT_FFMPEG();
  const test::Scratch scratch;
  media::VideoSettings settings;
  settings.path = scratch / "film.mp4";
  settings.size = kSize;
  settings.frame_rate = {25, 1};
  settings.preset = "ultrafast";
  const auto run = [&](const std::string& model) {
    return segmented_video(
        settings, kSilence,
        [=] {
          return media::Provenance{{"swapper", model}};
        },
        {scratch / "s", ".mp4"}, kLength, [] { return 0.0; });
  };
  const auto write = [](VideoOutput& output, std::int64_t from, std::int64_t to) {
    for (std::int64_t number = from; number < to; ++number) {
      output.write(picture(number), number, static_cast<double>(number) / 25);
    }
  };
  write(*run("occluder"), kFirst, kFirst + kLength + 1);  // and is gone
  const auto resumed = run("parser");
  write(*resumed, kFirst + kLength, kFirst + kFrames);
  ASSERT_TRUE(resumed->finish());
  const std::string said =
      media::test::text_of("ffprobe -loglevel error -show_format " + media::test::quoted(settings.path));
  EXPECT_NE(said.find("models=swapper, occluder, parser\n"), std::string::npos) << said;
}

}  // namespace
}  // namespace facegraph::pipeline
