#include "ops/geometry/affine_cuda.hpp"
#include "ops/geometry/affine_programs.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

void estimate_similarity(const device::Stream& stream, core::Affine* matrices, std::uint8_t* valid,
                         const core::Landmark5* points, ListLength length, WarpTemplate name, core::Size size) {
  const EstimateSimilarities program{matrices, valid, points, length, similarity_target(name, size)};
  for_each_pixel(stream, "estimate_similarity", {length.capacity, 1}, program);
}

void box_to_crop(const device::Stream& stream, core::Affine* matrices, std::uint8_t* valid,
                 const core::BoundingBox* boxes, ListLength length, core::Size size) {
  for_each_pixel(stream, "box_to_crop", {length.capacity, 1}, BoxesToCrops{matrices, valid, boxes, length, size});
}

void invert(const device::Stream& stream, core::Affine* out, const core::Affine* in, ListLength length) {
  for_each_pixel(stream, "invert", {length.capacity, 1}, InvertAffines{out, in, length});
}

void compose(const device::Stream& stream, core::Affine* out, const core::Affine* second, const core::Affine* first,
             ListLength length) {
  for_each_pixel(stream, "compose", {length.capacity, 1}, ComposeAffines{out, second, first, length});
}

void transform_points(const device::Stream& stream, core::Point* points, int per_matrix, const core::Affine* matrices,
                      ListLength length) {
  for_each_pixel(stream, "transform_points", {per_matrix, length.capacity},
                 TransformPoints{points, per_matrix, matrices, length, false});
}

void transform_points_f32(const device::Stream& stream, core::Point* points, int per_matrix,
                          const core::Affine* matrices, ListLength length) {
  for_each_pixel(stream, "transform_points_f32", {per_matrix, length.capacity},
                 TransformPoints{points, per_matrix, matrices, length, true});
}

void transform_box(const device::Stream& stream, core::BoundingBox* boxes, const core::Affine* matrices,
                   ListLength length) {
  for_each_pixel(stream, "transform_box", {length.capacity, 1}, TransformBoxes{boxes, matrices, length});
}

}  // namespace facegraph::ops::cuda
