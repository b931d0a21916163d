// What a run says about its cost, and what the program says about GPUs that are not there.
#include <fstream>

#include <nlohmann/json.hpp>

#include "device/gpu/gpu.hpp"
#include "e2e/sandbox.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

class Report : public Sandbox {
 protected:
  void SetUp() override { make_folders(); }
  Job embedded() const {
    Job job;
    job.embedded = true;
    job.source = sample("source_1.jpg");
    job.target = sample("group.jpg");
    job.output = out("group.jpg");
    job.options = {"--face-selector-mode", "many"};
    return job;
  }
};

TEST_F(Report, HoldsModelsAndStages) {
  Job job = embedded();
  job.target = sample("two_people.mp4");
  job.output = out("two_people.mp4");
  job.options.insert(job.options.end(), {"--report", out("report.json").string(), "--trim-frame-end", "5"});
  ASSERT_EQ(start(job).code, 0);
  const auto report = nlohmann::json::parse(read_text(out("report.json")));
  EXPECT_EQ(report["run"]["frames"], 5);
  EXPECT_GT(report["stages"]["analysing_ms"], 0);
  EXPECT_GT(report["stages"]["processing_ms"], 0);
  EXPECT_GE(report["stages"]["frame_ms"], 0);
  bool swapper = false;
  for (const auto& model : report["models"]) {
    if (model["model"] == "embedded_swapper_128") {
      swapper = true;
      EXPECT_EQ(model["runs"], 10);  // two people in five frames
    }
  }
  EXPECT_TRUE(swapper);
  expect_left({"report.json", "two_people.mp4"});
}

TEST_F(Report, ItsFolderIsLookedForBeforeTheWork) {
  Job job = embedded();
  job.options.insert(job.options.end(), {"--report", out("none/report.json").string()});
  expect_failure(job, 2, {"--report", "report.json", "folder does not exist"});
}

TEST_F(Report, ADebugLogEndsWithTheTable) {
  Job job = embedded();
  job.log_level = "debug";
  const Outcome outcome = start(job);
  ASSERT_EQ(outcome.code, 0);
  expect_names(outcome.err, {"1 frames in", "embedded_swapper_128", "4 runs"});
}

TEST_F(Report, CudaWithoutAGpuIsRefusedBeforeTheWork) {
  if (device::cuda_status().problem.empty()) {
    GTEST_SKIP() << "there is a GPU";
  }
  Job job = embedded();
  job.options = {"--execution-providers", "cuda"};
  const Outcome outcome = start(job);
  EXPECT_NE(outcome.code, 0);
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_TRUE(outcome.err.find("FACEGRAPH_ORT_CUDA") != std::string::npos ||
              outcome.err.find(device::cuda_status().problem) != std::string::npos)
      << outcome.err;
  expect_left({});
}

}  // namespace
}  // namespace facegraph::test
