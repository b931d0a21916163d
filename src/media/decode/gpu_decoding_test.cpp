// On a GPU made of host memory, for which the CPU decodes: what becomes of decoded frames there.
#include "media/decode/gpu_decoding.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <fmt/core.h>

#include "device/gpu/test_support.hpp"
#include "media/filter/scaler.hpp"
#include "media/test_support.hpp"
#include "ops/colour/yuv_to_bgr_cuda.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

struct Colours {
  AVColorSpace space;
  ops::YuvMatrix matrix;
  bool full;
};

class YuvToBgr : public testing::TestWithParam<Colours> {
 protected:
  static constexpr core::Size kSize{192, 64};  // whole registers of swscale's

  // Every value of its depth. contrast: distance between neighbours.
  static FramePtr noise(AVPixelFormat format, int levels, int contrast) {
    FramePtr frame = make_picture(format, kSize.width, kSize.height);
    std::mt19937 random(11);
    for (int plane = 0; plane < 3; ++plane) {
      for (int y = 0; y < (plane == 0 ? kSize.height : kSize.height / 2); ++y) {
        for (int x = 0; x < (plane == 0 ? kSize.width : kSize.width / 2); ++x) {
          const int level = ((x + y) * levels / 256 + static_cast<int>(random() % contrast)) % levels;
          std::uint8_t* row = frame->data[plane] + static_cast<std::ptrdiff_t>(y) * frame->linesize[plane];
          if (levels > 256) {
            reinterpret_cast<std::uint16_t*>(row)[x] = static_cast<std::uint16_t>(level);
          } else {
            row[x] = static_cast<std::uint8_t>(level);
          }
        }
      }
    }
    frame->colorspace = GetParam().space;
    frame->color_range = GetParam().full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    return frame;
  }

  static core::Image by_swscale(const AVFrame& frame) {
    Scaler scaler({AV_PIX_FMT_BGR24, kSize, AVCOL_SPC_UNSPECIFIED});
    core::Image image(kSize, 3);
    copy_pixels(image, *scaler.scale(frame));
    return image;
  }
  static core::Image by_operator(const AVFrame& frame, AVPixelFormat semi_planar) {
    const FramePtr planes = Scaler({semi_planar, kSize, AVCOL_SPC_UNSPECIFIED}).scale(frame);
    device::FakeGpu gpu;
    const device::Stream stream(gpu);
    core::Image image(kSize, 3);
    ops::cuda::yuv_to_bgr(stream, image,
                          {reinterpret_cast<std::byte*>(planes->data[0]), reinterpret_cast<std::byte*>(planes->data[1]),
                           planes->linesize[0], planes->linesize[1], kSize, semi_planar == AV_PIX_FMT_P010LE},
                          GetParam().matrix, GetParam().full);
    return image;
  }
};

TEST_P(YuvToBgr, OfEightBitsIsWhatSwscaleMakes) {
  for (const int contrast : {1, 256}) {
    const FramePtr frame = noise(AV_PIX_FMT_YUV420P, 256, contrast);
    const core::Image expected = by_swscale(*frame);
    EXPECT_EQ(difference(bytes_of(by_operator(*frame, AV_PIX_FMT_NV12)), bytes_of(expected)).largest, 0);
  }
}

