// Non-maximum suppression. spec: analysis.md 3.9
#include <algorithm>
#include <limits>
#include <numeric>

#include "core/base/error.hpp"
#include "ops/face/face.hpp"

namespace facegraph::ops {

namespace {

// Of two intervals (start, length) the common length, measured from the one that starts first.
double common_length(double start_a, double length_a, double start_b, double length_b) {
  return start_a < start_b ? std::min(length_a - (start_b - start_a), length_b)
                           : std::min(length_b - (start_a - start_b), length_a);
}

// The reference's rounding steps: the distance in double, cast to float, subtracted in float.
float overlap(const core::BoundingBox& a, const core::BoundingBox& b) {
  const double areas = a.area() + b.area();
  if (areas <= std::numeric_limits<double>::epsilon()) {
    return 1;
  }
  const bool is_empty = a.width() <= 0 || a.height() <= 0 || b.width() <= 0 || b.height() <= 0;
  const double width = common_length(a.x1, a.width(), b.x1, b.width());
  const double height = common_length(a.y1, a.height(), b.y1, b.height());
  const double common = is_empty || width <= 0 || height <= 0 ? 0 : width * height;
  return 1.0F - static_cast<float>(1.0 - common / (areas - common));
}

}  // namespace

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
    const bool is_kept = std::all_of(
        kept.begin(), kept.end(), [&](int other) { return overlap(boxes[candidate], boxes[other]) <= nms_threshold; });
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
