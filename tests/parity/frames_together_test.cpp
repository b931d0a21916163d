// Frames that a GPU, made of host memory here, analyses together have the faces that each has alone.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "analysers/detector/decode_formula.hpp"
#include "analysers/face/face_analyser.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/gpu/test_support.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/session/not_finite.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

using analysers::FaceAnalyser;
using Numbers = std::vector<float>;
using Sizes = std::vector<std::int64_t>;

constexpr int kTogether = 4;

// An output is base + weight * pixel, where `pixel` is one value of the part's input.
struct Linear {
  std::string name;
  Sizes dims;  // of one part, without the batch
  Numbers base;
  Numbers weight;
  bool merged = false;  // the parts with the rows: parts x rows, width
};

// kMixing: every part's pixel is multiplied by the highest of all.
enum class Batch { kOpen, kMixing };

OnnxInitializer indices(const std::string& name, const Sizes& values) {
  return {.name = name,
          .dims = {static_cast<std::int64_t>(values.size())},
          .type = OnnxType::kInt64,
          .raw = raw_bytes<std::int64_t>(values)};
}

Sizes with(std::int64_t first, const Sizes& rest) {
  Sizes all(rest.size() + 1, first);
  std::copy(rest.begin(), rest.end(), all.begin() + 1);
  return all;
}

// Takes `input`, of those sizes a part, and looks at the value at `at`.
OnnxModel looking_at(const Sizes& input, const Sizes& at, Batch batch) {
  OnnxModel model{{{"input", {"batch"}}}, {}, {}, {}};
  Sizes ends;
  Sizes axes;
  for (std::size_t i = 0; i < input.size(); ++i) {
    model.inputs[0].shape.emplace_back(input[i]);
    ends.push_back(at[i] + 1);
    axes.push_back(static_cast<std::int64_t>(i) + 1);
  }
  model.initializers = {indices("starts", at), indices("ends", ends), indices("axes", axes)};
  model.nodes = {{"Slice", {"input", "starts", "ends", "axes"}, {batch == Batch::kMixing ? "own" : "pixel"}}};
  if (batch == Batch::kMixing) {
    model.nodes.insert(model.nodes.end(),
                       {{"ReduceMax", {"own"}, {"highest"}}, {"Mul", {"own", "highest"}, {"pixel"}}});
  }
  return model;
}

void add_output(OnnxModel& model, const Linear& output) {
  const std::string& name = output.name;
  model.initializers.push_back(indices(name + "_ones", with(0, Sizes(output.dims.size(), 1))));
  model.initializers.push_back(constant(name + "_base", with(1, output.dims), output.base));
  model.initializers.push_back(constant(name + "_weight", with(1, output.dims), output.weight));
  model.nodes.insert(model.nodes.end(),
                     {{"Reshape", {"pixel", name + "_ones"}, {name + "_pixel"}},
                      {"Mul", {name + "_pixel", name + "_weight"}, {name + "_moved"}},
                      {"Add", {name + "_moved", name + "_base"}, {output.merged ? name + "_parted" : name}}});
  std::vector<OnnxDim> shape{"batch"};
  if (output.merged) {
    model.initializers.push_back(indices(name + "_shape", {-1, output.dims.back()}));
    model.nodes.push_back({"Reshape", {name + "_parted", name + "_shape"}, {name}});
    shape = {"rows", output.dims.back()};
  } else {
    shape.insert(shape.end(), output.dims.begin(), output.dims.end());
  }
  model.outputs.push_back({name, shape});
}

// The class whose score is the highest, an id for each part.
void add_class(OnnxModel& model, const std::string& name, const Numbers& weight) {
  const auto classes = static_cast<std::int64_t>(weight.size());
  add_output(model, {name + "_scores", {classes}, Numbers(weight.size(), 0.5F), weight});
  model.outputs.pop_back();
  model.initializers.push_back(indices(name + "_flat", {-1}));
  model.nodes.insert(model.nodes.end(), {{"Transpose", {name + "_scores"}, {name + "_turned"}},
                                         {"ArgMax", {name + "_turned"}, {name + "_row"}},
                                         {"Reshape", {name + "_row", name + "_flat"}, {name}}});
  model.outputs.push_back({name, {"batch"}, OnnxType::kInt64});
}

Numbers ramp(std::size_t count, float from, float step) {
  Numbers values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = from + step * static_cast<float>(i % 97);
  }
  return values;
}

// Candidates whose scores grow with the frame's first pixel, each more than the one before: none pass on a black frame,
// three on a white one. They stand side by side, and move with the pixel, too.
constexpr int kCandidates = 5;

