// Twins of face.hpp that a GPU runs, for lists in its memory. They enqueue and return. They are the same formulas as
// the CPU half's and equal to it bit by bit, but for face_angle: a jaw line that lies within 1e-13 degrees of the
// middle between two angles may get the other one. Errors as of device::Gpu.
#pragma once

#include <cstddef>

#include "core/types/face.hpp"
#include "device/gpu/stream.hpp"
#include "ops/face/face.hpp"
#include "ops/gpu/list.hpp"

namespace facegraph::ops::cuda {

// Indices of the kept boxes, descending score, and how many they are. kept: as long as the list's capacity.
// scratch: suppress_scratch() integers. The work grows with the square of the list's length.
struct Kept {
  int* indices = nullptr;
  int* count = nullptr;
};
constexpr std::size_t suppress_scratch(int capacity) {
  return 2 * static_cast<std::size_t>(capacity);
}
void suppress(const device::Stream& stream, Kept kept, const core::BoundingBox* boxes, const float* scores,
              ListLength length, float score_threshold, float nms_threshold, int* scratch);

void five_of_sixty_eight(const device::Stream& stream, core::Landmark5* out, const core::Landmark68* in,
                         ListLength length, bool float32);
void scale_about_nose(const device::Stream& stream, core::Landmark5* out, const core::Landmark5* in, ListLength length,
                      double factor);
void face_angle(const device::Stream& stream, int* out, const core::Landmark68* in, ListLength length);

// norms: what l2_norm gives for each.
void normalised(const device::Stream& stream, core::Embedding* out, float* norms, const core::Embedding* in,
                ListLength length);
// out: of every face of the list a row of other_count values.
void dot(const device::Stream& stream, float* out, const core::Embedding* faces, ListLength length,
         const core::Embedding* others, int other_count);

}  // namespace facegraph::ops::cuda
