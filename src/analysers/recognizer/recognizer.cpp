#include "analysers/recognizer/recognizer.hpp"

#include <algorithm>
#include <utility>

namespace facegraph::analysers {

namespace {

const models::ModelFile kArcface{"arcface_w600k_r50", "models-3.0.0", "Non-Commercial"};
const models::ModelFile kEmbedded = models::embedded_file("embedded_recognizer");
constexpr int kCropSize = 112;

const models::ModelFile& file_of(models::ModelSet set) {
  return set == models::ModelSet::kEmbedded ? kEmbedded : kArcface;
}

// v / 127.5 - 1, evaluated in double, is (v / 255 - 0.5) / 0.5 up to rounding of the last bit; the table takes the
// former.
ops::ValueTable input_table() {
  ops::ValueTable table;
  for (std::size_t v = 0; v < table[0].size(); ++v) {
    table[0][v] = table[1][v] = table[2][v] = static_cast<float>(static_cast<double>(v) / 127.5 - 1);
  }
  return table;
}

}  // namespace

std::vector<models::ModelFile> recognizer_models(models::ModelSet set) {
  return {file_of(set)};
}

Recognizer::Recognizer(const Context& context, models::ModelSet set)
    : site_(context.site),
      table_(site_, input_table()),
      sessions_(open_batched(
          context, {"input", {1, 3, kCropSize, kCropSize}}, [context, set](const runtime::InputSpec& input) {
            runtime::Session session = context.open_deciding("face_recognizer", file_of(set), {input});
            session.expect_output(0, {input.shape.front(), core::kEmbeddingSize});
            return session;
          })) {}

Recognizer::Pending Recognizer::embed(std::span<const SiteFace> faces) {
  SiteCrops crops = crop_on_site(faces, ops::WarpTemplate::kArcface112V2, {kCropSize, kCropSize}, site_);
  Pending pending;
  for_each_run(sessions_, crops.images, table_, site_,
               [&](const runtime::Session& session) { pending.output_.fetch(session, 0, site_); });
  pending.has_ = std::move(crops.has);
  return pending;
}

std::optional<core::Embedding> Recognizer::Pending::value(std::size_t face) const {
  if (has_.data()[face] == 0) {
    return std::nullopt;
  }
  core::Embedding embedding;
  std::copy_n(output_[face], embedding.size(), embedding.begin());
  return embedding;
}

}  // namespace facegraph::analysers