struct Place {
  float x, y, side;
};
Place place_of(int candidate) {
  return {60.0F + 45.0F * static_cast<float>(candidate), 70.0F, 40.0F};
}
float score_weight(int candidate) {
  return candidate < 2 ? 0.1F : 0.55F + 0.15F * static_cast<float>(candidate - 2);
}
core::Point point_of(const Place& place, std::size_t point) {
  const core::Point& unit = ops::warp_template(ops::WarpTemplate::kArcface112V2)[point];
  return {place.x + place.side * (unit.x - 0.5), place.y + place.side * (unit.y - 0.5)};
}

class FramesTogether : public testing::Test {
 protected:
  void SetUp() override {
    add_yolo(0);
    add_predictor(0);
    add_fan(0);
    add_recognizer(0);
    add_peppa(Batch::kOpen);
    OnnxModel classifier = looking_at({3, 224, 224}, {1, 112, 112}, Batch::kOpen);
    add_class(classifier, "race", {-1, 1, 0.5F, 2, 0, -2});
    add_class(classifier, "gender", {1, -1});
    add_class(classifier, "age", {0.1F, 1, -1, 2, -3});
    write(classifier, "fairface");
    for (const unsigned level : {0, 255, 235, 0, 255, 225, 240}) {
      core::Image frame = ops::noise({320 + static_cast<int>(level % 7), 240}, 3, core::Depth::kU8, 3 + level);
      for (int y = 0; y < 8; ++y) {  // the first pixel, where the frame is shrunk, too
        std::fill_n(frame.row<std::uint8_t>(y), 3 * 8, static_cast<std::uint8_t>(level));
      }
      frames_.push_back(std::move(frame));
    }
    options_.detector.score = 0.5;
    options_.landmarker.score = 0.8;
  }
  void write(const OnnxModel& model, const std::string& name) { model.write(scratch_ / (name + ".onnx")); }

  void add_yolo(float more) {
    OnnxModel model = looking_at({3, 640, 640}, {0, 0, 0}, Batch::kOpen);
    Linear rows{"output0", {analysers::YoloRows::kPlanes, kCandidates}, Numbers(100, more), Numbers(100)};
    for (int i = 0; i < kCandidates; ++i) {
      const Place place = place_of(i);
      const auto put = [&](int plane, double value, float weight) {
        rows.base[static_cast<std::size_t>(plane) * kCandidates + i] += static_cast<float>(value);
        rows.weight[static_cast<std::size_t>(plane) * kCandidates + i] = weight;
      };
      put(0, place.x, 1.5F);
      put(1, place.y, -2);
      put(2, place.side, 3);
      put(3, place.side, 2);
      put(4, 0, score_weight(i));
      for (std::size_t j = 0; j < 5; ++j) {
        put(5 + 3 * static_cast<int>(j), point_of(place, j).x, 2);
        put(6 + 3 * static_cast<int>(j), point_of(place, j).y, 1);
      }
    }
    add_output(model, rows);
    write(model, "yoloface_8n");
  }
  // Of the cells 4, 8 and 12 of the middle stride, of which some pass.
  static std::vector<Linear> of_anchors(int side, int per_cell, bool merged, float white) {
    std::vector<Linear> outputs;
    for (const std::int64_t width : per_cell == 1 ? Sizes{1, 1, 4, 10} : Sizes{1, 4, 10}) {
      for (const int stride : {8, 16, 32}) {
        const auto rows = static_cast<std::size_t>(side / stride * (side / stride) * per_cell);
        const auto values = rows * static_cast<std::size_t>(width);
        Linear& output = outputs.emplace_back(Linear{"out" + std::to_string(outputs.size()),
                                                     {static_cast<std::int64_t>(rows), width},
                                                     Numbers(values),
                                                     Numbers(values),
                                                     merged});
        for (std::size_t hit = 1; hit <= 3; ++hit) {
          const std::size_t row = hit * 4 * static_cast<std::size_t>(per_cell);
          for (std::size_t i = 0; i < static_cast<std::size_t>(width); ++i) {
            const std::size_t at = row * static_cast<std::size_t>(width) + i;
            const core::Point point = point_of({0, 0, 2}, i / 2);
            output.base[at] = width != 10 ? 1 : static_cast<float>(i % 2 == 0 ? point.x : point.y);
            output.weight[at] = 0.02F / white;
            if (width == 1) {
              output.base[at] = stride == 16 ? 0 : 0.1F;
              output.weight[at] = stride == 16 ? (0.6F + 0.1F * static_cast<float>(hit)) / white : 0;
            }
          }
        }
      }
    }
    return outputs;
  }
  // white: what the network sees of a white pixel.
  void add_anchors(const std::string& name, int side, int per_cell, bool merged, float white) {
    OnnxModel model = looking_at({3, side, side}, {0, 0, 0}, Batch::kOpen);
    for (const Linear& output : of_anchors(side, per_cell, merged, white)) {
      add_output(model, output);
    }
    write(model, name);
  }
  void add_predictor(float more) {
    OnnxModel model = looking_at({5, 2}, {2, 1}, Batch::kOpen);
    add_output(model, {"output", {68, 2}, ramp(136, 0.3F + more, 0.004F), ramp(136, -0.1F, 0.003F)});
    write(model, "fan_68_5");
  }
  void add_fan(float more) {
    OnnxModel model = looking_at({3, 256, 256}, {2, 128, 128}, Batch::kOpen);
    add_output(model, {"landmarks", {68, 3}, ramp(204, 10 + more, 0.4F), ramp(204, 9, -0.2F)});
    add_output(model, {"heatmaps", {68, 8, 8}, ramp(68 * 64, 0.05F, 0.005F), ramp(68 * 64, 0.3F, 0.001F)});
    write(model, "2dfan4");
  }
  void add_peppa(Batch batch) {
    OnnxModel model = looking_at({3, 256, 256}, {1, 128, 128}, batch);
    add_output(model, {"output", {204}, ramp(204, 0.4F, 0.2F), ramp(204, 1, 0.1F)});
    write(model, "peppa_wutz");
  }
  void add_recognizer(float more) {
    OnnxModel model = looking_at({3, 112, 112}, {0, 56, 56}, Batch::kOpen);
    add_output(model, {"output", {512}, ramp(512, -2 + more, 0.05F), ramp(512, 1, -0.03F)});
    write(model, "arcface_w600k_r50");
  }

