// The detector families.
#pragma once

#include <memory>
#include <vector>

#include "analysers/detector/decode_formula.hpp"
#include "analysers/detector/detector.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

// retinaface and scrfd: nine outputs per stride, two anchors per cell. spec: analysis.md 4.3
std::unique_ptr<DetectorNetwork> make_anchor_detector(const Context& context, const models::ModelFile& file,
                                                      const DetectorOptions& options);
// yolo_face: spec analysis.md 4.4
std::unique_ptr<DetectorNetwork> make_yolo_detector(const Context& context, const models::ModelFile& file,
                                                    const DetectorOptions& options);
// yunet: spec analysis.md 4.5
std::unique_ptr<DetectorNetwork> make_yunet_detector(const Context& context, const models::ModelFile& file,
                                                     const DetectorOptions& options);

// What the families share: the frame letterboxed into the one input `input`, one run, decoding.
class LetterboxDetector : public DetectorNetwork {
 public:
  void detect(core::ConstImageView frame, const std::array<int, 4>& margin, Detections& found) final;

 protected:
  LetterboxDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options,
                    const ops::ValueTable& table);

  // Appends what the outputs hold, times `ratio`.
  virtual void decode(const ops::LetterboxRatio& ratio, Detections& found) = 0;

  core::Size size() const { return size_; }
  float score() const { return score_; }  // the threshold
  const runtime::Session& session() const { return session_; }

 private:
  core::Size size_;
  float score_;
  ops::ValueTable table_;
  runtime::Session session_;
};

// Rows of a candidate list that pass: the reference's emptiness test ignores row 0, so a lone hit there is lost (quirk
// Q1).
template <typename Passes>
std::vector<int> passing_rows(int count, Passes passes) {
  std::vector<int> rows;
  for (int row = 0; row < count; ++row) {
    if (passes(row)) {
      rows.push_back(row);
    }
  }
  if (rows.size() == 1 && rows.front() == 0) {
    rows.clear();
  }
  return rows;
}

// Appends the candidates whose score reaches the threshold. rows: of decode_formula.hpp.
template <typename Rows>
void append_candidates(Detections& found, const Rows& rows, float threshold, const ops::LetterboxRatio& ratio) {
  for (const int row : passing_rows(rows.count, [&](int r) { return rows.passes(r, threshold); })) {
    const Candidate candidate = rows.candidate(row, ratio);
    found.boxes.push_back(candidate.box);
    found.scores.push_back(candidate.score);
    found.points.push_back(candidate.points);
  }
}

}  // namespace facegraph::analysers
