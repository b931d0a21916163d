#include "jobs/store/job_json.hpp"

#include <gtest/gtest.h>

namespace facegraph::jobs {
namespace {

Job sample() {
  return {.version = "1",
          .date_created = "2026-01-31T12:34:56.789012+01:00",
          .date_updated = {},
          .steps = {{.args = {{"source_paths", std::vector<std::string>{"a.jpg", "b.mp3"}},
                              {"target_path", std::string("目标 \"x\".mp4")},
                              {"face_detector_margin", std::vector<long long>{5, 0}},
                              {"face_detector_score", 0.5},
                              {"output_video_scale", 1.0},
                              {"output_image_quality", 80LL},
                              {"trim_frame_end", {}}},
                     .status = StepStatus::kDrafted}}};
}

std::string job_text(const Job& job) {
  std::string text;
  write_job(job, [&text](std::string_view piece) { text += piece; });
  return text;
}

// What Python's json.dump(..., indent = 4) writes of this.
constexpr const char* kText = R"({
    "version": "1",
    "date_created": "2026-01-31T12:34:56.789012+01:00",
    "date_updated": null,
    "steps": [
        {
            "args": {
                "source_paths": [
                    "a.jpg",
                    "b.mp3"
                ],
                "target_path": "\u76ee\u6807 \"x\".mp4",
                "face_detector_margin": [
                    5,
                    0
                ],
                "face_detector_score": 0.5,
                "output_video_scale": 1.0,
                "output_image_quality": 80,
                "trim_frame_end": null
            },
            "status": "drafted"
        }
    ]
})";

TEST(JobJson, IsWrittenAsTheReferenceWritesIt) {
  EXPECT_EQ(job_text(sample()), kText);
  Job empty = sample();
  empty.steps.clear();
  empty.date_updated = "2026-02-01T00:00:00+00:00";
  EXPECT_EQ(job_text(empty), R"({
    "version": "1",
    "date_created": "2026-01-31T12:34:56.789012+01:00",
    "date_updated": "2026-02-01T00:00:00+00:00",
    "steps": []
})");
}

TEST(JobJson, IsReadAsItIsWritten) {
  const std::optional<Job> job = job_from(kText);
  ASSERT_TRUE(job);
  EXPECT_EQ(job_text(*job), kText);
  EXPECT_EQ(text_arg(job->steps[0].args, "target_path"), "目标 \"x\".mp4");
  EXPECT_EQ(*find_arg(job->steps[0].args, "output_video_scale"), core::OptionValue(1.0));
  EXPECT_EQ(*find_arg(job->steps[0].args, "output_image_quality"), core::OptionValue(80LL));
  EXPECT_EQ(*find_arg(job->steps[0].args, "trim_frame_end"), core::OptionValue());
  EXPECT_EQ(find_arg(job->steps[0].args, "trim_frame_start"), nullptr);
}

TEST(JobJson, BytesThatAreNoTextAreKeptAsTheReferenceKeepsThem) {
  const std::string name = "\xff\xfe\x80 \xc3\xa4 \xed\xa0\x80 \xf0\x9f\x98\x80 \xc0\xaf.png";
  Job job = sample();
  job.steps[0].args = {{"target_path", name}};
  const std::string text = job_text(job);
  EXPECT_NE(text.find(R"("\udcff\udcfe\udc80 \u00e4 \udced\udca0\udc80 \ud83d\ude00 \udcc0\udcaf.png")"),
            std::string::npos)
      << text;
  ASSERT_TRUE(job_from(text));
  EXPECT_EQ(text_arg(job_from(text)->steps[0].args, "target_path"), name);
}

TEST(JobJson, WhatIsNoJobIsNone) {
  for (const std::string key : {"version", "date_created", "date_updated", "steps"}) {
    std::string text = kText;
    text.replace(text.find("\"" + key), 2, "\"x");
    EXPECT_FALSE(job_from(text)) << key;
  }
  for (const char* text : {"", "{}", "[]", "{", "null", R"({"version": "1", "date_created": "", "date_updated": null,
        "steps": [{"args": {}, "status": "unknown"}]})",
                           R"({"version": "1", "date_created": "", "date_updated": null, "steps": [1]})",
                           R"({"version": "1", "date_created": "", "date_updated": null, "steps": {}})"}) {
    EXPECT_FALSE(job_from(text)) << text;
  }
}

TEST(JobJson, ArgumentsOfOneTextAreEqual) {
  StepArgs args = sample().steps[0].args;
  const std::string text = args_text(args);
  EXPECT_EQ(text, args_text(sample().steps[0].args));
  set_arg(args, "output_image_quality", 81LL);
  EXPECT_NE(text, args_text(args));
}

}  // namespace
}  // namespace facegraph::jobs
