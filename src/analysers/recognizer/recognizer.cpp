#include "analysers/recognizer/recognizer.hpp"

#include <algorithm>

#include "analysers/shared/crop.hpp"

namespace facegraph::analysers {

namespace {

const models::ModelFile kArcface{"arcface_w600k_r50", "models-3.0.0", "Non-Commercial"};
const models::ModelFile kEmbedded = models::embedded_file("embedded_recognizer");
constexpr int kCropSize = 112;

const models::ModelFile& file_of(models::ModelSet set) {
  return set == models::ModelSet::kEmbedded ? kEmbedded : kArcface;
}

}  // namespace

std::vector<models::ModelFile> recognizer_models(models::ModelSet set) {
  return {file_of(set)};
}

// v / 127.5 - 1, evaluated in double, is (v / 255 - 0.5) / 0.5 up to rounding of the last bit; the table takes the
// former.
Recognizer::Recognizer(const Context& context, models::ModelSet set) {
  for (int v = 0; v < 256; ++v) {
    const auto value = static_cast<float>(v / 127.5 - 1);
    table_[0][v] = table_[1][v] = table_[2][v] = value;
  }
  session_ = context.open_deciding("face_recognizer", file_of(set), {{"input", {1, 3, kCropSize, kCropSize}}});
  session_.expect_output(0, {1, core::kEmbeddingSize});
}

std::optional<core::Embedding> Recognizer::embed(core::ConstImageView frame, const core::Landmark5& points) {
  const auto crop = crop_face(frame, points, ops::WarpTemplate::kArcface112V2, {kCropSize, kCropSize});
  if (!crop) {
    return std::nullopt;
  }
  ops::to_tensor(session_.input("input").as<float>(), crop->image, table_, ops::ChannelOrder::kRgb, ops::Layout::kChw);
  session_.run();
  core::Embedding embedding;
  const auto output = session_.output(0).as<float>();
  std::copy(output.begin(), output.end(), embedding.begin());
  return embedding;
}

}  // namespace facegraph::analysers
