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

// The faces of one frame that suppression kept, best first, on the site and on their way to the host.
struct KeptFaces {
  device::Values<KeptFace> on_site;  // those beyond the total are zero
  device::Values<KeptFace> on_host;  // when the site was waited for

  std::size_t room() const { return on_host.size(); }
  // Of the frame, which may be more than there is room for.
  std::size_t total() const { return static_cast<std::size_t>(on_host.data()->total); }
};

// The candidates of one frame, on a site: of a GPU's only those that suppression keeps come to the host.
class Candidates {
 public:
  // Hardly a frame shows more faces.
  static constexpr std::size_t kFirstLook = 64;

  // capacity: of rows that are looked through for them.
  Candidates(device::Site site, int capacity);

  // Of the rows of a network's outputs, which lie on the site: arrays of AnchorRows, YoloRows or YunetRows.
  template <typename Sets>
  void append(const Sets& sets, float threshold, const ops::LetterboxRatio& ratio, const FramePlace& place);

  // Those whose score is above the threshold and that share no more than `nms` with a better one, with room for so
  // many. The host does not wait.
  KeptFaces keep(float score, float nms, std::size_t room = kFirstLook) const;
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
  void keep_on_host(std::span<KeptFace> faces, float score, float nms) const;
  void keep_on_gpu(std::span<KeptFace> faces, float score, float nms) const;

  device::Site site_;
  int capacity_;
  Detections on_host_;
  OnGpu on_gpu_;
  CandidateList list_;  // where on_gpu_ lies
};

}  // namespace facegraph::analysers