TEST_P(YuvToBgr, OfTenBitsIsWhatSwscaleMakesButForBorders) {
  constexpr int kNoisy = 16;
  constexpr int kBorder = 3;  // rows
  constexpr int kSmooth = 5;
  for (const auto& [contrast, most] : {std::pair{1024, kNoisy}, {64, kSmooth}}) {
    const FramePtr frame = noise(AV_PIX_FMT_YUV420P10LE, 1024, contrast);
    const core::Image expected = by_swscale(*frame);
    const core::Image found = by_operator(*frame, AV_PIX_FMT_P010LE);
    for (int y = 0; y < kSize.height; ++y) {
      const auto row = [y](const core::Image& image) {
        return std::span(image.row<std::uint8_t>(y), 3 * std::size_t{kSize.width});
      };
      const bool border = y < kBorder || y >= kSize.height - kBorder;
      EXPECT_LE(difference(row(found), row(expected)).largest, border ? most : 0) << "row " << y;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Swscale, YuvToBgr,
                         testing::Values(Colours{AVCOL_SPC_SMPTE170M, ops::YuvMatrix::kBt601, false},
                                         Colours{AVCOL_SPC_SMPTE170M, ops::YuvMatrix::kBt601, true},
                                         Colours{AVCOL_SPC_BT709, ops::YuvMatrix::kBt709, false},
                                         Colours{AVCOL_SPC_BT709, ops::YuvMatrix::kBt709, true},
                                         Colours{AVCOL_SPC_BT2020_NCL, ops::YuvMatrix::kBt2020, false},
                                         Colours{AVCOL_SPC_BT2020_NCL, ops::YuvMatrix::kBt2020, true}));

// Not made of host memory, and no real one either: as where NVDEC is missing.
class NoDecoderGpu : public device::FakeGpu {
 public:
  bool on_host() const override { return false; }
};

class GpuSource : public MediaTest {
 protected:
  void SetUp() override {
    MediaTest::SetUp();
    core::set_log_level(core::LogLevel::kInfo);
    lines_.clear();
    core::set_log_hook([](core::LogLevel, const std::string& line) { lines_.push_back(line); });
  }
  void TearDown() override {
    MediaTest::TearDown();
    core::set_log_level(core::LogLevel::kWarn);
  }

  std::filesystem::path video(const std::string& name, const std::string& arguments) {
    return moving_pattern(path(name), arguments);
  }

  static std::vector<SourceFrame> decode(const std::filesystem::path& file, const FrameRange& range, device::Gpu& gpu) {
    return read_all(file, range, {&gpu, 4});
  }

  // The same frames with the same times as from the CPU.
  void expect_equal(const std::filesystem::path& file, const FrameRange& range, double least_psnr) {
    const std::vector<SourceFrame> expected = read_all(file, range);
    std::vector<SourceFrame> found = decode(file, range, gpu_);
    ASSERT_FALSE(expected.empty());
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].number, expected[i].number);
      EXPECT_EQ(found[i].time, expected[i].time);
      ASSERT_FALSE(found[i].on_gpu.empty());
      ASSERT_EQ(found[i].size(), expected[i].size());
      EXPECT_GE(psnr(found[i].on_host(), expected[i].image), least_psnr) << "frame " << found[i].number;
    }
  }

  static double psnr(const core::Image& a, const core::Image& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.bytes(); ++i) {
      const double off = static_cast<double>(bytes_of(a)[i]) - bytes_of(b)[i];
      sum += off * off;
    }
    return sum == 0 ? INFINITY : 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.bytes()) / sum);
  }

  static void expect_told(const std::string& part) {
    EXPECT_EQ(std::count_if(lines_.begin(), lines_.end(),
                            [&](const std::string& line) { return line.find(part) != std::string::npos; }),
              1)
        << part;
  }
  // The CPU decodes all frames, and the reason is told once.
  static void expect_cpu(const std::filesystem::path& file, device::Gpu& gpu, const std::string& reason) {
    const std::vector<SourceFrame> expected = read_all(file);
    std::vector<SourceFrame> found = decode(file, {}, gpu);
    ASSERT_EQ(found.size(), expected.size());
    ASSERT_FALSE(found.empty());
    EXPECT_TRUE(found.front().on_gpu.empty());
    EXPECT_EQ(difference(bytes_of(found.back().image), bytes_of(expected.back().image)).largest, 0);
    expect_told("the CPU decodes: ");
    expect_told(reason);
  }

  device::FakeGpu gpu_;
  inline static std::vector<std::string> lines_;
};

TEST_F(GpuSource, GivesTheFramesOfTheCpu) {
  SKIP_WITHOUT_FFMPEG();
  expect_equal(video("h264.mp4", "-c:v libx264 -pix_fmt yuv420p -bf 3"), {}, INFINITY);
  expect_told("GPU 0 decodes");
  expect_equal(video("full.mp4", "-c:v libx264 -pix_fmt yuvj420p -colorspace bt709"), {}, INFINITY);
  expect_equal(video("709.mp4", "-c:v libx264 -pix_fmt yuv420p -vf scale=out_color_matrix=bt709 -colorspace bt709"), {},
               INFINITY);
  expect_equal(video("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -t 1"), {}, INFINITY);
}

TEST_F(GpuSource, GivesTheFramesOfTheCpuInTenBits) {
  SKIP_WITHOUT_FFMPEG();
  constexpr double kBorders = 50;  // of this small picture; larger ones have less of them
  expect_equal(
      video("ten.mp4", "-c:v libx265 -x265-params log-level=error -preset ultrafast -pix_fmt yuv420p10le -t 1"), {},
      kBorders);
}

