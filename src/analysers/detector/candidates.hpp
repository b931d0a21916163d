// What detectors find on a frame, before and after suppression. spec: analysis.md 3.9, 4
#pragma once

#include <span>
#include <vector>

#include "analysers/detector/decode_cuda.hpp"
#include "analysers/detector/decode_formula.hpp"
#include "core/types/face.hpp"
#include "device/site.hpp"

namespace facegraph::analysers {

// In the frame's coordinates; the three lists are parallel.
struct Detections {
  std::vector<core::BoundingBox> boxes;
  std::vector<float> scores;
  std::vector<core::Landmark5> points;

  void append(const Candidate& candidate) {
    boxes.push_back(candidate.box);
    scores.push_back(candidate.score);
    points.push_back(candidate.points);
  }
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
void append_candidates(Detections& found, const Rows& rows, float threshold, const ops::LetterboxRatio& ratio,
                       const FramePlace& place) {
  for (const int row : passing_rows(rows.count, [&](int r) { return rows.passes(r, threshold); })) {
    Candidate candidate = rows.candidate(row, ratio);
    to_frame(candidate, place);
    found.append(candidate);
  }
}

// The candidates of one frame, on a site: of a GPU's only those that suppression keeps come to the host.
class Candidates {
 public:
  // capacity: of rows that are looked through for them.
  Candidates(device::Site site, int capacity);

  // Of the rows of a network's outputs, which lie on the site: arrays of AnchorRows, YoloRows or YunetRows.
  template <typename Sets>
  void append(const Sets& sets, float threshold, const ops::LetterboxRatio& ratio, const FramePlace& place);

  // Of each frame, best first: those whose score is above the threshold and that share no more than `nms` with a better
  // one. On a GPU the host waits once for all frames.
  static std::vector<Detections> kept(std::span<const Candidates> frames, float score, float nms);
  // In the order of the rows. On a GPU the host waits.
  Detections all() const;

 private:
  struct OnGpu {
    device::Values<core::BoundingBox> boxes;
    device::Values<float> scores;
    device::Values<core::Landmark5> points;
    device::Values<int> count;
    device::Values<DecodeScratch> scratch;
  };
  Detections kept_on_host(float score, float nms) const;
  // Enqueues them: as many as there is room for.
  void keep(std::span<KeptFace> faces, float score, float nms) const;

  device::Site site_;
  int capacity_;
  Detections on_host_;
  OnGpu on_gpu_;
  CandidateList list_;  // where on_gpu_ lies
};

}  // namespace facegraph::analysers
