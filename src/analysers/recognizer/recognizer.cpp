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
      session_(context.open_deciding("face_recognizer", file_of(set), {{"input", {1, 3, kCropSize, kCropSize}}})) {
  session_.expect_output(0, {1, core::kEmbeddingSize});
}

Recognizer::Pending Recognizer::embed(core::ConstImageView frame, const core::Landmark5* points) {
  SiteCrop crop = crop_on_site(frame, points, ops::WarpTemplate::kArcface112V2, {kCropSize, kCropSize}, site_);
  ops::to_tensor(site_, session_.input("input").on<float>(site_), crop.image, table_, ops::ChannelOrder::kRgb,
                 ops::Layout::kChw);
  session_.run_on(site_);
  return {std::move(crop.has), site_.fetch(session_.output(0).on<const float>(site_))};
}

std::optional<core::Embedding> Recognizer::Pending::value() const {
  if (*has_.data() == 0) {
    return std::nullopt;
  }
  core::Embedding embedding;
  std::copy_n(output_.data(), embedding.size(), embedding.begin());
  return embedding;
}

}  // namespace facegraph::analysers
