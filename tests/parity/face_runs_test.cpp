// Faces of one frame that a GPU, made of host memory here, takes in one run.
#include <gtest/gtest.h>

#include "ops/gpu/test_support.hpp"
#include "processors/busy_test_support.hpp"
#include "processors/face_test_support.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "support/npz.hpp"
#include "support/onnx_writer.hpp"

namespace facegraph::test {
namespace {

using Runs = std::map<std::string, std::int64_t>;

constexpr core::Size kFrame{900, 300};

OnnxInitializer whole(const std::string& name, std::int64_t value) {
  return {.name = name, .dims = {1}, .type = OnnxType::kInt64, .raw = raw_bytes<std::int64_t>({value})};
}

// Half as bright as the box that it sees, and brighter by what it hears.
OnnxModel wav2lip(const OnnxDim& batch) {
  return {{{"source", {batch, 1, 80, 16}}, {"target", {batch, 6, 96, 96}}},
          {{"output", {batch, 3, 96, 96}}},
          {{"Slice", {"target", "3", "6", "axis"}, {"box"}},
           {"Mul", {"box", "half"}, {"dark"}},
           {"Slice", {"source", "0", "1", "last_axis"}, {"column"}},
           {"Slice", {"column", "0", "1", "rows_axis"}, {"heard"}},
           {"Mul", {"heard", "tenth"}, {"light"}},
           {"Sub", {"dark", "light"}, {"output"}}},
          {whole("0", 0), whole("1", 1), whole("3", 3), whole("6", 6), whole("axis", 1), whole("rows_axis", 2),
           whole("last_axis", 3), constant("half", {1}, {0.5F}), constant("tenth", {1}, {0.1F})}};
}

// The face's negative times the morph value, which is one for all faces; masks of ones.
OnnxModel dfm(const OnnxDim& batch) {
  return {{{"in_face:0", {batch, 64, 64, 3}}, {"morph_value:0", {1}}},
          {{"mask", {batch, 64, 64, 1}}, {"face", {batch, 64, 64, 3}}, {"other_mask", {batch, 64, 64, 1}}},
          {{"Sub", {"one", "in_face:0"}, {"negative"}},
           {"Mul", {"negative", "morph_value:0"}, {"face"}},
           {"Slice", {"in_face:0", "0", "1", "axis"}, {"plane"}},
           {"Mul", {"plane", "zero"}, {"dark"}},
           {"Add", {"dark", "one"}, {"mask"}},
           {"Identity", {"mask"}, {"other_mask"}}},
          {whole("0", 0), whole("1", 1), whole("axis", 3), constant("zero", {1}, {0}), constant("one", {1}, {1})}};
}

struct Subject {
  std::string processor;
  std::string file;
  OnnxModel (*model)(const OnnxDim& batch);
  ops::WarpTemplate cut;
  std::string one;  // shapes of its inputs
  std::string two;
  std::map<std::string, std::vector<std::string>> options;
};

class FaceRuns : public testing::TestWithParam<Subject> {
 protected:
  // Runs on the GPU by the inputs' shapes; the frame equals the host's, where faces go one by one.
  Runs runs_of(const core::Faces& faces, const OnnxDim& batch = "batch") {
    std::filesystem::create_directories((scratch_ / GetParam().file).parent_path());
    GetParam().model(batch).write(scratch_ / GetParam().file);
    runtime::InferencePool host{runtime::ExecutionOptions{}};
    const core::Image expected = worked_on({host, store_}, faces).take_image();
    device::FakeGpu gpu;
    runtime::InferencePool pool{runtime::ExecutionOptions{.providers = {"cuda"}},
                                runtime::host_backend(gpu, scratch_ / "graphs.json")};
    const device::Site site = pool.site(0);
    ops::expect_equal(site.take_out(worked_on({pool, store_, 0, site}, faces)), expected);
    Runs runs;
    for (const runtime::GraphReport& report : pool.graph_reports()) {
      runs[report.shapes] = report.runs;
    }
    return runs;
  }

  device::Picture worked_on(const analysers::Context& context, const core::Faces& faces) {
    auto given = GetParam().options;
    given["processors"] = {GetParam().processor};
    const auto values =
        values_of({models::model_set_options(), analysers::masker_options(), processors::processor_options()}, given);
    const auto frames = processors::make_processors(values).front()->open(context, {});
    processors::TempFrame temp{context.site.take_in(processors::pattern(kFrame.width, kFrame.height)), {}};
    frames->process_frame({.selected = faces}, temp);
    return std::move(temp.frame);
  }

  // A face whose crop is the square of 100 pixels at x.
  static core::Face at(double x) {
    core::Face face = processors::face_at(x, 100, 100);
    face.landmarks.five_of_68 = processors::face_in_square(GetParam().cut, x, 100, 100).landmarks.five_of_68;
    return face;
  }

  const Scratch scratch_;
  const ScopedVariable folder_{"FACEGRAPH_MODELS_PATH", scratch_.folder().string()};
  const models::Store store_{scratch_.folder()};
};

// Two in a run that was tried before with two runs of one, and one.
TEST_P(FaceRuns, AreOfTwoWhereNoFaceShowsAnother) {
  EXPECT_EQ(runs_of({at(50), at(350), at(650)}), (Runs{{GetParam().two, 1 + 1}, {GetParam().one, 2 + 1}}));
}

TEST_P(FaceRuns, AreOfOneWhereFacesOverlap) {
  EXPECT_EQ(runs_of({at(50), at(120), at(190)}), (Runs{{GetParam().one, 3}}));
}

TEST_P(FaceRuns, GoOnWithTheNextTwoThatAreApart) {
  EXPECT_EQ(runs_of({at(50), at(120), at(650)}), (Runs{{GetParam().two, 1 + 1}, {GetParam().one, 2 + 1}}));
}

TEST_P(FaceRuns, AreOfOneWhereTheFileFixesIt) {
  EXPECT_EQ(runs_of({at(50), at(350), at(650)}, 1), (Runs{{GetParam().one, 3}}));
}

INSTANTIATE_TEST_SUITE_P(Processors, FaceRuns,
                         testing::Values(Subject{"lip_syncer",
                                                 "wav2lip_96.onnx",
                                                 wav2lip,
                                                 ops::WarpTemplate::kFfhq512,
                                                 "source 1x1x80x16, target 1x6x96x96",
                                                 "source 2x1x80x16, target 2x6x96x96",
                                                 {{"lip-syncer-model", {"wav2lip_96"}}}},
                                         Subject{"deep_swapper",
                                                 "custom/own_64.dfm",
                                                 dfm,
                                                 ops::WarpTemplate::kDflWholeFace,
                                                 "in_face:0 1x64x64x3, morph_value:0 1",
                                                 "in_face:0 2x64x64x3, morph_value:0 1",
                                                 {{"deep-swapper-model", {"custom/own_64"}},
                                                  {"deep-swapper-morph", {"70"}}}}),
                         [](const auto& test) { return test.param.processor; });

}  // namespace
}  // namespace facegraph::test
