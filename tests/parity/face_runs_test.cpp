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

// The face's negative, brighter by the first value of the identity.
OnnxModel hyperswap(const OnnxDim& batch) {
  return {{{"source", {batch, 512}}, {"target", {batch, 3, 256, 256}}},
          {{"output", {batch, 3, 256, 256}}},
          {{"Slice", {"source", "0", "1", "axis"}, {"first"}},
           {"Reshape", {"first", "column"}, {"light"}},
           {"Sub", {"light", "target"}, {"output"}}},
          {whole("0", 0),
           whole("1", 1),
           whole("axis", 1),
           {.name = "column", .dims = {4}, .type = OnnxType::kInt64, .raw = raw_bytes<std::int64_t>({-1, 1, 1, 1})}}};
}

// The face's negative.
OnnxModel gpen(const OnnxDim& batch) {
  return {{{"input", {batch, 3, 256, 256}}}, {{"output", {batch, 3, 256, 256}}}, {{"Neg", {"input"}, {"output"}}}};
}

struct Subject {
  std::string processor;
  std::string file;
  OnnxModel (*model)(const OnnxDim& batch);
  ops::WarpTemplate cut;
  std::string one;  // shapes of its inputs
  std::string two;
  std::string four;
  std::map<std::string, std::vector<std::string>> options;
};

class FaceRuns : public testing::TestWithParam<Subject> {
 protected:
  // Runs on the GPU by the inputs' shapes; the frames equal the host's, where faces go one by one.
  Runs runs_of(const core::Faces& faces, const OnnxDim& batch = "batch") { return runs_of_frames({faces}, batch); }
  Runs runs_of_frames(const std::vector<core::Faces>& faces, const OnnxDim& batch = "batch") {
    std::filesystem::create_directories((scratch_ / GetParam().file).parent_path());
    GetParam().model(batch).write(scratch_ / GetParam().file);
    runtime::InferencePool host{runtime::ExecutionOptions{}};
    const std::vector<device::Picture> expected = worked_on({host, store_}, faces);
    device::FakeGpu gpu;
    runtime::ExecutionOptions options{.providers = {"cuda"}};
    options.batch_frames = static_cast<int>(faces.size());
    runtime::InferencePool pool{options, runtime::host_backend(gpu, scratch_ / "graphs.json")};
    pool.expect_runs(1000);
    const device::Site site = pool.site(0);
    std::vector<device::Picture> found = worked_on({pool, store_, 0, site}, faces);
    for (std::size_t i = 0; i < faces.size(); ++i) {
      ops::expect_equal(site.take_out(std::move(found[i])), expected[i].view());
    }
    Runs runs;
    for (const runtime::GraphReport& report : pool.graph_reports()) {
      runs[report.shapes] = report.runs;
    }
    return runs;
  }

  // Frames with those faces, all of them together.
  std::vector<device::Picture> worked_on(const analysers::Context& context, const std::vector<core::Faces>& faces) {
    auto given = GetParam().options;
    given["processors"] = {GetParam().processor};
    const auto values =
        values_of({models::model_set_options(), analysers::masker_options(), processors::processor_options()}, given);
    const auto processor = processors::make_processors(values).front()->open(context, processors::one_source());
    std::vector<processors::FrameFacts> facts(faces.size());
    std::vector<processors::TempFrame> temps(faces.size());
    std::vector<processors::FrameProcessor::Work> frames;
    for (std::size_t i = 0; i < faces.size(); ++i) {
      facts[i].selected = faces[i];
      temps[i].frame = context.site.take_in(processors::pattern(kFrame.width, kFrame.height + 8 * static_cast<int>(i)));
      frames.push_back({&facts[i], &temps[i]});
    }
    processor->process_frames(frames);
    std::vector<device::Picture> pictures;
    for (processors::TempFrame& temp : temps) {
      pictures.push_back(std::move(temp.frame));
    }
    return pictures;
  }

