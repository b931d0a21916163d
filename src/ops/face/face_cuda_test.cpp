#include "ops/face/face_cuda.hpp"

#include "ops/face/test_support.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr float kScore = 0.3F;

class FaceCuda : public GpuOps {
 protected:
  // length: what the GPU says of the list.
  std::vector<int> suppress_on_gpu(const ScoredBoxes& all, int length, float overlap) {
    const auto capacity = static_cast<int>(all.boxes.size());
    const cuda::Kept kept{list<int>(all.boxes.size()), list<int>(1)};
    cuda::suppress(stream(), kept, upload_list(all.boxes), upload_list(all.scores), {capacity, upload_value(length)},
                   kScore, overlap, list<int>(cuda::suppress_scratch(capacity)));
    return download_values(kept.indices, static_cast<std::size_t>(download_values(kept.count, 1)[0]));
  }

  template <typename T>
  T* list(std::size_t count) {
    return static_cast<T*>(take(count * sizeof(T)));
  }
  template <typename T>
  T* upload_list(const std::vector<T>& values) {
    return upload_values(std::span<const T>(values));
  }
};

TEST_F(FaceCuda, SuppressEqualsTheCpuHalf) {
  std::mt19937 random(20);
  for (const int count : {1, 2, 3, 7, 15, 22, 31, 40, 60, 61, 100, 257, 1500}) {
    const ScoredBoxes all = random_boxes(random, count);
    for (const float overlap : {0.1F, 0.4F}) {
      EXPECT_EQ(suppress_on_gpu(all, count, overlap), suppress(all.boxes, all.scores, kScore, overlap)) << count;
    }
  }
}

TEST_F(FaceCuda, SuppressReadsAsManyBoxesAsTheListHolds) {
  std::mt19937 random(4);
  const ScoredBoxes all = random_boxes(random, 50);
  const ScoredBoxes some{{all.boxes.begin(), all.boxes.begin() + 20}, {all.scores.begin(), all.scores.begin() + 20}};
  EXPECT_EQ(suppress_on_gpu(all, 20, 0.4F), suppress(some.boxes, some.scores, kScore, 0.4F));
  EXPECT_EQ(suppress_on_gpu(all, 5000, 0.4F), suppress(all.boxes, all.scores, kScore, 0.4F));
  EXPECT_TRUE(suppress_on_gpu(all, 0, 0.4F).empty());
}

TEST_F(FaceCuda, LandmarksEqualTheCpuHalf) {
  std::mt19937 random(6);
  std::vector<core::Landmark68> in;
  for (int i = 0; i < 40; ++i) {
    in.push_back(random_landmark<core::Landmark68>(random));
  }
  const core::Landmark68* on_gpu = upload_list(in);
  auto* fives = list<core::Landmark5>(in.size());
  auto* scaled = list<core::Landmark5>(in.size());
  constexpr std::size_t kHeld = 30;  // fewer than there is room for
  const ListLength length{static_cast<int>(in.size()), upload_value(static_cast<int>(kHeld))};
  const std::vector<int> untouched(in.size(), -1);
  auto* angles = upload_list(untouched);
  for (const bool float32 : {false, true}) {
    cuda::five_of_sixty_eight(stream(), fives, on_gpu, length, float32);
    cuda::scale_about_nose(stream(), scaled, fives, length, 1.25);
    cuda::face_angle(stream(), angles, on_gpu, length);
    const auto found_fives = download_values(fives, in.size());
    const auto found_scaled = download_values(scaled, in.size());
    const auto found_angles = download_values(angles, in.size());
    for (std::size_t i = 0; i < kHeld; ++i) {
      EXPECT_EQ(found_fives[i], five_of_sixty_eight(in[i], float32));
      EXPECT_EQ(found_scaled[i], scale_about_nose(found_fives[i], 1.25));
      EXPECT_EQ(found_angles[i], face_angle(in[i]));
    }
    EXPECT_EQ(found_angles[kHeld], -1);
  }
}

TEST_F(FaceCuda, EmbeddingsEqualTheCpuHalf) {
  const std::vector<core::Embedding> in = random_embeddings(9);
  const core::Embedding* on_gpu = upload_list(in);
  auto* out = list<core::Embedding>(in.size());
  auto* norms = list<float>(in.size());
  auto* products = list<float>(in.size() * 2);
  const ListLength length{static_cast<int>(in.size())};
  cuda::normalised(stream(), out, norms, on_gpu, length);
  cuda::dot(stream(), products, out, length, out + 4, 2);
  const auto found = download_values(out, in.size());
  const auto found_products = download_values(products, in.size() * 2);
  const auto found_norms = download_values(norms, in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    EXPECT_EQ(found[i], normalised(in[i])) << i;
    EXPECT_EQ(found_norms[i], static_cast<float>(l2_norm(in[i]))) << i;
    EXPECT_EQ(found_products[2 * i], dot(normalised(in[i]), normalised(in[4]))) << i;
    EXPECT_EQ(found_products[2 * i + 1], dot(normalised(in[i]), normalised(in[5]))) << i;
  }
}

}  // namespace
}  // namespace facegraph::ops
