// Whole video jobs on a GPU beside the same jobs on the CPU. The encoder loses nothing, so that frames are compared as
// they reach it. Without a GPU one of host memory stands for it, and the test says that it was skipped.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "app/cli/command_line.hpp"
#include "core/base/error.hpp"
#include "core/base/probe.hpp"
#include "device/gpu/gpu.hpp"
#include "media/decode/frame_source.hpp"
#include "media/encode/frame_sink.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

const fs::path kSample = FACEGRAPH_SAMPLES "/two_people.mp4";
constexpr double kLeastPsnr = 50;
constexpr int kOneOf = 200;  // frames may differ by a decision: 0.5 %

// The boxes of the faces that were chosen, a list for each frame in order: there is one lane.
class ChosenFaces final : public core::Probe {
 public:
  void numbers(std::string_view name, std::span<const double> values) override {
    if (name == "select_boxes") {
      frames.emplace_back(values.begin(), values.end());
    }
  }
  void image(std::string_view, core::ConstImageView) override {}
  void text(std::string_view, std::string_view) override {}

  std::vector<std::vector<double>> frames;
};

bool alike(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr double kPixel = 1;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return std::abs(x - y) <= kPixel; });
}

double psnr(const core::Image& a, const core::Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.bytes(); ++i) {
    const double off = static_cast<double>(a.row<std::uint8_t>(0)[i]) - b.row<std::uint8_t>(0)[i];
    sum += off * off;
  }
  return sum == 0 ? INFINITY : 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.bytes()) / sum);
}

struct Job {
  std::string name;
  std::vector<std::string> options;
};

class GpuVideo : public testing::TestWithParam<Job> {
 protected:
  struct Result {
    fs::path file;
    std::vector<std::vector<double>> faces;
  };
  Result run(const std::string& provider) const {
    Result result{scratch_ / (provider + ".mp4"), {}};
    std::vector<std::string> line{"headless-run", "--model-set", "embedded", "-t", kSample, "-o", result.file};
    line.insert(line.end(), {"--execution-providers", provider, "--precision", "fp32", "--execution-lanes", "1"});
    line.insert(line.end(), {"--output-video-quality", "100", "--output-video-preset", "ultrafast"});
    line.insert(line.end(), {"--face-detector-size", "320x320", "--log-level", "error"});
    line.insert(line.end(), GetParam().options.begin(), GetParam().options.end());
    ChosenFaces faces;
    const core::ProbeScope scope(&faces);
    EXPECT_EQ(app::run_command_line(line), 0);
    result.faces = std::move(faces.frames);
    return result;
  }

  static void compare(const Result& found, const Result& expected) {
    const auto a = media::open_video(found.file, {});
    const auto b = media::open_video(expected.file, {});
    int frames = 0;
    int apart = 0;
    double worst = INFINITY;
    ASSERT_EQ(found.faces.size(), expected.faces.size());
    for (auto expected_frame = b->read(); expected_frame; expected_frame = b->read(), ++frames) {
      const auto frame = a->read();
      ASSERT_TRUE(frame) << "only " << frames << " frames";
      EXPECT_EQ(frame->time, expected_frame->time);
      ASSERT_EQ(frame->size(), expected_frame->size());
      const auto index = static_cast<std::size_t>(frames);
      if (index < found.faces.size() && !alike(found.faces[index], expected.faces[index])) {
        ++apart;
        continue;
      }
      const double level = psnr(frame->image, expected_frame->image);
      EXPECT_GE(level, kLeastPsnr) << "frame " << frames;
      worst = std::min(worst, level);
    }
    EXPECT_FALSE(a->read()) << "more than " << frames << " frames";
    EXPECT_GT(frames, 0);
    EXPECT_LE(apart * kOneOf, frames) << apart << " frames have other faces";
    std::cout << fmt::format("{} frames, PSNR at least {:.1f} dB, {} with other faces\n", frames, worst, apart);
  }

  Scratch scratch_;
};

TEST_P(GpuVideo, HasTheFramesOfTheCpu) {
  const Result expected = run("cpu");
  const std::string problem = device::cuda_status().problem;
  if (problem.empty()) {
    compare(run("cuda"), expected);
    return;
  }
  device::FakeGpu gpu;
  const runtime::BackendScope backend(runtime::host_backend(gpu, scratch_ / "graphs.json"));
  compare(run("cuda"), expected);
  EXPECT_GT(gpu.downloaded, 0);
  GTEST_SKIP() << "on a GPU of host memory: " << problem;
}

std::vector<std::string> swap(std::initializer_list<std::string> more) {
  std::vector<std::string> options{"--face-selector-mode", "many",        "-s", FACEGRAPH_SAMPLES "/source_1.jpg",
                                   "--processors",         "face_swapper"};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

INSTANTIATE_TEST_SUITE_P(
    Jobs, GpuVideo,
    testing::Values(Job{"swap", swap({})}, Job{"swap_and_enhance", swap({"face_enhancer", "--trim-frame-end", "20"})},
                    Job{"enlarge",
                        {"--processors", "frame_enhancer", "--output-video-scale", "2", "--trim-frame-end", "10"}},
                    Job{"enlarge_and_shrink", {"--processors", "frame_enhancer", "--trim-frame-end", "10"}},
                    Job{"background", {"--processors", "background_remover", "--trim-frame-end", "50"}}),
    [](const auto& test) { return test.param.name; });

// NVENC, where the GPU has it, gets the frames that the software encoders get; who lacks it is told.
TEST(GpuEncoders, EncodeOrSayWhy) {
  const Scratch scratch;
  for (const std::string encoder : {"h264_nvenc", "hevc_nvenc"}) {
    media::VideoSettings settings;
    settings.path = scratch / (encoder + ".mp4");
    settings.size = {640, 360};
    settings.frame_rate = {25, 1};
    settings.encoder = encoder;
    settings.quality = 90;
    try {
      media::check_hardware(settings);
    } catch (const core::Error& error) {
      EXPECT_NE(std::string(error.what()).find(encoder), std::string::npos);
      std::cout << error.what() << '\n';
      continue;
    }
    const auto source = media::open_video(kSample, {.end = 20});
    const auto sink = media::create_video(settings);
    while (auto frame = source->read()) {
      sink->write(frame->image, frame->time);
    }
    sink->finish();
    const auto written = media::open_video(settings.path, {});
    int frames = 0;
    while (written->read()) {
      ++frames;
    }
    EXPECT_EQ(frames, 20) << encoder;
  }
}

}  // namespace
}  // namespace facegraph::test
