#include "device/buffer.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace facegraph::device {
namespace {

TEST(Buffer, IsZeroedAndAligned) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{100'003}}) {
    const Buffer buffer(bytes);
    EXPECT_EQ(buffer.bytes(), bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0U);
    const auto* values = static_cast<const std::uint8_t*>(buffer.data());
    EXPECT_EQ(std::count(values, values + bytes, 0), static_cast<std::ptrdiff_t>(bytes));
  }
}

TEST(Buffer, OfNoBytesHasAnAddress) {
  EXPECT_NE(Buffer(0).data(), nullptr);
  EXPECT_EQ(Buffer().data(), nullptr);
}

TEST(Buffer, KeepsItsAddressWhenItMoves) {
  Buffer first(128);
  void* address = first.data();
  const Buffer second = std::move(first);
  EXPECT_EQ(second.data(), address);
  EXPECT_EQ(second.bytes(), 128U);
}

TEST(Buffer, SaysThatMemoryRanOut) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's allocator ends the program instead";
#else
  try {
    const Buffer buffer(std::numeric_limits<std::size_t>::max() / 4);
    FAIL() << "no error";
  } catch (const core::Error& error) {
    EXPECT_EQ(error.code(), core::ErrorCode::kOutOfMemory);
  }
#endif
}

}  // namespace
}  // namespace facegraph::device
