#include "ops/geometry/affine_programs.hpp"

#include "ops/face/test_support.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr int kFaces = 60;
constexpr int kCapacity = kFaces + 4;
constexpr core::Size kItems{kCapacity, 1};
const ListLength kLength{kCapacity, &kFaces};

// Lists are longer than what they hold: entries beyond stay as they are.
template <typename T>
std::vector<T> with_room(std::vector<T> values) {
  values.resize(kCapacity);
  return values;
}

std::vector<core::Affine> matrices() {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> entry(-2, 2);
  std::vector<core::Affine> out(kCapacity);
  for (core::Affine& matrix : out) {
    for (double& value : matrix.m) {
      value = entry(random);
    }
  }
  out[3] = {};  // cannot be inverted
  return out;
}

TEST(AffinePrograms, EstimateSimilarities) {
  const auto fives = with_room(random_fives(kFaces));
  const core::Size size{256, 256};
  std::vector<core::Affine> found(kCapacity, core::Affine{{9}});
  std::vector<std::uint8_t> valid(kCapacity, 9);
  run_pixels_on_host(kItems, EstimateSimilarities{found.data(), valid.data(), fives.data(), kLength,
                                                  similarity_target(WarpTemplate::kArcface128, size)});
  for (std::size_t i = 0; i < kFaces; ++i) {
    const auto expected = estimate_similarity(fives[i], WarpTemplate::kArcface128, size);
    EXPECT_EQ(valid[i], expected ? 1 : 0) << i;
    EXPECT_EQ(found[i].m, expected.value_or(core::Affine{}).m) << i;
  }
  EXPECT_EQ(valid[kFaces - 1], 0);
  EXPECT_EQ(valid[kFaces - 2], 0);
  EXPECT_EQ(valid[0], 1);
  EXPECT_EQ(valid[kFaces], 9);
}

TEST(AffinePrograms, InvertAndCompose) {
  const auto list = matrices();
  std::vector<core::Affine> inverse(kCapacity);
  run_pixels_on_host(kItems, InvertAffines{inverse.data(), list.data(), kLength});
  std::vector<core::Affine> both(kCapacity);
  run_pixels_on_host(kItems, ComposeAffines{both.data(), inverse.data(), list.data(), kLength});
  for (std::size_t i = 0; i < kFaces; ++i) {
    EXPECT_EQ(inverse[i].m, invert(list[i]).m);
    EXPECT_EQ(both[i].m, compose(invert(list[i]), list[i]).m);
  }
  EXPECT_NEAR(both[0].m[0], 1, 1e-12);
  EXPECT_EQ(inverse[kFaces].m, core::Affine{}.m);
}

TEST(AffinePrograms, TransformPoints) {
  const auto list = matrices();
  for (const bool is_float32 : {false, true}) {
    auto fives = with_room(random_fives(kFaces));
    auto expected = fives;
    for (std::size_t i = 0; i < kFaces; ++i) {
      is_float32 ? transform_points_f32(list[i], expected[i]) : transform_points(list[i], expected[i]);
    }
    run_pixels_on_host({5, kCapacity}, TransformPoints{fives[0].data(), 5, list.data(), kLength, is_float32});
    for (std::size_t i = 0; i + 1 < kFaces; ++i) {  // the last one holds infinity
      EXPECT_EQ(fives[i], expected[i]) << i;
    }
    EXPECT_EQ(fives[kFaces], expected[kFaces]);
  }
}

TEST(AffinePrograms, Boxes) {
  const auto list = matrices();
  std::mt19937 random(8);
  auto boxes = random_boxes(random, kCapacity).boxes;
  std::vector<core::Affine> crops(kCapacity);
  std::vector<std::uint8_t> valid(kCapacity);
  run_pixels_on_host(kItems, BoxesToCrops{crops.data(), valid.data(), boxes.data(), kLength, {64, 48}});
  int empty = 0;
  for (std::size_t i = 0; i < kFaces; ++i) {
    const auto expected = box_to_crop(boxes[i], {64, 48});
    EXPECT_EQ(valid[i], expected ? 1 : 0);
    EXPECT_EQ(crops[i].m, expected.value_or(core::Affine{}).m);
    empty += expected ? 0 : 1;
  }
  EXPECT_GT(empty, 0);
  boxes[7] = {1, 2, 3, 4};  // was not a number
  const auto before = boxes;
  run_pixels_on_host(kItems, TransformBoxes{boxes.data(), list.data(), kLength});
  for (std::size_t i = 0; i < kFaces; ++i) {
    const core::BoundingBox expected = transform_box(list[i], before[i]);
    EXPECT_EQ(boxes[i].x1, expected.x1);
    EXPECT_EQ(boxes[i].y1, expected.y1);
    EXPECT_EQ(boxes[i].x2, expected.x2);
    EXPECT_EQ(boxes[i].y2, expected.y2);
  }
  EXPECT_EQ(boxes[kFaces].x1, before[kFaces].x1);
}

}  // namespace
}  // namespace facegraph::ops