  // A face whose crop is the square of 100 pixels at x.
  static core::Face at(double x) {
    core::Face face = processors::face_at(x, 100, 100);
    face.embedding.fill(static_cast<float>(x) / 900);  // the swapper may mix it with the source's
    face.landmarks.five_of_68 = processors::face_in_square(GetParam().cut, x, 100, 100).landmarks.five_of_68;
    return face;
  }

  const Scratch scratch_;
  const ScopedVariable folder_{"FACEGRAPH_MODELS_PATH", scratch_.folder().string()};
  const models::Store store_{scratch_.folder()};
};

// Two in a run that was tried before with two runs of its own and two of one, and one.
TEST_P(FaceRuns, AreOfTwoWhereNoFaceShowsAnother) {
  EXPECT_EQ(runs_of({at(50), at(350), at(650)}), (Runs{{GetParam().two, 2 + 1}, {GetParam().one, 2 + 1}}));
}

TEST_P(FaceRuns, AreOfOneWhereFacesOverlap) {
  EXPECT_EQ(runs_of({at(50), at(120), at(190)}), (Runs{{GetParam().one, 3}}));
}

TEST_P(FaceRuns, GoOnWithTheNextTwoThatAreApart) {
  EXPECT_EQ(runs_of({at(50), at(120), at(650)}), (Runs{{GetParam().two, 2 + 1}, {GetParam().one, 2 + 1}}));
}

TEST_P(FaceRuns, AreOfOneWhereTheFileFixesIt) {
  EXPECT_EQ(runs_of({at(50), at(350), at(650)}, 1), (Runs{{GetParam().one, 3}}));
}

// Frames of different sizes, too; their faces are the same in number and place as alone.
TEST_P(FaceRuns, AreOfAsManyAsSeveralFramesHave) {
  const Runs runs = runs_of_frames({{at(50)}, {at(350)}, {}, {at(120), at(650)}});
  EXPECT_TRUE(runs.contains(GetParam().four)) << runs.begin()->first;
}

INSTANTIATE_TEST_SUITE_P(Processors, FaceRuns,
                         testing::Values(Subject{"lip_syncer",
                                                 "wav2lip_96.onnx",
                                                 wav2lip,
                                                 ops::WarpTemplate::kFfhq512,
                                                 "source 1x1x80x16, target 1x6x96x96",
                                                 "source 2x1x80x16, target 2x6x96x96",
                                                 "source 4x1x80x16, target 4x6x96x96",
                                                 {{"lip-syncer-model", {"wav2lip_96"}}}},
                                         Subject{"deep_swapper",
                                                 "custom/own_64.dfm",
                                                 dfm,
                                                 ops::WarpTemplate::kDflWholeFace,
                                                 "in_face:0 1x64x64x3, morph_value:0 1",
                                                 "in_face:0 2x64x64x3, morph_value:0 1",
                                                 "in_face:0 4x64x64x3, morph_value:0 1",
                                                 {{"deep-swapper-model", {"custom/own_64"}},
                                                  {"deep-swapper-morph", {"70"}}}},
                                         Subject{"face_swapper",
                                                 "hyperswap_1a_256.onnx",
                                                 hyperswap,
                                                 ops::WarpTemplate::kArcface128,
                                                 "target 1x3x256x256, source 1x512",
                                                 "target 2x3x256x256, source 2x512",
                                                 "target 4x3x256x256, source 4x512",
                                                 {{"face-swapper-model", {"hyperswap_1a_256"}},
                                                  {"face-swapper-weight", {"0.2"}},
                                                  {"face-swapper-pixel-boost", {"256x256"}}}},
                                         Subject{"face_enhancer",
                                                 "gpen_bfr_256.onnx",
                                                 gpen,
                                                 ops::WarpTemplate::kArcface128,
                                                 "input 1x3x256x256",
                                                 "input 2x3x256x256",
                                                 "input 4x3x256x256",
                                                 {{"face-enhancer-model", {"gpen_bfr_256"}}}}),
                         [](const auto& test) { return test.param.processor; });

}  // namespace
}  // namespace facegraph::test
