// Which models take several items in one run, with what each gets alone: every stand-in and every small real network,
// on the GPU's path made of host memory.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/onnx/declared_inputs.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/session/batched_session.hpp"
#include "support/npz.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMemory = std::size_t{16} << 30U;
constexpr std::int64_t kSide = 64;  // of pictures of any size

std::vector<runtime::InputSpec> inputs_of_one(const fs::path& file, runtime::ElementType numbers) {
  std::vector<runtime::InputSpec> inputs;
  for (const models::DeclaredInput& declared : models::declared_inputs(file)) {
    runtime::Shape shape = declared.dims;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      shape[i] = shape[i] > 0 ? shape[i] : i == 0 ? 1 : kSide;
    }
    inputs.push_back({declared.name, shape, shape.size() < 2 ? numbers : runtime::ElementType::kF32});
  }
  return inputs;
}

class Batches : public testing::Test {
 protected:
  Batches() { fs::current_path(scratch_.folder()); }
  ~Batches() override { fs::current_path(before_); }

  // A run of that many items, tried where nothing but last bits may differ.
  runtime::BatchTrial tried(const fs::path& file, std::int64_t items) {
    device::FakeGpu gpu(0, kMemory);
    runtime::InferencePool pool{runtime::ExecutionOptions{.providers = {"cuda"}, .batch_frames = 8},
                                runtime::host_backend(gpu, scratch_ / "graphs.json")};
    const auto open = [&](const std::vector<runtime::InputSpec>& specs) {
      return pool.open("test", {file.stem().string(), file}, specs);
    };
    const auto sessions = [&](runtime::ElementType numbers) {
      return runtime::BatchedSession(open, inputs_of_one(file, numbers), items, {}, runtime::Same::kClose);
    };
    try {
      sessions(runtime::ElementType::kF32).for_parts(static_cast<std::size_t>(items));
    } catch (const core::Error&) {
      sessions(runtime::ElementType::kF64).for_parts(static_cast<std::size_t>(items));
    }
    for (const runtime::GraphReport& report : pool.graph_reports()) {
      if (!report.batches.empty()) {
        return report.batches.front();
      }
    }
    return {.against = "nothing was tried"};
  }

  void expect_taken(const fs::path& folder, std::int64_t items) {
    int count = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().stem().string();
      if (entry.path().extension() == ".onnx" && name.find("2048") == std::string::npos) {  // those are large
        const runtime::BatchTrial trial = tried(entry.path(), items);
        EXPECT_EQ(trial.against, "") << name;
        EXPECT_EQ(trial.items, static_cast<std::size_t>(items)) << name;
        ++count;
      }
    }
    EXPECT_GT(count, 10);
  }

  const fs::path before_ = fs::current_path();
  const Scratch scratch_;
};

TEST_F(Batches, EveryStandInTakesTwo) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  expect_taken(shared / "contract/models", 2);
}

TEST_F(Batches, EverySmallNetworkTakesFour) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  expect_taken(shared / "models", 4);
}

}  // namespace
}  // namespace facegraph::test
