#include "analysers/detector/networks.hpp"

namespace facegraph::analysers {

LetterboxDetector::LetterboxDetector(const Context& context, const models::ModelFile& file,
                                     const DetectorOptions& options, const ops::ValueTable& table)
    : size_(options.size),
      score_(static_cast<float>(options.score)),
      table_(table),
      session_(context.open_deciding("face_detector", file, {{"input", {1, 3, size_.height, size_.width}}})) {}

void LetterboxDetector::detect(core::ConstImageView frame, const std::array<int, 4>& margin, Detections& found) {
  ops::LetterboxRatio ratio;
  if (!ops::letterbox(session_.input("input").as<float>(), ratio, frame, margin, size_, table_)) {
    return;  // an aspect ratio so extreme that nothing of the frame is left
  }
  session_.run();
  decode(ratio, found);
}

}  // namespace facegraph::analysers