  struct Lane {
    device::FakeGpu gpu;
    runtime::InferencePool pool;
    device::Site site;
    std::vector<device::Picture> frames;

    Lane(const FramesTogether& test, int at_once)
        : pool({.providers = {"cuda"}, .batch_frames = at_once},
               runtime::host_backend(gpu, test.scratch_ / "graphs.json")),
          site(pool.site(0)) {
      pool.expect_runs(1000);
      for (const core::Image& frame : test.frames_) {
        frames.push_back(site.copy_in(frame));
      }
    }
    std::vector<core::ConstImageView> views() const { return {frames.begin(), frames.end()}; }
    // Runs by model, of sessions that take that many parts.
    std::map<std::string, std::int64_t> runs(int parts) const {
      std::map<std::string, std::int64_t> runs;
      for (const runtime::GraphReport& report : pool.graph_reports()) {
        if (report.shapes.starts_with("input " + std::to_string(parts) + "x")) {
          runs[report.model] += report.runs;
        }
      }
      return runs;
    }
  };
  analysers::Context context(Lane& lane) { return {lane.pool, store_, 0, lane.site}; }

  std::vector<core::Faces> alone() {
    Lane lane(*this, 1);
    FaceAnalyser analyser(context(lane), options_);
    std::vector<core::Faces> all;
    for (const core::ConstImageView& frame : lane.views()) {
      all.push_back(analyser.analyse_on_site(frame));
    }
    return all;
  }
  // Models that take several in one run: those named, and all others do not.
  void expect_equal_together(const std::vector<std::string>& batched, int rounds = 3);

  Scratch scratch_;
  models::Store store_{scratch_.folder()};
  std::vector<core::Image> frames_;
  analysers::FaceAnalyserOptions options_;
};

void expect_equal(const core::Faces& found, const core::Faces& expected, std::size_t frame) {
  ASSERT_EQ(found.size(), expected.size()) << "frame " << frame;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const core::Face& a = found[i];
    const core::Face& b = expected[i];
    EXPECT_EQ(a.bounding_box.x1, b.bounding_box.x1) << frame;
    EXPECT_EQ(a.bounding_box.y1, b.bounding_box.y1) << frame;
    EXPECT_EQ(a.bounding_box.x2, b.bounding_box.x2) << frame;
    EXPECT_EQ(a.bounding_box.y2, b.bounding_box.y2) << frame;
    EXPECT_EQ(a.detector_score, b.detector_score) << frame;
    EXPECT_EQ(a.landmarker_score, b.landmarker_score) << frame;
    EXPECT_EQ(a.landmarks.five, b.landmarks.five) << frame;
    EXPECT_EQ(a.landmarks.five_of_68, b.landmarks.five_of_68) << frame;
    EXPECT_EQ(a.landmarks.sixty_eight, b.landmarks.sixty_eight) << frame;
    EXPECT_EQ(a.landmarks.sixty_eight_of_5, b.landmarks.sixty_eight_of_5) << frame;
    EXPECT_EQ(a.angle, b.angle) << frame;
    EXPECT_EQ(a.embedding, b.embedding) << frame;
    EXPECT_EQ(a.age, b.age) << frame;
    EXPECT_EQ(a.gender, b.gender) << frame;
    EXPECT_EQ(a.race, b.race) << frame;
  }
}

