#include "runtime/doctor/doctor.hpp"

#include <gtest/gtest.h>

#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

Inventory healthy() {
  Inventory inventory;
  inventory.cuda.built = true;
  inventory.cuda.driver_version = 13000;
  inventory.cuda.runtime_version = 13000;
  inventory.cuda.gpus = {{0, "NVIDIA H200", 9, 0, std::size_t{140} << 30U}};
  inventory.memory = {{std::size_t{139} << 30U, std::size_t{140} << 30U}};
  inventory.kernel_driver = "580.159.04";
  inventory.cudnn_version = 91201;
  inventory.onnxruntime_version = "1.31.1";
  inventory.providers = {"cuda", "cpu"};
  return inventory;
}

std::string only_problem(const Inventory& inventory) {
  const Diagnosis diagnosis = diagnose(inventory);
  EXPECT_EQ(diagnosis.problems.size(), 1U);
  return diagnosis.problems.empty() ? "" : diagnosis.problems.front();
}

TEST(Doctor, FindsNothingWrongWithAHealthyMachine) {
  const Diagnosis diagnosis = diagnose(healthy());
  EXPECT_TRUE(diagnosis.problems.empty());
  EXPECT_TRUE(diagnosis.notes.empty());
  const std::vector<std::pair<std::string, std::string>> expected{
      {"NVIDIA driver", "580.159.04"},
      {"CUDA of the driver", "13.0"},
      {"CUDA of this build", "13.0"},
      {"cuDNN", "9.12.1"},
      {"ONNX Runtime", "1.31.1"},
      {"Providers", "cuda, cpu"},
      {"GPU 0", "NVIDIA H200, compute capability 9.0, 140.0 GiB (139.0 GiB free)"}};
  EXPECT_EQ(diagnosis.findings, expected);
}

TEST(Doctor, NamesWhatIsMissing) {
  Inventory inventory = healthy();
  inventory.cuda.problem = "no NVIDIA driver is installed";
  EXPECT_EQ(only_problem(inventory), "no NVIDIA driver is installed");
  inventory = healthy();
  inventory.cudnn_version = 0;
  test::expect_names(only_problem(inventory), {"cuDNN 9", "LD_LIBRARY_PATH"});
  inventory = healthy();
  inventory.providers = {"cpu"};
  test::expect_names(only_problem(inventory), {"1.31.1", "FACEGRAPH_ORT_CUDA"});
  inventory = healthy();
  inventory.provider_failure = "libcublas.so.13 is missing";
  EXPECT_EQ(only_problem(inventory), "libcublas.so.13 is missing");
  inventory = healthy();
  inventory.cuda.gpus.front().compute_major = 6;
  test::expect_names(only_problem(inventory), {"NVIDIA H200", "6.0", "7.5"});
}

TEST(Doctor, NotesARuntimeThatDoesNotReplay) {
  Inventory inventory = healthy();
  inventory.onnxruntime_version = "1.30.2";
  const Diagnosis diagnosis = diagnose(inventory);
  EXPECT_TRUE(diagnosis.problems.empty());
  ASSERT_EQ(diagnosis.notes.size(), 1U);
  test::expect_names(diagnosis.notes.front(), {"1.30.2", "1.31"});
}

TEST(Doctor, LooksAtThisMachine) {
  const Inventory inventory = take_inventory();
  EXPECT_FALSE(inventory.onnxruntime_version.empty());
  EXPECT_EQ(inventory.memory.size(), inventory.cuda.gpus.size());
}

}  // namespace
}  // namespace facegraph::runtime
