#include "app/cli/gpu_commands.hpp"

#include <gtest/gtest.h>

#include "app/cli/command_line.hpp"
#include "device/gpu/gpu.hpp"

namespace facegraph::app {
namespace {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

Outcome run(const std::vector<std::string>& arguments) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run_command_line(arguments);
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Doctor, TellsWhatIsThereAndWhatIsMissing) {
  const Outcome outcome = run({"doctor"});
  for (const char* what : {"NVIDIA driver", "CUDA of this build", "cuDNN", "ONNX Runtime", "Providers"}) {
    EXPECT_TRUE(holds(outcome.out, what)) << what;
  }
  if (outcome.code == 0) {
    EXPECT_TRUE(holds(outcome.out, "cuda can run"));
    return;
  }
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(holds(outcome.out, "problem: ")) << outcome.out;
  EXPECT_TRUE(holds(outcome.err, "cuda cannot run here")) << outcome.err;
  if (!device::cuda_status().problem.empty()) {
    EXPECT_TRUE(holds(outcome.out, device::cuda_status().problem)) << outcome.out;
  }
}

TEST(BenchmarkGraphs, NeedsCuda) {
  if (device::cuda_status().problem.empty()) {
    GTEST_SKIP() << "there is a GPU";
  }
  const Outcome outcome = run({"benchmark-graphs"});
  EXPECT_NE(outcome.code, 0);
  EXPECT_TRUE(holds(outcome.err, "cuda") || holds(outcome.err, "CUDA")) << outcome.err;
}

}  // namespace
}  // namespace facegraph::app
