#include "core/base/file.hpp"

#include <gtest/gtest.h>

#include "support/scratch.hpp"

namespace facegraph::core {
namespace {

TEST(ReadFile, GivesEveryByte) {
  const test::Scratch scratch;
  std::string bytes(100000, 'x');
  bytes[5] = '\0';
  bytes[99999] = '\xff';
  EXPECT_EQ(read_file(scratch.write("large", bytes)), bytes);
  EXPECT_EQ(read_file(scratch.write("empty", "")), "");
}

TEST(SizeOrZero, IsThatOfTheFile) {
  const test::Scratch scratch;
  EXPECT_EQ(size_or_zero(scratch.write("five", "bytes")), 5U);
  EXPECT_EQ(size_or_zero(scratch / "absent"), 0U);
  EXPECT_EQ(size_or_zero(scratch.folder()), 0U);
}

TEST(ReadFile, OfUnknownSize) {
  EXPECT_NE(read_file("/proc/self/status").find("VmPeak"), std::string::npos);
  EXPECT_GT(read_file("/proc/self/maps").size(), 4096U);
}

TEST(ReadFile, ThatCannotBeRead) {
  const test::Scratch scratch;
  test::expect_names(test::message_of(ErrorCode::kFailed, [&] { read_file(scratch / "absent"); }),
                     {(scratch / "absent").string(), "No such file"});
  test::expect_names(test::message_of(ErrorCode::kFailed, [&] { read_file(scratch.folder()); }),
                     {scratch.folder().string(), "Is a directory"});
}

}  // namespace
}  // namespace facegraph::core
