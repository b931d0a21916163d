#include "device/gpu/gpu.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "device/buffer.hpp"
#include "device/gpu/capture_gate.hpp"
#include "device/gpu/stream.hpp"
#include "device/gpu/test_support.hpp"

namespace facegraph::device {
namespace {

TEST(GpuBuffer, TakesAndGivesBack) {
  FakeGpu gpu;
  const std::size_t free = gpu.memory().free;
  {
    const Buffer device(gpu, 1000, Place::kDevice);
    const Buffer pinned(gpu, 8, Place::kPinned);
    EXPECT_EQ(gpu.memory().free, free - 1000);
    EXPECT_EQ(device.place(), Place::kDevice);
    EXPECT_EQ(pinned.place(), Place::kPinned);
    EXPECT_EQ(*static_cast<std::uint64_t*>(pinned.data()), 0U);
    EXPECT_EQ(gpu.counters.allocations, 2);
  }
  EXPECT_EQ(gpu.memory().free, free);
}

TEST(GpuBuffer, SaysThatMemoryRanOut) {
  FakeGpu gpu(0, 100);
  try {
    const Buffer device(gpu, 101, Place::kDevice);
    FAIL() << "no error";
  } catch (const core::Error& error) {
    EXPECT_EQ(error.code(), core::ErrorCode::kOutOfMemory);
  }
}

TEST(Stream, IsDestroyedOnce) {
  FakeGpu gpu;
  {
    Stream stream(gpu);
    const Stream moved = std::move(stream);
    EXPECT_EQ(gpu.streams, 1);
    Timer timer(moved);
    timer.start();
    gpu.work(5);
    timer.stop();
    EXPECT_EQ(timer.microseconds(), 5);
    EXPECT_EQ(gpu.events, 2);
  }
  EXPECT_EQ(gpu.streams, 0);
  EXPECT_EQ(gpu.events, 0);
}

TEST(CaptureGate, LetsNobodyAllocateDuringACapture) {
  std::atomic<bool> captured{false};
  std::thread other;
  {
    const CaptureScope scope;
    other = std::thread([&] {
      const AllocationScope allocation;
      EXPECT_TRUE(captured);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    captured = true;
  }
  other.join();
  const AllocationScope first;  // two at once
  std::thread([] { const AllocationScope second; }).join();
}

// On a machine without a GPU the reason is told; with one, memory can be used.
TEST(Cuda, RunsOrSaysWhyNot) {
  const CudaStatus& status = cuda_status();
  if (!status.problem.empty()) {
    EXPECT_TRUE(status.gpus.empty());
    try {
      cuda_gpu(0);
      FAIL() << "no error";
    } catch (const core::Error& error) {
      EXPECT_NE(std::string(error.what()).find(status.problem), std::string::npos);
    }
    return;
  }
  Gpu& gpu = cuda_gpu(0);
  gpu.bind_thread();
  const Stream stream(gpu);
  const Buffer host(gpu, 4096, Place::kPinned);
  const Buffer device(gpu, 4096, Place::kDevice);
  const Buffer back(gpu, 4096, Place::kPinned);
  std::memset(host.data(), 7, host.bytes());
  gpu.upload(device.data(), host.data(), 4096, stream.handle());
  gpu.download(back.data(), device.data(), 4096, stream.handle());
  stream.wait();
  EXPECT_EQ(std::memcmp(host.data(), back.data(), 4096), 0);
  EXPECT_THROW(cuda_gpu(static_cast<int>(status.gpus.size())), core::Error);
}

}  // namespace
}  // namespace facegraph::device
