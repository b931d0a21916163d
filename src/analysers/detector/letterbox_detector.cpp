#include "analysers/detector/networks.hpp"
#include "ops/site/inputs.hpp"

namespace facegraph::analysers {

LetterboxDetector::LetterboxDetector(const Context& context, const models::ModelFile& file,
                                     const DetectorOptions& options, const ops::ValueTable& table)
    : site_(context.site),
      size_(options.size),
      score_(static_cast<float>(options.score)),
      table_(site_, table),
      session_(context.open_deciding("face_detector", file, {{"input", {1, 3, size_.height, size_.width}}})) {}

void LetterboxDetector::look(core::ConstImageView frame, const std::array<int, 4>& margin) {
  ops::LetterboxRatio ratio;
  ratio_.reset();
  if (!ops::letterbox(site_, session_.input("input").on<float>(site_), ratio, frame, margin, size_, table_)) {
    return;  // an aspect ratio so extreme that nothing of the frame is left
  }
  session_.run_on(site_);
  ratio_ = ratio;
}

int LetterboxDetector::rows_of_all(int per_cell) const {
  int sum = 0;
  for (const int stride : kStrides) {
    sum += rows_of(stride, per_cell);
  }
  return sum;
}

void LetterboxDetector::append(Candidates& found, const FramePlace& place) const {
  if (ratio_) {
    decode(found, *ratio_, place);
  }
}

}  // namespace facegraph::analysers
