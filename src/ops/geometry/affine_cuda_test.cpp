#include "ops/geometry/affine_cuda.hpp"

#include "ops/face/test_support.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

// The lists have room for more faces than they hold; what lies beyond stays as it is.
constexpr int kFaces = 60;
constexpr int kCapacity = kFaces + 40;
constexpr std::uint8_t kUntouched = 9;
constexpr core::Size kSize{256, 256};

class AffineCuda : public GpuOps {
 protected:
  void SetUp() override {
    GpuOps::SetUp();
    if (IsSkipped()) {
      return;
    }
    fives_ = random_fives(kFaces);
    length_ = {kCapacity, upload_value(kFaces)};
    points_ = upload_list(fives_);
    matrices_ = upload_list(std::vector<core::Affine>());
    const std::vector<std::uint8_t> untouched(kCapacity, kUntouched);
    valid_ = upload_values(std::span<const std::uint8_t>(untouched));
    cuda::estimate_similarity(stream(), matrices_, valid_, points_, length_, WarpTemplate::kArcface128, kSize);
    for (const core::Landmark5& five : fives_) {
      expected_.push_back(estimate_similarity(five, WarpTemplate::kArcface128, kSize).value_or(core::Affine{}));
    }
  }

  template <typename T>
  T* upload_list(std::vector<T> values) {
    values.resize(kCapacity);
    return upload_values(std::span<const T>(values));
  }

  void expect_equal_matrices(const core::Affine* on_gpu, const std::vector<core::Affine>& expected) {
    const std::vector<core::Affine> found = download_values(on_gpu, kCapacity);
    for (std::size_t i = 0; i < kFaces; ++i) {
      EXPECT_EQ(found[i].m, expected[i].m) << i;
    }
    EXPECT_EQ(found[kFaces].m, core::Affine{}.m);
  }

  std::vector<core::Landmark5> fives_;
  std::vector<core::Affine> expected_;
  ListLength length_;
  core::Landmark5* points_ = nullptr;
  core::Affine* matrices_ = nullptr;
  std::uint8_t* valid_ = nullptr;
};

TEST_F(AffineCuda, EstimateSimilarityEqualsTheCpuHalf) {
  expect_equal_matrices(matrices_, expected_);
  const std::vector<std::uint8_t> valid = download_values(valid_, kCapacity);
  for (std::size_t i = 0; i < kFaces; ++i) {
    EXPECT_EQ(valid[i], estimate_similarity(fives_[i], WarpTemplate::kArcface128, kSize) ? 1 : 0) << i;
  }
  EXPECT_EQ(valid[0], 1);
  EXPECT_EQ(valid[kFaces - 1], 0);
  EXPECT_EQ(valid[kFaces], kUntouched);
}

TEST_F(AffineCuda, InvertAndComposeEqualTheCpuHalf) {
  auto* inverse = upload_list(std::vector<core::Affine>());
  auto* both = upload_list(std::vector<core::Affine>());
  cuda::invert(stream(), inverse, matrices_, length_);
  cuda::compose(stream(), both, inverse, matrices_, length_);
  std::vector<core::Affine> inverted;
  std::vector<core::Affine> composed;
  for (const core::Affine& matrix : expected_) {
    inverted.push_back(invert(matrix));
    composed.push_back(compose(inverted.back(), matrix));
  }
  expect_equal_matrices(inverse, inverted);
  expect_equal_matrices(both, composed);
}

TEST_F(AffineCuda, PointsEqualTheCpuHalf) {
  for (const bool is_float32 : {false, true}) {
    auto expected = fives_;
    for (std::size_t i = 0; i < kFaces; ++i) {
      is_float32 ? transform_points_f32(expected_[i], expected[i]) : transform_points(expected_[i], expected[i]);
    }
    auto* points = upload_list(fives_);
    (is_float32 ? cuda::transform_points_f32 : cuda::transform_points)(stream(), reinterpret_cast<core::Point*>(points),
                                                                       5, matrices_, length_);
    const auto found = download_values(points, kFaces);
    for (std::size_t i = 0; i + 1 < kFaces; ++i) {  // the last one holds infinity
      EXPECT_EQ(found[i], expected[i]) << i;
    }
  }
}

TEST_F(AffineCuda, BoxesEqualTheCpuHalf) {
  std::mt19937 random(8);
  auto boxes = random_boxes(random, kFaces).boxes;
  boxes[7] = {3, 3, 3, 9};
  auto* on_gpu = upload_list(boxes);
  auto* crops = upload_list(std::vector<core::Affine>());
  cuda::box_to_crop(stream(), crops, valid_, on_gpu, length_, {64, 48});
  std::vector<core::Affine> expected;
  for (const core::BoundingBox& box : boxes) {
    expected.push_back(box_to_crop(box, {64, 48}).value_or(core::Affine{}));
  }
  expect_equal_matrices(crops, expected);
  EXPECT_EQ(download_values(valid_, kFaces)[7], 0);
  cuda::transform_box(stream(), on_gpu, matrices_, length_);
  const auto found = download_values(on_gpu, kFaces);
  for (std::size_t i = 0; i < kFaces; ++i) {
    const core::BoundingBox box = transform_box(expected_[i], boxes[i]);
    EXPECT_EQ(found[i].x1, box.x1) << i;
    EXPECT_EQ(found[i].y1, box.y1) << i;
    EXPECT_EQ(found[i].x2, box.x2) << i;
    EXPECT_EQ(found[i].y2, box.y2) << i;
  }
}

}  // namespace
}  // namespace facegraph::ops
