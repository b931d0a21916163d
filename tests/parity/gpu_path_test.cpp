// The reference's cases on the path of a GPU, which is made of host memory here: what a GPU does with frames and
// models, but for its kernels' own execution.
#include <gtest/gtest.h>

#include "app/cli/command_line.hpp"
#include "golden_case.hpp"
#include "intermediates.hpp"
#include "media/image/image_file.hpp"
#include "pictures.hpp"
#include "recorder.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "support/npz.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

class GpuPath : public testing::TestWithParam<const char*> {};

TEST_P(GpuPath, EqualsTheReference) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const nlohmann::json golden = golden_case(shared, GetParam());
  const fs::path base = shared / "golden";
  const Workspace workspace;
  make_model_folder(workspace.model_folder(), shared, {});
  workspace.use_models(workspace.model_folder());
  std::vector<std::string> line = arguments(golden, base, workspace.out());
  line.insert(line.end(), {"--execution-providers", "cuda"});

  device::FakeGpu gpu;
  const std::size_t free = gpu.memory().free;
  Recorder recorder;
  {
    const fs::path records = workspace.model_folder().parent_path() / "graphs.json";
    const runtime::BackendScope backend(runtime::host_backend(gpu, records));
    const core::ProbeScope scope(&recorder);
    ASSERT_EQ(app::run_command_line(line), 0);
  }
  EXPECT_GT(gpu.counters.allocations, 0) << "nothing ran on the GPU";
  EXPECT_EQ(gpu.memory().free, free) << "device memory was not given back";
  expect_picture(media::read_image(workspace.out() / golden["output"].get<std::string>(), media::ReadMode::kAlpha),
                 base / golden["golden"].get<std::string>(), golden["tolerance"], GetParam());
  const Npz intermediates(base / golden["intermediates"].get<std::string>());
  for (const std::string& difference :
       compare_intermediates(intermediates, recorder, golden["intermediate_sensitivity"])) {
    ADD_FAILURE() << difference;
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, GpuPath,
                         testing::Values("swap_inswapper_128", "swap_inswapper_boost256_occlusion", "swap_simswap_256"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace facegraph::test