void FramesTogether::expect_equal_together(const std::vector<std::string>& batched, int rounds) {
  const std::vector<core::Faces> expected = alone();
  EXPECT_GT(expected[2].size(), 1U);
  Lane lane(*this, kTogether);
  std::optional<FaceAnalyser> analyser(std::in_place, context(lane), options_);
  const std::vector<core::ConstImageView> frames = lane.views();
  for (int round = 0; round < rounds; ++round) {
    const std::int64_t waits = lane.gpu.counters.waits;
    const std::int64_t allocations = lane.gpu.counters.allocations;
    const std::vector<core::Faces> found = analyser->analyse_on_site(frames);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      expect_equal(found[i], expected[i], i);
    }
    if (round > 0) {  // before, nobody was expected
      EXPECT_EQ(lane.gpu.counters.waits, waits + 1);
    }
    if (round > 3) {  // what one has fetched is free when the next has waited
      EXPECT_EQ(lane.gpu.counters.allocations, allocations);
    }
  }
  analyser.reset();  // now its sessions say how often they ran
  std::vector<std::string> several;
  for (const auto& [model, runs] : lane.runs(kTogether)) {
    if (runs > 2) {  // the trial takes two at most
      several.push_back(model);
    }
  }
  EXPECT_EQ(several, batched);
}

std::vector<std::size_t> counts(const std::vector<core::Faces>& all) {
  std::vector<std::size_t> result;
  for (const core::Faces& faces : all) {
    result.push_back(faces.size());
  }
  return result;
}

const std::vector<std::string> kLandmarks{"2dfan4", "arcface_w600k_r50", "fairface", "fan_68_5"};

std::vector<std::string> sorted(std::vector<std::string> names, const std::vector<std::string>& more) {
  names.insert(names.end(), more.begin(), more.end());
  std::sort(names.begin(), names.end());
  return names;
}

TEST_F(FramesTogether, HaveTheFacesThatTheyHaveAlone) {
  EXPECT_EQ(counts(alone()), (std::vector<std::size_t>{0, 3, 3, 0, 3, 2, 3}));
  expect_equal_together(sorted(kLandmarks, {"yoloface_8n"}), 5);
}

TEST_F(FramesTogether, ByEveryDetector) {
  options_.detector.size = {160, 160};
  for (const std::string model : {"scrfd", "retinaface"}) {
    const std::string name = model == "scrfd" ? "scrfd_2.5g" : "retinaface_10g";
    options_.detector.model = model;
    add_anchors(name, 160, 2, true, 1);
    EXPECT_EQ(counts(alone())[1], 3U);
    expect_equal_together(sorted(kLandmarks, {name}));
  }
  options_.detector.size = {640, 640};
  options_.detector.model = "yunet";
  add_anchors("yunet_2023_mar", 640, 1, false, 255);
  expect_equal_together(sorted(kLandmarks, {"yunet_2023_mar"}));
  options_.detector.model = "many";
  add_anchors("retinaface_10g", 640, 2, true, 1);
  add_anchors("scrfd_2.5g", 640, 2, true, 1);
  expect_equal_together(sorted(kLandmarks, {"retinaface_10g", "scrfd_2.5g", "yoloface_8n"}));
}

TEST_F(FramesTogether, AtEveryAngleWithMargins) {
  options_.detector.angles = {0, 90, 180};
  options_.detector.margin = {0, 20, 10, 0};
  expect_equal_together(sorted(kLandmarks, {"yoloface_8n"}));
}

TEST_F(FramesTogether, ByEveryLandmarker) {
  options_.landmarker.model = "peppa_wutz";
  expect_equal_together({"arcface_w600k_r50", "fairface", "fan_68_5", "peppa_wutz", "yoloface_8n"});
  options_.landmarker.model = "many";
  expect_equal_together(sorted(kLandmarks, {"peppa_wutz", "yoloface_8n"}));
  options_.landmarker.score = 0;
  expect_equal_together({"arcface_w600k_r50", "fairface", "fan_68_5", "yoloface_8n"});
}