TEST_F(GpuSource, SeeksTrimsAndSamplesAsTheCpu) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = video("long.mp4", "-c:v libx264 -pix_fmt yuv420p -g 20 -bf 3");
  expect_equal(file, {.start = 47, .end = 53}, INFINITY);
  expect_equal(file, {.start = 95, .end = 500}, INFINITY);
  expect_equal(file, {.start = 10, .end = 90, .every = 25}, INFINITY);
}

TEST_F(GpuSource, HoldsNoMoreFramesThanAreOut) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = video("h264.mp4", "-c:v libx264 -pix_fmt yuv420p");
  const std::size_t free = gpu_.memory().free;
  {
    const auto source = open_video(file, {}, {&gpu_, 2});
    const auto made = gpu_.counters.allocations.load();
    auto before = source->read();
    while (auto frame = source->read()) {
      before = std::move(frame);
    }
    EXPECT_EQ(gpu_.counters.allocations, made);
  }
  EXPECT_EQ(gpu_.memory().free, free);
}

TEST_F(GpuSource, LeavesToTheCpuWhatItCannot) {
  SKIP_WITHOUT_FFMPEG();
  const struct {
    const char* name;
    const char* arguments;
    const char* reason;
  } videos[] = {
      {"codec.mp4", "-c:v mpeg4 -t 1", "not mpeg4"},
      {"profile.mkv", "-c:v libx264 -pix_fmt yuv422p -t 1", "not yuv422p"},
      {"odd.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -vf scale=321:181 -t 0.4", "is odd"},
      {"matrix.mp4", "-c:v libx264 -pix_fmt yuv420p -colorspace smpte240m -t 1", "smpte240m"},
      {"hdr.mp4", "-c:v libx264 -pix_fmt yuv420p -color_trc smpte2084 -t 1", "HDR"},
  };
  for (const auto& [name, arguments, reason] : videos) {
    lines_.clear();
    expect_cpu(video(name, arguments), gpu_, reason);
  }
}

TEST_F(GpuSource, LeavesTurnedFramesToTheCpu) {
  SKIP_WITHOUT_FFMPEG();
  const auto upright = video("upright.mp4", "-c:v libx264 -pix_fmt yuv420p -t 1");
  const auto turned = path("turned.mp4");
  ffmpeg(fmt::format("-i {} -c copy -metadata:s:v rotate=90 {}", quoted(upright), quoted(turned)));
  expect_cpu(turned, gpu_, "turned");
}

TEST_F(GpuSource, LeavesAllToTheCpuWithoutNvdec) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = video("h264.mp4", "-c:v libx264 -pix_fmt yuv420p -t 1");
  NoDecoderGpu gpu;
  expect_cpu(file, gpu, device::cuda_status().built ? "CUDA driver" : "no CUDA part");
}

TEST_F(GpuSource, LeavesAllToTheCpuWhereMemoryRanOut) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = video("h264.mp4", "-c:v libx264 -pix_fmt yuv420p -t 1");
  device::FakeGpu full(0, 1000);
  expect_cpu(file, full, "bytes failed");
  EXPECT_EQ(full.memory().free, 1000U);
}

// The frames take the first one's size on the CPU, which decodes them then.
TEST_F(GpuSource, ConvertsFramesOfAnotherSizeOnTheHost) {
  SKIP_WITHOUT_FFMPEG();
  const auto wide = video("wide.264", "-c:v libx264 -pix_fmt yuv420p -t 0.4");
  const auto small = video("small.264", "-c:v libx264 -pix_fmt yuv420p -s 160x90 -t 0.4");
  auto both = read_file(wide);
  const auto second = read_file(small);
  both.insert(both.end(), second.begin(), second.end());
  write_file(path("both.264"), both);
  const std::vector<SourceFrame> expected = read_all(path("both.264"));
  std::vector<SourceFrame> found = decode(path("both.264"), {}, gpu_);
  ASSERT_EQ(found.size(), expected.size());
  EXPECT_FALSE(found.front().on_gpu.empty());
  EXPECT_TRUE(found.back().on_gpu.empty());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(difference(bytes_of(found[i].on_host()), bytes_of(expected[i].image)).largest, 0) << "frame " << i;
  }
}

}  // namespace
}  // namespace facegraph::media
