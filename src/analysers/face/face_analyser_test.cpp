#include "analysers/face/face_analyser.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "analysers/selector/selector.hpp"
#include "analysers/test_support.hpp"
#include "ops/geometry/affine.hpp"
#include "runtime/session/not_finite.hpp"

namespace facegraph::analysers {
namespace {

constexpr std::int64_t kMaps = 8;  // side of the stand-in's heat maps

// One candidate that is kept, with the points of a face in its box, and one that is not.
std::vector<float> one_face() {
  const core::Landmark5& unit = ops::warp_template(ops::WarpTemplate::kArcface112V2);
  const std::vector<float> head{160, 120, 100, 100, 0.9F};
  std::vector<float> rows(20 * 2);
  for (std::size_t row = 0; row < head.size(); ++row) {
    rows[row * 2 + 1] = head[row];
  }
  for (std::size_t j = 0; j < unit.size(); ++j) {
    rows[(5 + 3 * j) * 2 + 1] = static_cast<float>(110 + 100 * unit[j].x);
    rows[(6 + 3 * j) * 2 + 1] = static_cast<float>(70 + 100 * unit[j].y);
  }
  return rows;
}

class FaceAnalyserTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto id = [](const std::string& name, std::int64_t value) {
      return test::OnnxInitializer{.name = name,
                                   .dims = {1},
                                   .type = facegraph::test::OnnxType::kInt64,
                                   .raw = facegraph::test::raw_bytes<std::int64_t>({value})};
    };
    std::vector<float> embedding(core::kEmbeddingSize);
    embedding[0] = 3;
    embedding[1] = 4;
    models_.add("yoloface_8n", {1, 3, 640, 640}, {test::constant("output0", {1, 20, 2}, one_face())});
    models_.add("fan_68_5", {1, 5, 2}, {test::constant("output", {1, 68, 2}, std::vector<float>(136, 0.5F))});
    models_.add("arcface_w600k_r50", {1, 3, 112, 112}, {test::constant("output", {1, 512}, embedding)});
    models_.add("fairface", {1, 3, 224, 224}, {id("race", 0), id("gender", 1), id("age", 4)});
    add_landmarker(0.9F);
    options_.detector.score = 0.5;
  }
  // On the 64x64 grid: all points at the centre but those that the five are made of. A heat map's maximum gives the
  // score.
  void add_landmarker(float heat) const {
    std::vector<float> points(68 * 3, 32.0F);
    const auto put = [&](std::size_t first, std::size_t last, float x, float y) {
      for (std::size_t i = first; i <= last; ++i) {
        points[3 * i] = x;
        points[3 * i + 1] = y;
      }
    };
    put(36, 41, 20, 24);
    put(42, 47, 44, 24);
    put(30, 30, 32, 34);
    put(48, 48, 22, 44);
    put(54, 54, 42, 44);
    models_.add("2dfan4", {1, 3, 256, 256},
                {test::constant("landmarks", {1, 68, 3}, points),
                 test::constant("heatmaps", {1, 68, kMaps, kMaps}, std::vector<float>(68 * kMaps * kMaps, heat))});
  }
  core::Faces analyse_or_refuse() {
    try {
      return analyse();
    } catch (const runtime::NotFinite&) {
      return {};
    }
  }
  static void expect_finite(const core::Faces& faces) {
    for (const core::Face& face : faces) {
      const core::BoundingBox& box = face.bounding_box;
      EXPECT_TRUE(std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) && std::isfinite(box.y2));
      for (const core::Point& point : face.landmarks.five_of_68) {
        EXPECT_TRUE(std::isfinite(point.x) && std::isfinite(point.y));
      }
    }
  }
  core::Faces analyse() { return FaceAnalyser(models_.context, options_).analyse(test::grey(320, 240)); }

  test::Models models_;
  FaceAnalyserOptions options_;
};

TEST_F(FaceAnalyserTest, PutsAFaceTogether) {
  const core::Faces faces = analyse();
  ASSERT_EQ(faces.size(), 1U);
  const core::Face& face = faces.front();
  EXPECT_EQ(face.origin, core::FaceOrigin::kDetect);
  EXPECT_NEAR(face.bounding_box.x1, 110, 1e-3);
  EXPECT_NEAR(face.bounding_box.y2, 170, 1e-3);
  EXPECT_FLOAT_EQ(static_cast<float>(face.detector_score), 0.9F);
  EXPECT_NEAR(face.landmarker_score, 1, 1e-6);
  // The crop shows the box's centre at 128, its side as 195 pixels.
  EXPECT_NEAR(face.landmarks.five_of_68[0].x, 160 + (20 * 4 - 128) / 1.95, 1e-3);
  EXPECT_NEAR(face.landmarks.five_of_68[4].y, 120 + (44 * 4 - 128) / 1.95, 1e-3);
  EXPECT_NEAR(face.landmarks.five[0].x, 110 + 100 * ops::warp_template(ops::WarpTemplate::kArcface112V2)[0].x, 1e-3);
  EXPECT_EQ(face.embedding[0], 3);
  EXPECT_FLOAT_EQ(face.embedding_norm[0], 0.6F);
  EXPECT_FLOAT_EQ(face.embedding_norm[1], 0.8F);
  EXPECT_EQ(face.age, (core::AgeRange{30, 39}));
  EXPECT_EQ(face.gender, core::Gender::kFemale);
  EXPECT_EQ(face.race, core::Race::kWhite);
}

TEST_F(FaceAnalyserTest, ScoreZeroFindsNothing) {
  options_.detector.score = 0;
  EXPECT_TRUE(analyse().empty());
}

