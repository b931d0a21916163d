#include "analysers/landmarker/landmark_cuda.hpp"

#include <cmath>
#include <numbers>
#include <optional>

#include "ops/geometry/affine.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::analysers {
namespace {

constexpr core::Size kCrop{kLandmarkCropSize, kLandmarkCropSize};

LandmarkTurns turns() {
  LandmarkTurns all;
  for (int i = 0; i < 4; ++i) {
    all[i] = ops::rotation(90 * i, kCrop).matrix;
  }
  return all;
}

std::vector<float> random_values(std::size_t count, double low, double high, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> level(static_cast<float>(low), static_cast<float>(high));
  std::vector<float> values(count);
  for (float& value : values) {
    value = level(random);
  }
  return values;
}

// A prediction whose jaw line rises by that angle.
std::vector<float> predicted(double degrees) {
  std::vector<float> values = random_values(136, 0, 1, 3);
  const double radians = degrees * std::numbers::pi / 180;
  values[0] = values[1] = 0.5F;
  values[32] = static_cast<float>(0.5 + 0.4 * std::cos(radians));
  values[33] = static_cast<float>(0.5 + 0.4 * std::sin(radians));
  return values;
}

// The programs on a GPU beside the operators of the CPU.
class LandmarkCuda : public ops::GpuOps {
 protected:
  FacePoints* upload(const FacePoints& points) { return upload_value(points); }
  const float* upload_floats(const std::vector<float>& values) { return upload_values(std::span<const float>(values)); }
  FacePoints download_points(const FacePoints* on_gpu) { return download_values(on_gpu, 1).front(); }
};

TEST_F(LandmarkCuda, APredictionIsPlacedAsOnTheCpu) {
  const core::Affine placement =
      *ops::estimate_similarity(core::Landmark5{{{400, 300}, {470, 310}, {430, 350}, {405, 390}, {465, 395}}},
                                ops::WarpTemplate::kFfhq512, {1, 1});
  const Candidate face{{10, 20, 410, 120}, 1, {{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}}}};
  for (const int angle : {0, 90, 180, 270}) {
    for (const double off : {-40.0, 0.0, 40.0}) {
      const std::vector<float> output = predicted(angle + off);
      FacePoints before;
      before.score = 5;
      before.to_predictor = placement;
      FacePoints* on_gpu = upload(before);
      cuda::run(stream(), PlacePrediction{on_gpu, upload_floats(output), upload_value(face), turns()});
      const FacePoints found = download_points(on_gpu);
      core::Landmark68 expected;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] = {output[2 * i], output[2 * i + 1]};
      }
      ops::transform_points_f32(ops::invert(placement), expected);
      EXPECT_EQ(found.sixty_eight_of_5, expected);
      EXPECT_EQ(found.sixty_eight, expected);
      EXPECT_EQ(found.five_of_68, face.points);
      EXPECT_NEAR(ops::transform(found.upright, {10, 70}).x, 128 - 97.5, 1e-9);  // the middle of its left side
      EXPECT_NEAR(ops::transform(found.upright, {10, 70}).y, 128, 1e-9);
      EXPECT_EQ(found.score, 0);
      EXPECT_EQ(found.angle, ops::face_angle(expected));
      EXPECT_EQ(found.turn.m, ops::rotation(found.angle, kCrop).matrix.m);
    }
  }
}

TEST_F(LandmarkCuda, ThePredictorSeesTheFivePointsInAUnitSquare) {
  const Candidate face{{}, 1, {{{400, 300}, {470, 310}, {430, 350}, {405, 390}, {465, 395}}}};
  FacePoints points;
  points.to_predictor = *ops::estimate_similarity(face.points, ops::WarpTemplate::kFfhq512, {1, 1});
  for (const std::uint8_t has : {1, 0}) {
    points.has = has;
    float* input = upload_values(std::span<const float>(std::vector<float>(10, 7)));
    cuda::run(stream(), FeedPredictor{input, upload(points), upload_value(face)});
    const std::vector<float> found = download_values<float>(input, 10);
    for (std::size_t i = 0; i < 5; ++i) {
      const core::Point unit = ops::transform(points.to_predictor, face.points[i]);
      EXPECT_EQ(found[2 * i], has != 0 ? static_cast<float>(unit.x) : 0);
      EXPECT_EQ(found[2 * i + 1], has != 0 ? static_cast<float>(unit.y) : 0);
    }
  }
}

TEST_F(LandmarkCuda, ATurnLeavesTheCropsSize) {
  for (const int angle : {0, 90, 180, 270}) {
    EXPECT_EQ(ops::rotation(angle, kCrop).size, kCrop);
  }
}

struct Scores {
  std::optional<float> fan;    // every heat map's maximum
  std::optional<float> peppa;  // every point's score
  bool takes_fan = false;
  double score = 0;
};

class LandmarkChoice : public LandmarkCuda, public testing::WithParamInterface<Scores> {};

TEST_P(LandmarkChoice, IsTheReferences) {
  const Scores scores = GetParam();
  const std::vector<float> fan = random_values(68 * 3, 0, 64, 1);
  std::vector<float> peppa = random_values(68 * 3, 0, 64, 2);
  for (std::size_t i = 0; i < 68; ++i) {
    peppa[3 * i + 2] = scores.peppa.value_or(0);
  }
  const std::vector<float> maxima(68, scores.fan.value_or(0));
  const core::Affine placement = ops::translation(1.7, -300, -210);
  FacePoints before;
  before.sixty_eight.fill({7, 8});
  before.five_of_68.fill({9, 10});
  before.upright = placement;
  before.turn = turns()[1];
  FacePoints* on_gpu = upload(before);
  cuda::run(stream(), TakeLandmarks{on_gpu, scores.fan ? upload_floats(fan) : nullptr, 3, upload_floats(maxima),
                                    scores.peppa ? upload_floats(peppa) : nullptr, 0.5});
  const FacePoints found = download_points(on_gpu);
  core::Landmark68 expected = before.sixty_eight;
  if (scores.score > 0) {
    const std::vector<float>& taken = scores.takes_fan ? fan : peppa;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expected[i] = {taken[3 * i] / 64.0F * 256, taken[3 * i + 1] / 64.0F * 256};
    }
    ops::transform_points_f32(ops::invert(before.turn), expected);
    ops::transform_points_f32(ops::invert(placement), expected);
  }
  EXPECT_EQ(found.sixty_eight, expected);
  EXPECT_NEAR(found.score, scores.score, 1e-6);
  EXPECT_EQ(found.five_of_68, scores.score > 0.5 ? ops::five_of_sixty_eight(expected, true) : before.five_of_68);
}

INSTANTIATE_TEST_SUITE_P(Networks, LandmarkChoice,
                         testing::Values(Scores{0.9F, {}, true, 1}, Scores{0.54F, {}, true, 0.6},
                                         Scores{0.36F, {}, true, 0.4}, Scores{{}, 0.95F, false, 1},
                                         Scores{{}, 0.38F, false, 0.4}, Scores{{}, 0.1F, false, 0},
                                         Scores{0.54F, 0.7505F, true, 0.6},    // 0.79: not ahead enough
                                         Scores{0.54F, 0.7695F, false, 0.81},  // 0.21 ahead
                                         Scores{1.8F, 0.1F, true, 1}));

}  // namespace
}  // namespace facegraph::analysers