TEST_F(FramesTogether, WhereOneOfTwoLandmarkersTakesOneFaceARun) {
  options_.landmarker.model = "many";
  add_peppa(Batch::kMixing);
  expect_equal_together(sorted(kLandmarks, {"yoloface_8n"}));
}

TEST_F(FramesTogether, BesideAFrameOfWhichNothingIsLeft) {
  frames_.insert(frames_.begin() + 1, core::Image::zeros(2000, 1, 3));
  expect_equal_together(sorted(kLandmarks, {"yoloface_8n"}));
}

// Of a frame as many faces are begun as the last one had, before it is known how many there are.
TEST_F(FramesTogether, AreWaitedForTwiceWhereOneHasMoreFacesThanTheLast) {
  const std::vector<core::Faces> expected = alone();
  for (const int at_once : {1, kTogether}) {
    Lane lane(*this, at_once);
    FaceAnalyser analyser(context(lane), options_);
    const std::vector<core::ConstImageView> views = lane.views();
    const std::span<const core::ConstImageView> frames(views);
    analyser.analyse_on_site(frames);  // opens the sessions
    analyser.analyse_on_site(frames[0]);
    std::size_t last = 0;
    const auto compare = [&](std::size_t first, std::size_t count) {
      const std::int64_t before = lane.gpu.counters.waits;
      const std::vector<core::Faces> found = analyser.analyse_on_site(frames.subspan(first, count));
      bool has_more = false;
      for (std::size_t i = 0; i < count; ++i) {
        expect_equal(found[i], expected[first + i], first + i);
        has_more = has_more || found[i].size() > last;
      }
      EXPECT_EQ(lane.gpu.counters.waits, before + (has_more ? 2 : 1)) << first;
      last = found.back().size();
    };
    for (std::size_t i = 0; i < frames.size(); ++i) {
      compare(i, 1);
    }
    compare(3, 3);  // fewer and more than the last one's 3
    compare(0, 5);
    compare(0, 1);
    compare(1, 3);  // none expected
  }
}

TEST_F(FramesTogether, OnTheHostAreTakenOneByOne) {
  const std::vector<core::Faces> expected = alone();
  runtime::InferencePool pool({.batch_frames = kTogether});
  FaceAnalyser analyser({pool, store_}, options_);
  const std::vector<core::Faces> found =
      analyser.analyse_on_site(std::vector<core::ConstImageView>(frames_.begin(), frames_.end()));
  for (std::size_t i = 0; i < found.size(); ++i) {
    expect_equal(found[i], expected[i], i);
  }
}

// What was begun and is no face may make a network give anything.
TEST_F(FramesTogether, WhatIsNoFaceSpoilsNoFrame) {
  OnnxModel model = looking_at({5, 2}, {2, 1}, Batch::kOpen);
  model.nodes.back().outputs = {"place"};
  model.nodes.insert(model.nodes.end(), {{"Div", {"place", "place"}, {"one"}}, {"Mul", {"one", "place"}, {"pixel"}}});
  add_output(model, {"output", {68, 2}, ramp(136, 0.3F, 0.004F), ramp(136, -0.1F, 0.003F)});
  write(model, "fan_68_5");
  const std::vector<core::Faces> expected = alone();
  Lane lane(*this, 1);
  FaceAnalyser analyser(context(lane), options_);
  const std::vector<core::ConstImageView> frames = lane.views();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    expect_equal(analyser.analyse_on_site(frames[i]), expected[i], i);
  }
  const std::int64_t waits = lane.gpu.counters.waits;
  EXPECT_TRUE(analyser.analyse_on_site(frames[0]).empty());  // after one with faces: all over again
  EXPECT_EQ(lane.gpu.counters.waits, waits + 2);
}

TEST_F(FramesTogether, AModelThatGivesNoNumbersIsNamed) {
  const std::map<std::string, std::function<void(float)>> models{
      {"yoloface_8n", [&](float more) { add_yolo(more); }},
      {"fan_68_5", [&](float more) { add_predictor(more); }},
      {"2dfan4", [&](float more) { add_fan(more); }},
      {"arcface_w600k_r50", [&](float more) { add_recognizer(more); }}};
  for (const auto& [name, add] : models) {
    add(std::nanf(""));
    Lane lane(*this, kTogether);
    FaceAnalyser analyser(context(lane), options_);
    try {
      analyser.analyse_on_site(lane.views());
      ADD_FAILURE() << name;
    } catch (const runtime::NotFinite& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
    add(0);
  }
}

}  // namespace
}  // namespace facegraph::test
