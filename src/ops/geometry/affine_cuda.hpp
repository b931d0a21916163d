// Twins of affine.hpp that a GPU runs, for lists of faces in its memory. They enqueue and return. All are the same
// formulas as the CPU half's and equal to it bit by bit. Errors as of device::Gpu.
#pragma once

#include <cstdint>

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/gpu/list.hpp"

namespace facegraph::ops::cuda {

// Of entries that have no matrix valid[i] is 0, not 1, and the matrix is zero.
void estimate_similarity(const device::Stream& stream, core::Affine* matrices, std::uint8_t* valid,
                         const core::Landmark5* points, ListLength length, WarpTemplate name, core::Size size);
void box_to_crop(const device::Stream& stream, core::Affine* matrices, std::uint8_t* valid,
                 const core::BoundingBox* boxes, ListLength length, core::Size size);

// out may be the list that is read.
void invert(const device::Stream& stream, core::Affine* out, const core::Affine* in, ListLength length);
void compose(const device::Stream& stream, core::Affine* out, const core::Affine* second, const core::Affine* first,
             ListLength length);

// In place. length: of the matrices; each moves the next per_matrix points, or its box.
void transform_points(const device::Stream& stream, core::Point* points, int per_matrix, const core::Affine* matrices,
                      ListLength length);
void transform_points_f32(const device::Stream& stream, core::Point* points, int per_matrix,
                          const core::Affine* matrices, ListLength length);
void transform_box(const device::Stream& stream, core::BoundingBox* boxes, const core::Affine* matrices,
                   ListLength length);

}  // namespace facegraph::ops::cuda
