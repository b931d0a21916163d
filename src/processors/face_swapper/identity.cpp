#include "processors/face_swapper/identity.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "models/onnx/initializer.hpp"
#include "ops/face/face.hpp"

namespace facegraph::processors {

using core::Embedding;
using core::kEmbeddingSize;

namespace {

// (e . E) / |e| with E the last initializer of the inswapper file.
Embedding through_emap(const std::filesystem::path& path, const std::string& name, const Embedding& embedding) {
  const models::Initializer emap = models::last_initializer(path);
  if (emap.dims != std::vector<std::int64_t>{kEmbeddingSize, kEmbeddingSize}) {
    core::fail(core::ErrorCode::kFailed,
               "{}: its last initializer is not the 512x512 embedding map; choose a model of the inswapper family",
               name);
  }
  const double norm = ops::l2_norm(embedding);
  Embedding result;
  for (int column = 0; column < kEmbeddingSize; ++column) {
    double sum = 0;
    for (int row = 0; row < kEmbeddingSize; ++row) {
      sum += static_cast<double>(embedding[row]) * emap.values[static_cast<std::size_t>(row) * kEmbeddingSize + column];
    }
    result[column] = static_cast<float>(sum) / static_cast<float>(norm);
  }
  return result;
}

Embedding through_converter(const analysers::Context& context, const models::ModelFile& converter,
                            const Embedding& embedding) {
  runtime::Session session = context.open("face_swapper", converter, {{"input", {1, kEmbeddingSize}}});
  session.expect_output(0, {1, kEmbeddingSize});
  std::copy(embedding.begin(), embedding.end(), session.input("input").as<float>().begin());
  session.run();
  Embedding result;
  const auto output = session.output(0).as<float>();
  std::copy(output.begin(), output.end(), result.begin());
  return result;
}

float target_share(double weight) {
  return static_cast<float>(0.35 - 0.7 * weight);
}

}  // namespace

std::optional<core::Face> source_face(const Sources& sources) {
  core::Faces largest;
  for (const SourcePicture& picture : sources.pictures) {
    if (!picture.faces.empty()) {
      largest.push_back(picture.faces.front());
    }
  }
  return largest.empty() ? std::nullopt : std::optional(ops::average_identity(largest));
}

Embedding source_identity(const analysers::Context& context, const SwapperModel& model, const core::Face& source) {
  switch (model.type) {
    case SwapperType::kInswapper:
      return through_emap(context.store.path(model.file), model.file.name, source.embedding);
    case SwapperType::kGhost:
      return through_converter(context, *model.converter, source.embedding);
    case SwapperType::kHififace:
    case SwapperType::kSimswap:
      return ops::normalised(through_converter(context, *model.converter, source.embedding));
    default:
      return source.embedding_norm;
  }
}

bool takes_target_identity(const SwapperModel& model, double weight) {
  return !model.takes_source_picture() && target_share(weight) != 0;
}

Embedding balance_identity(const SwapperModel& model, const Embedding& source, const core::Face& target,
                           double weight) {
  const float share = target_share(weight);
  if (share == 0) {
    return source;
  }
  const float rest = 1.0F - share;
  const Embedding other = model.type == SwapperType::kGhost ? target.embedding : ops::normalised(target.embedding);
  Embedding result;
  for (int i = 0; i < kEmbeddingSize; ++i) {
    result[i] = source[i] * rest + other[i] * share;
  }
  return result;
}

}  // namespace facegraph::processors
