#include "analysers/detector/detector.hpp"

#include <gtest/gtest.h>

#include "analysers/test_support.hpp"

namespace facegraph::analysers {
namespace {

using core::BoundingBox;
using core::Landmark5;

std::vector<int> rows_of(const std::vector<float>& scores) {
  return passing_rows(static_cast<int>(scores.size()), [&](int row) { return scores[row] > 0.5F; });
}

TEST(PassingRows, LosesALoneHitInRowZero) {
  EXPECT_EQ(rows_of({0.9F, 0.1F, 0.2F}), std::vector<int>{});
  EXPECT_EQ(rows_of({0.9F, 0.1F, 0.7F}), (std::vector<int>{0, 2}));
  EXPECT_EQ(rows_of({0.1F, 0.9F}), std::vector<int>{1});
  EXPECT_EQ(rows_of({0.1F}), std::vector<int>{});
  EXPECT_EQ(rows_of({}), std::vector<int>{});
}

// A candidate as yolo_face gives it: centre, size, score, points with a visibility each.
struct Candidate {
  float x, y, width, height, score;
};

// Points lie at (x + j, y - 2j).
std::vector<float> yolo_output(const std::vector<Candidate>& candidates) {
  const std::size_t count = candidates.size();
  std::vector<float> rows(20 * count);
  for (std::size_t i = 0; i < count; ++i) {
    const Candidate& one = candidates[i];
    const std::vector<float> head{one.x, one.y, one.width, one.height, one.score};
    for (std::size_t row = 0; row < head.size(); ++row) {
      rows[row * count + i] = head[row];
    }
    for (std::size_t j = 0; j < 5; ++j) {
      rows[(5 + 3 * j) * count + i] = one.x + static_cast<float>(j);
      rows[(6 + 3 * j) * count + i] = one.y - 2 * static_cast<float>(j);
      rows[(7 + 3 * j) * count + i] = 0.25F;
    }
  }
  return rows;
}

const Candidate kNone{1, 1, 2, 2, 0.1F};
const Candidate kFace{100, 200, 40, 60, 0.9F};  // box 80 170 120 230

Detections detections(const Context& context, const DetectorOptions& options, core::ConstImageView frame) {
  return Detector(context, options).detect({&frame, 1}).front().all();
}

class YoloTest : public testing::Test {
 protected:
  Detections detect(const std::vector<Candidate>& candidates, const core::Image& frame, DetectorOptions options = {}) {
    models_.pool.release("face_detector");  // the one of an earlier call
    models_.add(
        "yoloface_8n", {1, 3, 640, 640},
        {test::constant("output0", {1, 20, static_cast<std::int64_t>(candidates.size())}, yolo_output(candidates))});
    return detections(models_.context, options, frame);
  }

