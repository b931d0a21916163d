// The processors of whole frames, as a user runs them: the reference's own cases on fixtures of ours with the same
// geometry (docs/conformance.md), and sizes that the reference gets wrong. The stand-in networks leave a picture what
// it shows, so every result is also compared with its target: a frame of garbage or a sheared one is far from it.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "e2e/sandbox.hpp"
#include "media/decode/frame_source.hpp"
#include "media/image/image_file.hpp"
#include "media/probe/probe.hpp"
#include "ops/colour/colour.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;
using core::Image;
using core::Size;

constexpr Size kTarget{426, 226};
constexpr double kAlike = 29;  // dB; the right frames are at 31 and more, the frame before or after at 27 and less

Image picture_of(const fs::path& path) {
  return media::read_image(path, media::ReadMode::kColour);
}

std::vector<Image> frames_of(const fs::path& path) {
  const auto source = media::open_video(path, {});
  std::vector<Image> frames;
  while (auto frame = source->read()) {
    frames.push_back(std::move(frame->image));
  }
  return frames;
}

// In dB, of grey values: the colorizer may change colours only.
double likeness(const Image& a, const Image& b) {
  if (a.size() != b.size()) {
    return 0;
  }
  const auto grey = [](const std::uint8_t* bgr) { return 0.114 * bgr[0] + 0.587 * bgr[1] + 0.299 * bgr[2]; };
  double squares = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) {
      const double off = grey(a.row<std::uint8_t>(y) + 3 * x) - grey(b.row<std::uint8_t>(y) + 3 * x);
      squares += off * off;
    }
  }
  return 10 * std::log10(255.0 * 255.0 * a.width() * a.height() / std::max(squares, 1e-9));
}

struct Run {
  const char* processor;
  const char* picture;
  const char* video;
};

// As a failing test names it.
void PrintTo(const Run& run, std::ostream* out) {
  *out << run.processor;
}

class FrameProcessors : public Sandbox {
 protected:
  // Of the reference's fixtures' geometry, by the names that those have: ten frames, or the first of them.
  fs::path fixture(const std::string& name) const {
    const std::string clip = "testsrc2=size=426x226:rate=25:duration=0.4";
    std::vector<std::string> arguments{"-f", "lavfi", "-i", clip};
    const auto add = [&](const std::vector<std::string>& more) {
      arguments.insert(arguments.end(), more.begin(), more.end());
    };
    if (name.find("0sat") != std::string::npos) {
      add({"-vf", "hue=s=0"});
    }
    if (name.ends_with(".mp4")) {
      add({"-pix_fmt", "yuv420p", "-c:v", "libx264", "-qp", "4"});
    } else {
      add({"-vframes", "1", "-q:v", "2"});
    }
    EXPECT_TRUE(make_with_ffmpeg(name, arguments)) << "the ffmpeg executable cannot make " << name;
    return in(name);
  }

  Job job(const std::string& processor, const fs::path& target, std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"--processors", processor});
    return {.target = target, .output = out(target.filename().string()), .options = std::move(options)};
  }
  // The run ends well, and its video shows `count` frames of the target, at that size.
  void expect_video(const Job& job, std::size_t count, Size size) const {
    expect_success(job);
    const std::vector<Image> expected = frames_of(job.target);
    const std::vector<Image> found = frames_of(job.output);
    ASSERT_EQ(found.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(found[i].size(), size);
      EXPECT_GE(likeness(found[i], media::scale_image(expected[i], size)), kAlike) << "frame " << i;
    }
  }
  void expect_image(const Job& job, Size size) const {
    expect_success(job);
    const Image found = picture_of(job.output);
    ASSERT_EQ(found.size(), size);
    EXPECT_GE(likeness(found, media::scale_image(picture_of(job.target), size)), kAlike);
  }
};

class EveryFrameProcessor : public FrameProcessors, public testing::WithParamInterface<Run> {};

// spec: application.md 11.2
TEST_P(EveryFrameProcessor, WorksOnAPicture) {
  expect_image(job(GetParam().processor, fixture(GetParam().picture)), kTarget);
}

