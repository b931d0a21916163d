// For tests of operators that a GPU runs. x_cuda_test.cpp is built twice: unit tests run it on a GPU made of host
// memory, where launches run their programs on the host; tests with the label gpu on the first real one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/types/image.hpp"
#include "device/buffer.hpp"
#include "device/gpu/gpu.hpp"
#include "device/gpu/stream.hpp"
#include "device/gpu/test_support.hpp"
#include "ops/gpu/host_programs.hpp"

namespace facegraph::ops {

// Numbers of 0..255, the same every time.
inline core::Image noise(core::Size size, int channels, core::Depth depth, unsigned seed = 7) {
  core::Image image(size, channels, depth);
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> level(0, 255);
  for (int y = 0; y < size.height; ++y) {
    for (int i = 0; i < size.width * channels; ++i) {
      const double value = level(random);
      switch (depth) {
        case core::Depth::kU8:
          image.row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(value);
          break;
        case core::Depth::kF32:
          image.row<float>(y)[i] = static_cast<float>(value);
          break;
        case core::Depth::kF64:
          image.row<double>(y)[i] = value;
          break;
      }
    }
  }
  return image;
}

// tolerance: how far each value may be off; 0: equal in every bit.
inline void expect_equal(core::ConstImageView found, core::ConstImageView expected, double tolerance = 0) {
  ASSERT_EQ(found.size(), expected.size());
  ASSERT_EQ(found.channels, expected.channels);
  ASSERT_EQ(found.depth, expected.depth);
  const auto value = [](core::ConstImageView view, int i, int y) {
    return view.depth == core::Depth::kU8    ? static_cast<double>(view.row<std::uint8_t>(y)[i])
           : view.depth == core::Depth::kF32 ? static_cast<double>(view.row<float>(y)[i])
                                             : view.row<double>(y)[i];
  };
  double worst = 0;
  for (int y = 0; y < found.height; ++y) {
    for (int i = 0; i < found.width * found.channels; ++i) {
      const bool is_same = value(found, i, y) == value(expected, i, y);  // two infinities are
      const double off = is_same ? 0 : std::abs(value(found, i, y) - value(expected, i, y));
      ASSERT_TRUE(off <= tolerance) << "row " << y << ", value " << i << ": " << value(found, i, y) << ", expected "
                                    << value(expected, i, y);
      worst = std::max(worst, off);
    }
  }
  testing::Test::RecordProperty("worst", std::to_string(worst));
}

// A GPU with a stream, and memory that lives until the test ends. Skips where a real GPU is wanted and there is none.
class GpuOps : public testing::Test {
 protected:
  void SetUp() override {
#ifdef FACEGRAPH_TEST_ON_GPU
    if (!device::cuda_status().problem.empty()) {
      GTEST_SKIP() << device::cuda_status().problem;
    }
    gpu_ = &device::cuda_gpu(0);
#else
    gpu_ = &fake_;
#endif
    gpu_->bind_thread();
    stream_ = std::make_unique<device::Stream>(*gpu_);
  }

  const device::Stream& stream() const {
    return *stream_;
  }

  // Device memory that lives until the test ends.
  void* take(std::size_t bytes) {
    return buffers_.emplace_back(*gpu_, bytes, device::Place::kDevice).data();
  }

  core::ImageView picture(core::Size size, int channels, core::Depth depth) {
    const std::size_t row = static_cast<std::size_t>(size.width) * channels * core::bytes_of(depth);
    auto* data = static_cast<std::byte*>(take(row * size.height));
    return {data, size.width, size.height, channels, depth, static_cast<std::ptrdiff_t>(row)};
  }
  core::ImageView upload(core::ConstImageView view) {
    const core::ImageView on_gpu = picture(view.size(), view.channels, view.depth);
    const core::Image contiguous = core::Image::copy_of(view);
    gpu_->upload(on_gpu.data, contiguous.view().data, contiguous.bytes(), stream_->handle());
    stream_->wait();
    return on_gpu;
  }
  // Of a picture made by picture() or upload().
  core::Image download(core::ConstImageView on_gpu) {
    core::Image image(on_gpu.size(), on_gpu.channels, on_gpu.depth);
    gpu_->download(image.view().data, on_gpu.data, image.bytes(), stream_->handle());
    stream_->wait();
    return image;
  }

  template <typename T>
  T* upload_values(std::span<const T> values) {
    T* on_gpu = static_cast<T*>(take(values.size_bytes()));
    gpu_->upload(on_gpu, values.data(), values.size_bytes(), stream_->handle());
    stream_->wait();
    return on_gpu;
  }
  template <typename T>
  T* upload_value(const T& value) {
    return upload_values(std::span<const T>(&value, 1));
  }
  template <typename T>
  std::vector<T> download_values(const T* on_gpu, std::size_t count) {
    std::vector<T> values(count);
    gpu_->download(values.data(), on_gpu, count * sizeof(T), stream_->handle());
    stream_->wait();
    return values;
  }

 private:
  device::FakeGpu fake_;
  device::Gpu* gpu_ = nullptr;
  std::unique_ptr<device::Stream> stream_;
  std::vector<device::Buffer> buffers_;
};

}  // namespace facegraph::ops