  test::Models models_;
};

void expect_box(const BoundingBox& found, const BoundingBox& expected) {
  constexpr double kTolerance = 1e-3;
  EXPECT_NEAR(found.x1, expected.x1, kTolerance);
  EXPECT_NEAR(found.y1, expected.y1, kTolerance);
  EXPECT_NEAR(found.x2, expected.x2, kTolerance);
  EXPECT_NEAR(found.y2, expected.y2, kTolerance);
}

void expect_point(const core::Point& found, double x, double y) {
  EXPECT_NEAR(found.x, x, 1e-3);
  EXPECT_NEAR(found.y, y, 1e-3);
}

TEST_F(YoloTest, SmallFramesAreNotEnlarged) {
  const Detections found = detect({kNone, kFace}, test::grey(320, 240));
  ASSERT_EQ(found.boxes.size(), 1U);
  expect_box(found.boxes[0], {80, 170, 120, 230});
  EXPECT_EQ(found.scores, std::vector<float>{0.9F});
  expect_point(found.points[0][0], 100, 200);
  expect_point(found.points[0][4], 104, 192);
}

TEST_F(YoloTest, LargeFramesAreShrunkAndBoxesScaledBack) {
  const Detections found = detect({kNone, kFace}, test::grey(1280, 720));
  ASSERT_EQ(found.boxes.size(), 1U);
  expect_box(found.boxes[0], {160, 340, 240, 460});
  expect_point(found.points[0][1], 202, 396);
}

TEST_F(YoloTest, MarginsAreTakenOff) {
  DetectorOptions options;
  options.margin = {10, 20, 30, 40};  // of 1280x720: 36, 128, 108, 256 pixels, so 1664x864 shrink to 640x332
  const Detections found = detect({kNone, kFace}, test::grey(1280, 720), options);
  ASSERT_EQ(found.boxes.size(), 1U);
  const double x = 1664.0 / 640;
  const double y = 864.0 / 332;
  expect_box(found.boxes[0], {80 * x - 256, 170 * y - 36, 120 * x - 256, 230 * y - 36});
  expect_point(found.points[0][0], 100 * x - 256, 200 * y - 36);
}

// 4300 * (94 * 0.005) is 2021; 4300 * (94 / 100 / 2) lies just below it.
TEST_F(YoloTest, MarginsAreTruncatedAsTheReferenceDoes) {
  DetectorOptions options;
  options.margin = {94, 0, 0, 0};
  const Detections found = detect({kNone, kFace}, test::grey(800, 4300), options);
  ASSERT_EQ(found.boxes.size(), 1U);
  EXPECT_NEAR(found.boxes[0].y1, 170 * (6321.0 / 640) - 2021, 1e-2);
}

TEST_F(YoloTest, TheScoreMustBeAboveTheThreshold) {
  DetectorOptions options;
  options.score = 0.75;
  Candidate at_threshold = kFace;
  at_threshold.score = 0.75F;
  EXPECT_TRUE(detect({kNone, at_threshold}, test::grey(320, 240), options).boxes.empty());
  options.score = 0.7;
  EXPECT_EQ(detect({kNone, at_threshold}, test::grey(320, 240), options).boxes.size(), 1U);
}

TEST_F(YoloTest, ALoneHitInRowZeroIsLost) {
  EXPECT_TRUE(detect({kFace, kNone}, test::grey(320, 240)).boxes.empty());
  EXPECT_EQ(detect({kFace, kFace}, test::grey(320, 240)).boxes.size(), 2U);
}

TEST_F(YoloTest, TurnedFramesAreTurnedBack) {
  struct Case {
    int angle;
    BoundingBox box;
    core::Point first;
  };
  // Frame 320x240. 90: x = W - y', y = x'; 180: x = W - x', y = H - y'; 270: x = y', y = H - x'.
  for (const Case& one : {Case{90, {90, 80, 150, 120}, {120, 100}}, Case{180, {200, 10, 240, 70}, {220, 40}},
                          Case{270, {170, 120, 230, 160}, {200, 140}}}) {
    DetectorOptions options;
    options.angles = {one.angle};
    const Detections found = detect({kNone, kFace}, test::grey(320, 240), options);
    ASSERT_EQ(found.boxes.size(), 1U) << one.angle;
    expect_box(found.boxes[0], one.box);
    expect_point(found.points[0][0], one.first.x, one.first.y);
  }
}

TEST_F(YoloTest, AnglesAreAppendedInTheirOrder) {
  DetectorOptions options;
  options.angles = {90, 0, 90};
  const Detections found = detect({kNone, kFace}, test::grey(320, 240), options);
  ASSERT_EQ(found.boxes.size(), 3U);
  ASSERT_EQ(found.points.size(), 3U);
  ASSERT_EQ(found.scores.size(), 3U);
  expect_box(found.boxes[0], {90, 80, 150, 120});
  expect_box(found.boxes[1], {80, 170, 120, 230});
  expect_box(found.boxes[2], {90, 80, 150, 120});
}

TEST_F(YoloTest, BoxesAreNormalised) {
  Candidate turned = kFace;
  turned.width = -40;
  const Detections found = detect({kNone, turned}, test::grey(320, 240));
  ASSERT_EQ(found.boxes.size(), 1U);
  expect_box(found.boxes[0], {80, 170, 120, 230});
}

TEST_F(YoloTest, AFrameThatShrinksToNothingHasNoFaces) {
  EXPECT_TRUE(detect({kNone, kFace}, test::grey(2000, 1)).boxes.empty());
}

TEST_F(YoloTest, AModelOfAnotherFamilyIsRefused) {
  models_.add("yoloface_8n", {1, 3, 640, 640}, {test::constant("boxes", {1, 5, 2}, std::vector<float>(10))});
  const std::string text =
      facegraph::test::message_of(core::ErrorCode::kFailed, [&] { Detector detector(models_.context, {}); });
  facegraph::test::expect_names(text, {"yoloface_8n", "`boxes`", "1x5x2", "1x20x?"});
}

// Nine outputs at 160x160: scores, boxes and points of the strides 8, 16 and 32 with two anchors per cell. One row of
// one stride has a score; its distances are 1, 2, 3, 4 and its points all (0.5, -1).
void add_scrfd(const test::Models& models, int stride, std::size_t row, float score) {
  std::vector<test::OnnxInitializer> outputs;
  for (const int width : {1, 4, 10}) {
    for (const int one : {8, 16, 32}) {
      const auto rows = static_cast<std::size_t>(160 / one * (160 / one) * 2);
      std::vector<float> values(rows * width);
      for (int i = 0; one == stride && i < width; ++i) {
        values[row * width + i] = width == 1   ? score
                                  : width == 4 ? static_cast<float>(i + 1)
                                  : i % 2 == 0 ? 0.5F
                                               : -1.0F;
      }
      outputs.push_back(
          test::constant("out" + std::to_string(outputs.size()), {static_cast<std::int64_t>(rows), width}, values));
    }
  }
  models.add("scrfd_2.5g", {1, 3, 160, 160}, outputs);
}

class ScrfdTest : public testing::Test {
 protected:
  Detections detect(int stride, std::size_t row, float score) {
    models_.pool.release("face_detector");  // the one of an earlier call
    add_scrfd(models_, stride, row, score);
    DetectorOptions options;
    options.model = "scrfd";
    options.size = {160, 160};
    return detections(models_.context, options, test::grey(320, 160));
  }

