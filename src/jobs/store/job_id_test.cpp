#include "jobs/store/job_id.hpp"

#include <gtest/gtest.h>

namespace facegraph::jobs {
namespace {

TEST(JobId, LettersDigitsAndDashesAreKept) {
  for (const std::string name : {"job", "test-job-1", "-a-", "7", "工作-é"}) {
    EXPECT_EQ(job_id_of(name), name);
  }
}

TEST(JobId, EverythingElseIsHashed) {
  EXPECT_EQ(job_id_of("a_b"), "eb2980a5a244aad8cef818994eaae6c75b8eac16");
  for (const std::string name : {"", "-", "a b", "../x", "a.json", "\xff"}) {
    EXPECT_EQ(job_id_of(name).size(), 40U) << name;
    EXPECT_NE(job_id_of(name), name);
  }
}

TEST(JobId, StepOutputPaths) {
  EXPECT_EQ(step_output_path("test-job", 0, "test.mp4"), "test-test-job-0.mp4");
  EXPECT_EQ(step_output_path("test-job", 0, "test/test.mp4"), "test/test-test-job-0.mp4");
  EXPECT_EQ(step_output_path("job-1", 0, "y.MP4"), "y-job-1-0.mp4");
  EXPECT_EQ(step_output_path("j", 12, "/a/b.c.png"), "/a/b.c-j-12.png");
  for (const char* output : {"invalid", "", "folder/", ".png", "x."}) {
    EXPECT_EQ(step_output_path("j", 0, output), std::nullopt) << output;
  }
}

}  // namespace
}  // namespace facegraph::jobs