TEST_F(FaceAnalyserTest, AnUntrustedLandmarkerReplacesOnlyThe68Points) {
  add_landmarker(0.44F);
  options_.landmarker.score = 0.5;
  const core::Faces faces = analyse();
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_NEAR(faces[0].landmarker_score, 0.44 / 0.9, 1e-6);
  EXPECT_EQ(faces[0].landmarks.five_of_68, faces[0].landmarks.five);
  EXPECT_NEAR(faces[0].landmarks.sixty_eight[0].x, 160, 1e-3);  // the box's centre
  EXPECT_NE(faces[0].landmarks.sixty_eight, faces[0].landmarks.sixty_eight_of_5);
}

TEST_F(FaceAnalyserTest, LandmarkerScoreZeroSwitchesItOff) {
  std::filesystem::remove(models_.scratch / "2dfan4.onnx");
  options_.landmarker.score = 0;
  const core::Faces faces = analyse();
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_EQ(faces[0].landmarker_score, 0);
  EXPECT_EQ(faces[0].landmarks.sixty_eight, faces[0].landmarks.sixty_eight_of_5);
  EXPECT_EQ(faces[0].landmarks.five_of_68, faces[0].landmarks.five);
}

TEST_F(FaceAnalyserTest, AFaceWithoutASimilarityIsSkipped) {
  std::vector<float> rows = one_face();
  for (std::size_t row = 5; row < 20; ++row) {
    rows[row * 2 + 1] = 0;
  }
  models_.add("yoloface_8n", {1, 3, 640, 640}, {test::constant("output0", {1, 20, 2}, rows)});
  EXPECT_TRUE(analyse().empty());
}

// Whatever a network gives: NotFinite, which the frame's lane takes care of, or what is found has a finite box and
// points that crops can be cut by.
TEST_F(FaceAnalyserTest, NumbersThatAreNoneNeverCrashIt) {
  const float nan = std::nanf("");
  const float infinite = std::numeric_limits<float>::infinity();
  for (const float value : {nan, infinite, -infinite, 3e38F}) {
    for (std::size_t row = 0; row < 20; ++row) {
      std::vector<float> rows = one_face();
      rows[row * 2 + 1] = value;
      models_.add("yoloface_8n", {1, 3, 640, 640}, {test::constant("output0", {1, 20, 2}, rows)});
      expect_finite(analyse_or_refuse());
    }
    models_.add("yoloface_8n", {1, 3, 640, 640}, {test::constant("output0", {1, 20, 2}, one_face())});
    models_.add("fan_68_5", {1, 5, 2}, {test::constant("output", {1, 68, 2}, std::vector<float>(136, value))});
    expect_finite(analyse_or_refuse());
    models_.add("fan_68_5", {1, 5, 2}, {test::constant("output", {1, 68, 2}, std::vector<float>(136, 0.5F))});
    models_.add("2dfan4", {1, 3, 256, 256},
                {test::constant("landmarks", {1, 68, 3}, std::vector<float>(204, value)),
                 test::constant("heatmaps", {1, 68, kMaps, kMaps}, std::vector<float>(68 * kMaps * kMaps, value))});
    expect_finite(analyse_or_refuse());
    add_landmarker(value);
    expect_finite(analyse_or_refuse());
    add_landmarker(0.9F);
    models_.add("arcface_w600k_r50", {1, 3, 112, 112},
                {test::constant("output", {1, 512}, std::vector<float>(512, value))});
    const core::Faces faces = analyse_or_refuse();
    expect_finite(faces);
    core::Faces reference = faces;
    SelectorOptions selector;
    EXPECT_TRUE(value == 3e38F || select_faces({}, reference, faces, selector).empty()) << "alike, with no identity";
  }
}

TEST_F(FaceAnalyserTest, TheEmbeddedSetHasNetworksOfItsOwn) {
  const std::filesystem::path own = models_.scratch.folder();
  const models::Store store(own / "official", own);
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"fairface", "embedded_classifier"},
                                                        {"fan_68_5", "embedded_five_to_68"},
                                                        {"2dfan4", "embedded_landmarker"},
                                                        {"yoloface_8n", "yoloface_8n"},
                                                        {"arcface_w600k_r50", "embedded_recognizer"}}) {
    const std::filesystem::path folder = from == to ? own / "official" : own;
    std::filesystem::create_directories(folder);
    std::filesystem::rename(own / (from + ".onnx"), folder / (to + ".onnx"));
  }
  options_.landmarker.model = "embedded_landmarker";
  options_.landmarker.model_set = models::ModelSet::kEmbedded;
  options_.model_set = models::ModelSet::kEmbedded;
  const core::Faces faces = FaceAnalyser({models_.pool, store}, options_).analyse(test::grey(320, 240));
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_NEAR(faces[0].landmarker_score, 1, 1e-6);
  EXPECT_EQ(faces[0].embedding[0], 3);
  EXPECT_TRUE(faces[0].age && faces[0].gender && faces[0].race);
}

TEST(FaceAnalyserModels, AreThoseOfItsParts) {
  std::vector<std::string> names;
  for (const models::ModelFile& file : face_analyser_models({})) {
    names.push_back(file.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"fairface", "yoloface_8n", "fan_68_5", "2dfan4", "arcface_w600k_r50"}));
}

TEST(LandmarkerOptions, DefaultsAreTheReferences) {
  const auto options =
      FaceAnalyserOptions::from(facegraph::test::values_of({detector_options(), landmarker_options()}));
  EXPECT_EQ(options.landmarker.model, "2dfan4");
  EXPECT_EQ(options.landmarker.score, 0.5);
}

}  // namespace
}  // namespace facegraph::analysers
