#include "ops/face/face_cuda.hpp"

#include "ops/face/test_support.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

class FaceCuda : public GpuOps {
 protected:
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
  for (const int count : {1, 2, 31, 60, 257, 1500}) {
    const ScoredBoxes all = random_boxes(random, count);
    const int capacity = count + 5;
    const cuda::Kept kept{list<int>(static_cast<std::size_t>(capacity)), list<int>(1)};
    auto* boxes = list<core::BoundingBox>(static_cast<std::size_t>(capacity));
    auto* scores = list<float>(static_cast<std::size_t>(capacity));
    stream().gpu().upload(boxes, all.boxes.data(), all.boxes.size() * sizeof(core::BoundingBox), stream().handle());
    stream().gpu().upload(scores, all.scores.data(), all.scores.size() * sizeof(float), stream().handle());
    cuda::suppress(stream(), kept, boxes, scores, {capacity, upload_value(count)}, 0.5F, 0.4F,
                   list<int>(cuda::suppress_scratch(capacity)));
    const auto found = static_cast<std::size_t>(download_values(kept.count, 1)[0]);
    EXPECT_EQ(download_values(kept.indices, found), suppress(all.boxes, all.scores, 0.5F, 0.4F)) << count;
  }
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
  auto* angles = list<int>(in.size());
  const ListLength length{static_cast<int>(in.size())};
  for (const bool float32 : {false, true}) {
    cuda::five_of_sixty_eight(stream(), fives, on_gpu, length, float32);
    cuda::scale_about_nose(stream(), scaled, fives, length, 1.25);
    cuda::face_angle(stream(), angles, on_gpu, length);
    const auto found_fives = download_values(fives, in.size());
    const auto found_scaled = download_values(scaled, in.size());
    const auto found_angles = download_values(angles, in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
      EXPECT_EQ(found_fives[i], five_of_sixty_eight(in[i], float32));
      EXPECT_EQ(found_scaled[i], scale_about_nose(found_fives[i], 1.25));
      EXPECT_EQ(found_angles[i], face_angle(in[i]));
    }
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
