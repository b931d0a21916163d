// Which models take several items in one run, with what each gets alone: every stand-in and every small real network,
// on the GPU's path made of host memory.
#include <map>

#include <fmt/format.h>
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
constexpr std::int64_t kMostValues = 3 * 512 * 512;

std::vector<runtime::InputSpec> inputs_of_one(const fs::path& file) {
  std::vector<runtime::InputSpec> inputs;
  for (const models::DeclaredInput& declared : models::declared_inputs(file)) {
    runtime::Shape shape = declared.dims;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      shape[i] = shape[i] > 0 ? shape[i] : i == 0 ? 1 : kSide;
    }
    const bool number = declared.name == "weight" && shape.size() == 1;
    inputs.push_back({declared.name, shape, number ? runtime::ElementType::kF64 : runtime::ElementType::kF32});
  }
  return inputs;
}

// Of those that have a picture and numbers, the one that parts are counted by stands first.
class Batches : public testing::Test {
 protected:
  Batches() { fs::current_path(scratch_ / ""); }
  ~Batches() override { fs::current_path(before_); }

  // What became of the largest run that was tried: "4", or why not.
  std::string tried(const fs::path& file) {
    std::vector<runtime::InputSpec> inputs = inputs_of_one(file);
    const std::int64_t most =
        static_cast<std::int64_t>(runtime::element_count(inputs.front().shape)) > kMostValues ? 2 : 4;
    device::FakeGpu gpu(0, kMemory);
    runtime::InferencePool pool{runtime::ExecutionOptions{.providers = {"cuda"}, .batch_frames = 4},
                                runtime::host_backend(gpu, scratch_ / "graphs.json")};
    const auto open = [&](const std::vector<runtime::InputSpec>& specs) {
      return pool.open("test", {file.stem().string(), file}, specs);
    };
    std::size_t batch = 0;
    {
      runtime::BatchedSession sessions;
      try {
        sessions = {open, inputs, most, {}, runtime::Same::kClose};
      } catch (const core::Error&) {
        for (runtime::InputSpec& input : inputs) {
          input.type = runtime::ElementType::kF32;
        }
        sessions = {open, inputs, most, {}, runtime::Same::kClose};
      }
      batch = sessions.for_parts(static_cast<std::size_t>(most)).batch();
    }
    for (const runtime::GraphReport& report : pool.graph_reports()) {
      if (!report.batches.empty() && !report.batches.front().against.empty()) {
        return report.batches.front().against;
      }
    }
    return std::to_string(batch);
  }

  const fs::path before_ = fs::current_path();
  const Scratch scratch_;
};

TEST_F(Batches, OfEveryModel) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  for (const fs::path& folder : {shared / "contract/models", shared / "models"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".onnx") {
        std::string found;
        try {
          found = tried(entry.path());
        } catch (const std::exception& error) {
          found = error.what();
        }
        fmt::print("{}/{}: {}\n", folder.filename().string(), entry.path().stem().string(), found);
      }
    }
  }
}

}  // namespace
}  // namespace facegraph::test
