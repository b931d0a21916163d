// Non-maximum suppression. spec: analysis.md 3.9
#include <algorithm>
#include <numeric>

#include "core/base/error.hpp"
#include "ops/face/face.hpp"
#include "ops/face/suppress_formula.hpp"

namespace facegraph::ops {

std::vector<int> suppress(std::span<const core::BoundingBox> boxes, std::span<const float> scores,
                          float score_threshold, float nms_threshold) {
  if (boxes.size() != scores.size()) {
    core::fail(core::ErrorCode::kFailed, "suppress: {} boxes and {} scores, expected equal counts", boxes.size(),
               scores.size());
  }
  std::vector<int> candidates(boxes.size());
  std::iota(candidates.begin(), candidates.end(), 0);
  std::erase_if(candidates, [&](int index) { return !(scores[index] > score_threshold); });
  std::stable_sort(candidates.begin(), candidates.end(), [&](int a, int b) { return scores[a] > scores[b]; });
  std::vector<int> kept;
  for (const int candidate : candidates) {
    const bool is_kept = std::all_of(kept.begin(), kept.end(), [&](int other) {
      return suppress_overlap(boxes[candidate], boxes[other]) <= nms_threshold;
    });
    if (is_kept) {
      kept.push_back(candidate);
    }
  }
  return kept;
}

float nms_threshold(bool many_models, std::size_t angle_count) {
  if (many_models) {
    return 0.1F;
  }
  switch (angle_count) {
    case 2:
      return 0.3F;
    case 3:
      return 0.2F;
    case 4:
      return 0.1F;
    default:
      return 0.4F;
  }
}

}  // namespace facegraph::ops