// spec: application.md 11.2
TEST_P(EveryFrameProcessor, WorksOnAVideo) {
  expect_video(job(GetParam().processor, fixture(GetParam().video), {"--trim-frame-end", "1"}), 1, kTarget);
}

TEST_P(EveryFrameProcessor, KeepsEveryFrameOfAVideo) {
  expect_video(job(GetParam().processor, fixture(GetParam().video)), 10, kTarget);
}

TEST_P(EveryFrameProcessor, IsRefusedWhatTheContentGateRefuses) {
  const Job refused{
      .target = photo("magenta.png"), .output = out("magenta.png"), .options = {"--processors", GetParam().processor}};
  expect_failure(refused, 1, {"content"});
}

INSTANTIATE_TEST_SUITE_P(Reference, EveryFrameProcessor,
                         testing::Values(Run{"background_remover", "target-240p.jpg", "target-240p.mp4"},
                                         Run{"frame_colorizer", "target-240p-0sat.jpg", "target-240p-0sat.mp4"},
                                         Run{"frame_enhancer", "target-240p.jpg", "target-240p.mp4"}),
                         [](const auto& test) { return std::string(test.param.processor); });

struct Scale {
  const char* name;
  Size size;
};

void PrintTo(const Scale& scale, std::ostream* out) {
  *out << scale.name;
}

class OutputScale : public FrameProcessors, public testing::WithParamInterface<Scale> {};

// spec: application.md 11.3
TEST_P(OutputScale, OfAnEnhancedPicture) {
  expect_image(job("frame_enhancer", fixture("target-240p.jpg"), {"--output-image-scale", GetParam().name}),
               GetParam().size);
}

// spec: application.md 11.3 and defect D2: the reference writes each enlarged frame as many wrong ones.
TEST_P(OutputScale, OfAnEnhancedVideo) {
  expect_video(job("frame_enhancer", fixture("target-240p.mp4"),
                   {"--output-video-scale", GetParam().name, "--trim-frame-end", "2"}),
               2, GetParam().size);
}