  test::Models models_;
};

TEST_F(ScrfdTest, DistancesAreMeasuredFromTheAnchor) {
  // Stride 16: 10 cells per row, two anchors each: row 47 is cell 23, at column 3 of line 2, so (48, 32). The frame is
  // shrunk by two.
  const Detections found = detect(16, 47, 0.5F);  // the threshold itself passes
  ASSERT_EQ(found.boxes.size(), 1U);
  expect_box(found.boxes[0], {2 * (48.0 - 16), 2 * (32.0 - 32), 2 * (48.0 + 48), 2 * (32.0 + 64)});
  expect_point(found.points[0][3], 2 * (48 + 8), 2 * (32 - 16));
  EXPECT_EQ(found.scores, std::vector<float>{0.5F});
}

TEST_F(ScrfdTest, EachStrideLosesItsLoneHitInRowZero) {
  EXPECT_TRUE(detect(8, 0, 0.9F).boxes.empty());
  EXPECT_TRUE(detect(32, 0, 0.9F).boxes.empty());
  EXPECT_EQ(detect(32, 1, 0.9F).boxes.size(), 1U);
}

TEST(DetectorModels, FollowTheOption) {
  const auto names = [](const std::string& model) {
    DetectorOptions options;
    options.model = model;
    std::vector<std::string> result;
    for (const models::ModelFile& file : detector_models(options)) {
      result.push_back(file.name);
    }
    return result;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("many"), (Names{"retinaface_10g", "scrfd_2.5g", "yoloface_8n"}));  // yunet never runs: quirk Q2
  EXPECT_EQ(names("retinaface"), Names{"retinaface_10g"});
  EXPECT_EQ(names("scrfd"), Names{"scrfd_2.5g"});
  EXPECT_EQ(names("yolo_face"), Names{"yoloface_8n"});
  EXPECT_EQ(names("yunet"), Names{"yunet_2023_mar"});
}

TEST(DetectorOptions, DefaultsAreTheReferences) {
  const DetectorOptions options = DetectorOptions::from(facegraph::test::values_of({detector_options()}));
  EXPECT_EQ(options.model, "yolo_face");
  EXPECT_EQ(options.size, (core::Size{640, 640}));
  EXPECT_EQ(options.margin, (std::array{0, 0, 0, 0}));
  EXPECT_EQ(options.angles, std::vector<int>{0});
  EXPECT_EQ(options.score, 0.5);
}

TEST(DetectorOptions, AreRead) {
  const DetectorOptions options = DetectorOptions::from(
      facegraph::test::values_of({detector_options()}, {{"face-detector-model", {"scrfd"}},
                                                        {"face-detector-size", {"320x320"}},
                                                        {"face-detector-margin", {"10", "20", "30"}},
                                                        {"face-detector-angles", {"270", "0"}},
                                                        {"face-detector-score", {"0.05"}}}));
  EXPECT_EQ(options.model, "scrfd");
  EXPECT_EQ(options.size, (core::Size{320, 320}));
  EXPECT_EQ(options.margin, (std::array{10, 20, 30, 20}));
  EXPECT_EQ(options.angles, (std::vector<int>{270, 0}));
  EXPECT_EQ(options.score, 0.05);
}

TEST(DetectorOptions, SizesFollowTheModel) {
  for (const std::string model : {"many", "yolo_face", "yunet"}) {
    EXPECT_THROW(facegraph::test::values_of({detector_options()},
                                            {{"face-detector-model", {model}}, {"face-detector-size", {"320x320"}}}),
                 core::Error)
        << model;
  }
}

}  // namespace
}  // namespace facegraph::analysers
