#include "jobs/batch/batch.hpp"

#include "support/scratch.hpp"

namespace facegraph::jobs {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

std::vector<std::string> names_of(const std::vector<fs::path>& files) {
  std::vector<std::string> names;
  for (const fs::path& file : files) {
    names.push_back(file.filename().string());
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(Pattern, LastComponentOnly) {
  const test::Scratch scratch;
  for (const char* name : {"b.png", "a.png", "a1.png", ".hidden.png", "c.jpg", "[x].png"}) {
    scratch.write(name, "");
  }
  fs::create_directory(scratch / "sub");
  std::ofstream(scratch / "sub/d.png").flush();
  const auto matches = [&](const std::string& pattern) { return names_of(files_of_pattern(scratch / pattern)); };
  EXPECT_EQ(matches("*.png"), (Names{"[x].png", "a.png", "a1.png", "b.png"}));
  EXPECT_EQ(matches("?.png"), (Names{"a.png", "b.png"}));
  EXPECT_EQ(matches("[ac].*"), (Names{"a.png", "c.jpg"}));
  EXPECT_EQ(matches("[!a]*.png"), (Names{"[x].png", "b.png"}));
  EXPECT_EQ(matches(".*.png"), Names{".hidden.png"});
  EXPECT_EQ(matches("a.png"), Names{"a.png"});
  EXPECT_EQ(matches("*/d.png"), Names{}) << "no pattern in the folder";
  EXPECT_EQ(matches("sub"), Names{}) << "a folder";
  EXPECT_EQ(matches("absent/*"), Names{});
  EXPECT_EQ(files_of_pattern("*"), std::vector<fs::path>{}) << "no folder";
  EXPECT_EQ(files_of_pattern(""), std::vector<fs::path>{});
  EXPECT_EQ(files_of_pattern(scratch / "c*"), std::vector<fs::path>{scratch / "c.jpg"}) << "with its folder";
}

TEST(Pattern, AHundredThousandFiles) {
  const test::Scratch scratch;
  for (int i = 0; i < 100000; ++i) {
    std::ofstream(scratch / (std::to_string(i) + ".png")).flush();
  }
  const std::vector<fs::path> files = files_of_pattern(scratch / "*.png");
  ASSERT_EQ(files.size(), 100000U);
  const std::vector<BatchStep> steps = batch_steps({}, files, "o/{index:06}{target_extension}");
  EXPECT_EQ(steps[99999].output, "o/099999.png");
  EXPECT_EQ(steps[99999].target, scratch / "99999.png");
}

TEST(Batch, SourcesOutsideTargetsInside) {
  const std::vector<BatchStep> steps = batch_steps({"s1.jpg", "x/s2.jpg"}, {"t1.MP4", "y/t.2.mp4"},
                                                   "o/{index:03d}-{source_name}-{target_name}{target_extension}");
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[0].output, "o/000-s1-t1.mp4");
  EXPECT_EQ(steps[1].output, "o/001-s1-t.2.mp4");
  EXPECT_EQ(steps[2].output, "o/002-s2-t1.mp4");
  EXPECT_EQ(steps[3].output, "o/003-s2-t.2.mp4");
  EXPECT_EQ(steps[2].source, "x/s2.jpg");
  EXPECT_EQ(steps[2].target, "t1.MP4");
}

TEST(Batch, TargetsOnly) {
  const std::vector<BatchStep> steps = batch_steps({}, {"a.png", "b.png"}, "{{{target_name:_>3}}}{index}.png");
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[1].output, "{__b}1.png");
  EXPECT_EQ(steps[1].source, "");
  EXPECT_TRUE(batch_steps({"s.jpg"}, {}, "x.png").empty());
}

TEST(Batch, TemplatesThatCannotBeFilled) {
  for (const char* text : {"{}.png", "{0}.png", "{name}.png", "{source_name}.png", "{index", "x}.png", "{index:q}.png",
                           "{target_name:d}.png"}) {
    test::expect_names(test::message_of(ErrorCode::kFailed, [&] { batch_steps({}, {"a.png"}, text); }), {text});
  }
}

}  // namespace
}  // namespace facegraph::jobs