INSTANTIATE_TEST_SUITE_P(Reference, OutputScale,
                         testing::Values(Scale{"0.5", {212, 112}}, Scale{"1.0", kTarget}, Scale{"2.0", {852, 452}},
                                         Scale{"8.0", {3408, 1808}}),
                         [](const auto& test) {
                           std::string name = test.param.name;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

constexpr const char* kOddSize = "format=yuv444p,crop=321:181:exact=1";

// Defect D3: the reference shears the frames.
TEST_F(FrameProcessors, EnhanceFramesOfOddSize) {
  ASSERT_TRUE(make_with_ffmpeg("odd.mkv", {"-f", "lavfi", "-i", "testsrc2=size=400x300:rate=25:duration=0.12", "-vf",
                                           kOddSize, "-pix_fmt", "yuv444p", "-c:v", "libx264", "-qp", "4"}));
  expect_video(job("frame_enhancer", in("odd.mkv"), {"--output-video-scale", "2.0"}), 3, {642, 362});
  fs::remove(out("odd.mkv"));
  expect_video(job("frame_enhancer", in("odd.mkv"), {"--frame-enhancer-model", "real_web_photo_x4"}), 3, {320, 180});
}

TEST_F(FrameProcessors, EnhanceAPictureOfOddSize) {
  ASSERT_TRUE(
      make_with_ffmpeg("odd.png", {"-f", "lavfi", "-i", "testsrc2=size=400x300", "-vf", kOddSize, "-vframes", "1"}));
  expect_image(job("frame_enhancer", in("odd.png"), {"--output-image-scale", "2.0"}), {642, 362});
}

TEST_F(FrameProcessors, EnhanceAPictureOfOnePixel) {
  media::write_image(in("dot.png"), Image::zeros(1, 1, 3), 100);
  expect_success(job("frame_enhancer", in("dot.png")));
  EXPECT_EQ(media::image_size(out("dot.png")), (Size{1, 1}));
}

// A face that is swapped in the enlarged frame lies where the reference puts it in the frame's own size.
TEST_F(FrameProcessors, FacesFollowAnEnhancedFrame) {
  Job job = this->job("frame_enhancer", photo("clip.mp4"), {"face_swapper"});
  job.source = photo("president.png");
  expect_success(job);
  const std::vector<Image> frames = frames_of(job.output);
  ASSERT_EQ(frames.size(), 12U);
  for (const int number : {0, 6, 11}) {
    const Image expected = picture_of(photo(fmt::format("../cases/video_swap_memory_frame{:02}.png", number)));
    EXPECT_GE(likeness(frames[static_cast<std::size_t>(number)], expected), kAlike) << number;
  }
}

// Colours stay, only alpha changes, wherever the format has any.
TEST_F(FrameProcessors, RemovedBackgroundIsTransparentWhereTheFormatAllows) {
  const Image target = picture_of(photo("statesman_small.png"));
  Image first_alpha;
  for (const std::string name : {"alpha.png", "alpha.tiff", "alpha.bmp", "alpha.webp"}) {
    media::write_image(in(name), target, 100);
    expect_success(job("background_remover", in(name), {"--output-image-quality", "100"}));
    const Image found = media::read_image(out(name), media::ReadMode::kAlpha);
    fs::remove(out(name));
    ASSERT_EQ(found.channels(), 4) << name;
    Image alpha = ops::extract_alpha(found);
    const auto* row = alpha.row<std::uint8_t>(60);
    EXPECT_GT(row[128], 200) << name;
    EXPECT_LT(row[2], 50) << name;
    if (first_alpha.empty()) {
      first_alpha = std::move(alpha);
    } else {
      EXPECT_NEAR(row[60], first_alpha.row<std::uint8_t>(60)[60], 6) << name;
    }
    if (name != "alpha.webp") {  // which forgets the colours of what cannot be seen
      EXPECT_GE(likeness(ops::first_three_channels(found), target), 60) << name;
    }
  }
}

TEST_F(FrameProcessors, RemovedBackgroundOfAVideoIsTransparentIfWanted) {
  ASSERT_TRUE(make_with_ffmpeg("clip.webm", {"-i", photo("clip.mp4").string(), "-frames:v", "2", "-an"}));
  for (const bool wanted : {true, false}) {
    expect_success(job("background_remover", in("clip.webm"),
                       {"--output-video-encoder", "libvpx-vp9", "--temp-pixel-format", wanted ? "bgra" : "bgr24"}));
    // The alpha of VP9 is a stream beside the picture's, which only libvpx's own decoder joins.
    ASSERT_TRUE(run_program({.arguments = {"ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-c:v", "libvpx-vp9", "-i",
                                           out("clip.webm").string(), "-frames:v", "1", in("frame.png").string()},
                             .log_folder = root_ / "log"})
                    .code == 0);
    fs::remove(out("clip.webm"));
    const Image frame = media::read_image(in("frame.png"), media::ReadMode::kAlpha);
    ASSERT_EQ(frame.channels(), wanted ? 4 : 3);
    const Image alpha = ops::extract_alpha(frame);
    EXPECT_GT(alpha.row<std::uint8_t>(120)[160], 240);
    EXPECT_EQ(alpha.row<std::uint8_t>(4)[4] < 15, wanted);
  }
}

TEST_F(FrameProcessors, AMaskGrowsWithItsFrame) {
  const Job small = job("background_remover", photo("statesman_small.png"));
  expect_success(small);
  const Image expected = ops::extract_alpha(media::read_image(small.output, media::ReadMode::kAlpha));
  fs::remove(small.output);
  const Job large =
      job("background_remover", photo("statesman_small.png"), {"frame_enhancer", "--output-image-scale", "4.0"});
  expect_success(large);
  const Image found = ops::extract_alpha(media::read_image(large.output, media::ReadMode::kAlpha));
  ASSERT_EQ(found.size(), (Size{4 * expected.width(), 4 * expected.height()}));
  for (int y = 0; y < expected.height(); ++y) {
    for (int x = 0; x < expected.width(); ++x) {
      // Between the pixel and its neighbours.
      ASSERT_NEAR(found.row<std::uint8_t>(4 * y + 2)[4 * x + 2], expected.row<std::uint8_t>(y)[x], 8) << x << " " << y;
    }
  }
}

}  // namespace
}  // namespace facegraph::test
