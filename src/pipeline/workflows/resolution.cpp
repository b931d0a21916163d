#include "pipeline/workflows/resolution.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace facegraph::pipeline {

core::Size normalise_resolution(double width, double height) {
  if (width <= 0 || height <= 0) {
    return {};
  }
  return {static_cast<int>(std::nearbyint(width / 2)) * 2, static_cast<int>(std::nearbyint(height / 2)) * 2};
}

core::Size scale_resolution(core::Size size, double scale) {
  return normalise_resolution(std::trunc(size.width * scale), std::trunc(size.height * scale));
}

core::Size restrict_resolution(core::Size media, core::Size wanted) {
  return std::tie(media.width, media.height) < std::tie(wanted.width, wanted.height) ? media : wanted;
}

core::Size output_resolution(core::Size target, double scale) {
  const core::Size size = scale_resolution(target, scale);
  return {std::max(size.width, 1), std::max(size.height, 1)};
}

core::Size video_resolution(core::Size target, double scale) {
  const core::Size size = scale_resolution(target, scale);
  return {std::max(size.width, 2), std::max(size.height, 2)};
}

core::Size temp_resolution(core::Size target, core::Size output) {
  const core::Size size = restrict_resolution(target, output);
  const core::Size even = normalise_resolution(size.width, size.height);
  return {std::max(even.width, 1), std::max(even.height, 1)};
}

Trim restrict_trim(std::int64_t frame_total, std::optional<std::int64_t> start, std::optional<std::int64_t> end) {
  return {std::clamp<std::int64_t>(start.value_or(0), 0, frame_total),
          std::clamp<std::int64_t>(end.value_or(frame_total), 0, frame_total)};
}

}  // namespace facegraph::pipeline
