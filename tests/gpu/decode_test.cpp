// NVDEC beside the CPU's decoder.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "device/gpu/gpu.hpp"
#include "media/concat/concat.hpp"
#include "media/decode/frame_source.hpp"
#include "media/encode/frame_sink.hpp"
#include "media/probe/probe.hpp"
#include "support/scratch.hpp"

namespace facegraph::media {
namespace {

const std::filesystem::path kSample = FACEGRAPH_SAMPLES "/two_people.mp4";

std::vector<SourceFrame> decode(const std::filesystem::path& file, const FrameRange& range, device::Gpu* gpu) {
  std::vector<SourceFrame> frames;
  const auto source = open_video(file, range, {gpu, 8});
  while (auto frame = source->read()) {
    frames.push_back(std::move(*frame));
  }
  return frames;
}

struct Difference {
  int largest = 0;
  double psnr = 0;
};

Difference difference(const core::Image& a, const core::Image& b) {
  Difference result;
  double sum = 0;
  for (std::size_t i = 0; i < a.bytes(); ++i) {
    const int off = std::abs(static_cast<int>(a.view().data[i]) - static_cast<int>(b.view().data[i]));
    result.largest = std::max(result.largest, off);
    sum += static_cast<double>(off) * off;
  }
  result.psnr = sum == 0 ? INFINITY : 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.bytes()) / sum);
  return result;
}

class Nvdec : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!device::cuda_status().problem.empty()) {
      GTEST_SKIP() << device::cuda_status().problem;
    }
    gpu_ = &device::cuda_gpu(0);
    // An H200's driver says so to cuvidGetDecoderCaps, too.
    if (std::string(GetParam()) == "libsvtav1" && decode(video(), {.end = 1}, gpu_).front().on_gpu.empty()) {
      GTEST_SKIP() << "the NVDEC of " << gpu_->info().name << " has no AV1";
    }
  }

  // The sample, encoded anew but for H.264.
  std::filesystem::path video() const {
    const std::string encoder = GetParam();
    if (encoder == "libx264") {
      return kSample;
    }
    const std::filesystem::path file = scratch_ / (encoder == "libvpx-vp9" ? "vp9.webm" : "video.mp4");
    const VideoInfo info = probe_video(kSample);
    VideoSettings settings;
    settings.path = file;
    settings.size = info.size;
    settings.frame_rate = info.frame_rate;
    settings.encoder = encoder;
    settings.preset = "ultrafast";
    const auto sink = create_video(settings);
    const auto source = open_video(kSample, {});
    while (auto frame = source->read()) {
      sink->write(frame->image, frame->time);
    }
    sink->finish();
    return file;
  }

  std::filesystem::path video_of_copies() const {
    const std::filesystem::path one = video();
    const std::filesystem::path file = scratch_ / ("copies" + one.extension().string());
    concat_videos(std::vector{one, one, one}, file);
    return file;
  }

  void expect_equal(const std::filesystem::path& file, const FrameRange& range) {
    constexpr double kLeastPsnr = 50;
    const std::vector<SourceFrame> expected = decode(file, range, nullptr);
    std::vector<SourceFrame> found = decode(file, range, gpu_);
    ASSERT_FALSE(expected.empty());
    ASSERT_EQ(found.size(), expected.size());
    Difference worst{0, INFINITY};
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_FALSE(found[i].on_gpu.empty()) << "the CPU has decoded frame " << found[i].number;
      EXPECT_EQ(found[i].number, expected[i].number);
      EXPECT_EQ(found[i].time, expected[i].time);
      const Difference off = difference(found[i].on_host(), expected[i].image);
      worst.largest = std::max(worst.largest, off.largest);
      worst.psnr = std::min(worst.psnr, off.psnr);
    }
    RecordProperty("largest", std::to_string(worst.largest));
    RecordProperty("psnr", std::to_string(worst.psnr));
    EXPECT_GE(worst.psnr, kLeastPsnr) << "largest difference " << worst.largest;
  }

  device::Gpu* gpu_ = nullptr;
  test::Scratch scratch_;
};

TEST_P(Nvdec, GivesTheFramesOfTheCpu) {
  expect_equal(video(), {});
}

TEST_P(Nvdec, SeeksAndTrimsAsTheCpu) {
  const std::filesystem::path file = video();
  const std::int64_t middle = probe_video(file).frame_total / 2;
  expect_equal(file, {.start = middle, .end = middle + 5});
  expect_equal(file, {.start = 1, .end = middle, .every = 3});
}

// Two at once, where each copy is a closed group.
TEST_P(Nvdec, SeveralDecodersGiveTheFramesOfTheCpu) {
  const std::filesystem::path file = video_of_copies();
  const std::int64_t copy = probe_video(video()).frame_total;
  expect_equal(file, {.end = copy + 40});
  expect_equal(file, {.start = copy + 10, .end = 2 * copy + 40});
}

TEST_P(Nvdec, AllocatesNothingOnceItRuns) {
  const std::int64_t copy = probe_video(video()).frame_total;
  for (const auto& [file, first_ones] : {std::pair(video(), std::int64_t{1}), {video_of_copies(), copy + 10}}) {
    const auto source = open_video(file, {}, {gpu_, 2});
    auto before = source->read();
    const auto made = gpu_->counters.allocations.load();
    for (std::int64_t i = 1; i < first_ones; ++i) {  // until NVDEC has made all decoders
      before = source->read();
    }
    const std::size_t free = gpu_->memory().free;
    while (auto frame = source->read()) {
      before = std::move(frame);
    }
    EXPECT_EQ(gpu_->counters.allocations, made);
    constexpr std::size_t kSlack = std::size_t{8} << 20U;  // other programs' too
    EXPECT_GE(gpu_->memory().free + kSlack, free);
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, Nvdec, testing::Values("libx264", "libx265", "libvpx-vp9", "libsvtav1"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace facegraph::media
