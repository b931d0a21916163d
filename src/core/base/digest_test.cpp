#include "core/base/digest.hpp"

#include "core/base/error.hpp"
#include "support/scratch.hpp"

namespace facegraph::core {
namespace {

TEST(Digest, KnownTexts) {
  EXPECT_EQ(sha1_of("a_b"), "eb2980a5a244aad8cef818994eaae6c75b8eac16");
  EXPECT_EQ(sha1_of(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, FilesLargerThanABlock) {
  const test::Scratch scratch;
  const std::string text(3 << 20, 'x');
  EXPECT_EQ(sha256_of_file(scratch.write("large", text + "y")), sha256_of(text + "y"));
  EXPECT_EQ(sha256_of_file(scratch.write("empty", "")), sha256_of(""));
  test::expect_names(test::message_of(ErrorCode::kFailed, [&] { sha256_of_file(scratch / "absent"); }), {"absent"});
}

}  // namespace
}  // namespace facegraph::core
