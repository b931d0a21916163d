// Tiles of one frame that a GPU, made of host memory here, takes in one run.
#include <gtest/gtest.h>

#include "models/catalogue/model_set.hpp"
#include "ops/gpu/test_support.hpp"
#include "processors/frame_enhancer/frame_enhancer.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

using Runs = std::map<std::string, std::int64_t>;

constexpr core::Size kFrame{200, 150};  // 4 x 3 tiles

// Four times as large; mixing: times the highest value of a run's tiles.
OnnxModel enlarging(const OnnxDim& batch, bool mixing) {
  OnnxModel model{{{"input", {batch, 3, "height", "width"}}},
                  {{"output", {batch, 3, "large_height", "large_width"}}},
                  {{"Resize", {mixing ? "mixed" : "input", "", "scales"}, {"output"}}},
                  {constant("scales", {4}, {1, 1, 4, 4})}};
  if (mixing) {
    model.nodes.insert(model.nodes.begin(),
                       {{"ReduceMax", {"input"}, {"highest"}}, {"Mul", {"input", "highest"}, {"mixed"}}});
  }
  return model;
}

class TileBatches : public testing::Test {
 protected:
  // Runs for a frame, and for the trial at opening, by the number of tiles that one takes; the frame equals the host's.
  Runs runs_of(const OnnxModel& model) {
    model.write(scratch_ / "real_web_photo_x4.onnx");
    runtime::InferencePool host{runtime::ExecutionOptions{}};
    const core::Image expected = enhanced({host, store_}).take_image();
    device::FakeGpu gpu;
    runtime::InferencePool pool{runtime::ExecutionOptions{.providers = {"cuda"}},
                                runtime::host_backend(gpu, scratch_ / "graphs.json")};
    const device::Site site = pool.site(0);
    ops::expect_equal(site.take_out(enhanced({pool, store_, 0, site})), expected);
    Runs runs;
    for (const runtime::GraphReport& report : pool.graph_reports()) {
      runs[report.shapes] = report.runs;
    }
    return runs;
  }

  device::Picture enhanced(const analysers::Context& context) {
    const auto values = values_of({models::model_set_options(), processors::frame_enhancer_options()},
                                  {{"frame-enhancer-model", {"real_web_photo_x4"}}});
    const auto frames = processors::make_frame_enhancer(values)->open(context, {});
    processors::TempFrame temp{context.site.take_in(ops::noise(kFrame, 3, core::Depth::kU8)), {}};
    frames->process_frame({}, temp);
    return std::move(temp.frame);
  }

  Scratch scratch_;
  models::Store store_{scratch_.folder()};
};

// Twelve tiles: runs of the trials, then of the frame.
TEST_F(TileBatches, AreOfEightAndFourWhereTheFileLeavesTheBatchOpen) {
  EXPECT_EQ(runs_of(enlarging("batch", false)),
            (Runs{{"input 8x3x64x64", 2 + 1}, {"input 4x3x64x64", 2 + 1}, {"input 1x3x64x64", 8 + 4}}));
}

TEST_F(TileBatches, AreOfOneWhereTheFileFixesIt) {
  EXPECT_EQ(runs_of(enlarging(1, false)), (Runs{{"input 1x3x64x64", 12}}));
}

TEST_F(TileBatches, AreOfOneWhereTilesWouldChangeEachOther) {
  EXPECT_EQ(runs_of(enlarging("batch", true)), (Runs{{"input 8x3x64x64", 2},
                                                     {"input 4x3x64x64", 2},
                                                     {"input 2x3x64x64", 2},
                                                     {"input 1x3x64x64", 8 + 4 + 2 + 12}}));
}

}  // namespace
}  // namespace facegraph::test
