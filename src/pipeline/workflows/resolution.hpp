// Resolution, frame rate and trim arithmetic. spec: application.md 4.3
#pragma once

#include <cstdint>
#include <optional>

#include "core/types/image.hpp"

namespace facegraph::pipeline {

// Even sides, halves rounded to even; (0, 0) unless both are positive.
core::Size normalise_resolution(double width, double height);
core::Size scale_resolution(core::Size size, double scale);
// The media's own size if it is smaller in lexicographic order (width first), else the wanted one.
core::Size restrict_resolution(core::Size media, core::Size wanted);

// As above, but never zero: a side below two pixels stays as it is. The reference cannot write such pictures.
core::Size output_resolution(core::Size target, double scale);
core::Size temp_resolution(core::Size target, core::Size output);
// For video encoders, which take even sides only: at least two.
core::Size video_resolution(core::Size target, double scale);

struct Trim {
  std::int64_t start = 0;
  std::int64_t end = 0;  // exclusive
};
Trim restrict_trim(std::int64_t frame_total, std::optional<std::int64_t> start, std::optional<std::int64_t> end);

}  // namespace facegraph::pipeline
