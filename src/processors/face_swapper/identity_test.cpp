#include "processors/face_swapper/identity.hpp"

#include <bit>
#include <cmath>

#include <gtest/gtest.h>

#include "ops/face/face.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using core::Embedding;
using core::kEmbeddingSize;

Embedding wave(double phase, double scale) {
  Embedding result;
  for (int i = 0; i < kEmbeddingSize; ++i) {
    result[i] = static_cast<float>(scale * std::sin(phase + 0.37 * i));
  }
  return result;
}

core::Face face_of(const Embedding& embedding) {
  core::Face face;
  face.embedding = embedding;
  face.embedding_norm = ops::normalised(embedding);
  return face;
}

TEST(BalanceIdentity, AtHalfTheSourceStaysBitForBit) {
  const Embedding source = wave(0.1, 1);
  for (const SwapperModel& model : swapper_models(models::ModelSet::kOfficial)) {
    const Embedding found = balance_identity(model, source, face_of(wave(2, 20)), 0.5);
    for (int i = 0; i < kEmbeddingSize; ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(found[i]), std::bit_cast<std::uint32_t>(source[i])) << model.file.name;
    }
  }
}

TEST(BalanceIdentity, MovesToTheTargetAndAwayFromIt) {
  const Embedding source = wave(0.1, 1);
  const Embedding target = wave(2, 20);
  struct Case {
    double weight;
    float share;
  };
  for (const Case& one : {Case{0, 0.35F}, Case{1, -0.35F}, Case{0.25, 0.175F}}) {
    const Embedding found = balance_identity(swapper_model("inswapper_128"), source, face_of(target), one.weight);
    const Embedding unit = ops::normalised(target);
    for (int i = 0; i < kEmbeddingSize; i += 31) {
      EXPECT_NEAR(found[i], source[i] * (1 - one.share) + unit[i] * one.share, 1e-6) << one.weight;
    }
  }
}

TEST(BalanceIdentity, GhostTakesTheTargetAsItIs) {
  const Embedding source = wave(0.1, 1);
  const Embedding target = wave(2, 20);
  const Embedding found = balance_identity(swapper_model("ghost_1_256"), source, face_of(target), 0);
  EXPECT_NEAR(found[5], source[5] * 0.65F + target[5] * 0.35F, 1e-5);
}

TEST(SourceFace, AveragesTheFirstFaceOfEachPicture) {
  Sources sources;
  EXPECT_FALSE(source_face(sources));
  sources.pictures.resize(3);
  EXPECT_FALSE(source_face(sources));
  const core::Face first = face_of(wave(0, 2));
  const core::Face second = face_of(wave(1, 8));
  sources.pictures[0].faces = {first, face_of(wave(5, 99))};
  sources.pictures[2].faces = {second};  // the second picture has none
  const auto found = source_face(sources);
  ASSERT_TRUE(found);
  EXPECT_FLOAT_EQ(found->embedding[7], (first.embedding[7] + second.embedding[7]) / 2);
  EXPECT_FLOAT_EQ(found->embedding_norm[7], (first.embedding_norm[7] + second.embedding_norm[7]) / 2);
}

class SourceIdentityTest : public testing::Test {
 protected:
  Embedding identity(const std::string& model) { return source_identity({pool_, store_}, swapper_model(model), face_); }
  // A network that only reads `target`; its last initializer is the map.
  void write_inswapper(const test::OnnxInitializer& map) const {
    const test::OnnxModel model{{{"target", {1}}}, {{"output", {1}}}, {{"Relu", {"target"}, {"output"}}}, {map}};
    model.write(scratch_ / "inswapper_128.onnx");
  }
  // Doubles the embedding.
  void write_converter(const std::string& name) const {
    const test::OnnxModel model{
        {{"input", {1, 512}}}, {{"output", {1, 512}}}, {{"Add", {"input", "input"}, {"output"}}}};
    model.write(scratch_ / (name + ".onnx"));
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
  core::Face face_ = face_of(wave(0.4, 12));
};

TEST_F(SourceIdentityTest, HyperswapTakesTheUnitEmbedding) {
  EXPECT_EQ(identity("hyperswap_1a_256"), face_.embedding_norm);
}

TEST_F(SourceIdentityTest, InswapperGoesThroughItsMap) {
  // Column i takes twice the embedding's entry before it.
  std::vector<float> map(kEmbeddingSize * kEmbeddingSize);
  for (int i = 0; i < kEmbeddingSize; ++i) {
    map[static_cast<std::size_t>((i + kEmbeddingSize - 1) % kEmbeddingSize) * kEmbeddingSize + i] = 2;
  }
  write_inswapper(test::constant("map", {kEmbeddingSize, kEmbeddingSize}, map));
  const Embedding found = identity("inswapper_128");
  for (int i = 1; i < kEmbeddingSize; ++i) {
    EXPECT_NEAR(found[i], 2 * face_.embedding_norm[i - 1], 1e-6);
  }
  EXPECT_NEAR(found[0], 2 * face_.embedding_norm[kEmbeddingSize - 1], 1e-6);
}

TEST_F(SourceIdentityTest, AnotherMapIsRefused) {
  write_inswapper(test::constant("bias", {512}, std::vector<float>(512)));
  test::expect_names(test::message_of(core::ErrorCode::kFailed, [&] { identity("inswapper_128"); }),
                     {"inswapper_128", "512x512"});
}

TEST_F(SourceIdentityTest, ConvertersGiveRawOrUnitVectors) {
  write_converter("crossface_ghost");
  write_converter("crossface_simswap");
  write_converter("crossface_hififace");
  EXPECT_FLOAT_EQ(identity("ghost_3_256")[9], 2 * face_.embedding[9]);
  EXPECT_NEAR(identity("simswap_256")[9], face_.embedding_norm[9], 1e-6);
  EXPECT_NEAR(identity("hififace_unofficial_256")[9], face_.embedding_norm[9], 1e-6);
}

}  // namespace
}  // namespace facegraph::processors
