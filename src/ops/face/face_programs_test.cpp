#include "ops/face/face_programs.hpp"

#include "ops/face/face.hpp"
#include "ops/face/test_support.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

std::vector<int> suppress_by_program(const ScoredBoxes& all, int length, float score, float overlap) {
  const auto capacity = static_cast<int>(all.boxes.size());
  std::vector<int> kept(all.boxes.size(), -9);
  std::vector<int> scratch(2 * all.boxes.size(), 77);
  int count = -1;
  run_blocks_on_host(1, SuppressBoxes{kept.data(),
                                      &count,
                                      all.boxes.data(),
                                      all.scores.data(),
                                      {capacity, &length},
                                      score,
                                      overlap,
                                      scratch.data(),
                                      scratch.data() + capacity});
  kept.resize(static_cast<std::size_t>(count));
  return kept;
}

TEST(SuppressBoxes, EqualsTheCpuHalf) {
  std::mt19937 random(20);
  for (int round = 0; round < 300; ++round) {
    const ScoredBoxes all = random_boxes(random, round % 61);
    for (const float overlap : {0.1F, 0.4F}) {
      ASSERT_EQ(suppress_by_program(all, static_cast<int>(all.boxes.size()), 0.5F, overlap),
                suppress(all.boxes, all.scores, 0.5F, overlap))
          << "round " << round;
    }
  }
}

TEST(SuppressBoxes, ReadsAsManyBoxesAsTheListHolds) {
  std::mt19937 random(4);
  const ScoredBoxes all = random_boxes(random, 50);
  ScoredBoxes some{{all.boxes.begin(), all.boxes.begin() + 20}, {all.scores.begin(), all.scores.begin() + 20}};
  EXPECT_EQ(suppress_by_program(all, 20, 0.3F, 0.4F), suppress(some.boxes, some.scores, 0.3F, 0.4F));
  EXPECT_EQ(suppress_by_program(all, 5000, 0.3F, 0.4F), suppress(all.boxes, all.scores, 0.3F, 0.4F));
  EXPECT_TRUE(suppress_by_program(all, 0, 0.3F, 0.4F).empty());
}

constexpr int kFaces = 20;
constexpr core::Size kItems{kFaces + 3, 1};
const ListLength kLength{kFaces + 3, &kFaces};

TEST(FacePrograms, LandmarksEqualTheCpuHalf) {
  std::mt19937 random(6);
  std::vector<core::Landmark68> in;
  for (int i = 0; i < kItems.width; ++i) {
    in.push_back(random_landmark<core::Landmark68>(random));
  }
  std::vector<core::Landmark5> fives(in.size());
  std::vector<core::Landmark5> scaled(in.size());
  std::vector<int> angles(in.size(), -1);
  for (const bool float32 : {false, true}) {
    run_pixels_on_host(kItems, FivesOfSixtyEight{fives.data(), in.data(), kLength, float32});
    run_pixels_on_host(kItems, ScaleAboutNoses{scaled.data(), fives.data(), kLength, 1.25});
    run_pixels_on_host(kItems, FaceAngles{angles.data(), in.data(), kLength});
    for (std::size_t i = 0; i < kFaces; ++i) {
      EXPECT_EQ(fives[i], five_of_sixty_eight(in[i], float32));
      EXPECT_EQ(scaled[i], scale_about_nose(fives[i], 1.25));
      EXPECT_EQ(angles[i], face_angle(in[i]));
    }
    EXPECT_EQ(angles[kFaces], -1);
    EXPECT_EQ(fives[kFaces], core::Landmark5{});
  }
}

TEST(FacePrograms, EmbeddingsEqualTheCpuHalf) {
  const std::vector<core::Embedding> in = random_embeddings(kItems.width);
  std::vector<core::Embedding> out(in.size());
  std::vector<float> norms(in.size(), -1);
  run_blocks_on_host(kItems.width, NormaliseEmbeddings{out.data(), norms.data(), in.data(), kLength});
  constexpr int kOthers = 3;
  std::vector<float> products(in.size() * kOthers);
  run_pixels_on_host({kItems.width, kOthers},
                     DotEmbeddings{products.data(), out.data(), kLength, out.data() + 4, kOthers});
  for (std::size_t i = 0; i < kFaces; ++i) {
    EXPECT_EQ(out[i], normalised(in[i]));
    EXPECT_EQ(norms[i], static_cast<float>(l2_norm(in[i])));
    for (std::size_t j = 0; j < kOthers; ++j) {
      EXPECT_EQ(products[i * kOthers + j], dot(normalised(in[i]), normalised(in[4 + j])));
    }
  }
  EXPECT_NEAR(products[4 * kOthers], 1, 1e-6);
  EXPECT_EQ(norms[kFaces], -1);
}

}  // namespace
}  // namespace facegraph::ops
