#include "ops/face/face_cuda.hpp"
#include "ops/face/face_programs.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

void suppress(const device::Stream& stream, Kept kept, const core::BoundingBox* boxes, const float* scores,
              ListLength length, float score_threshold, float nms_threshold, int* scratch) {
  const SuppressBoxes program{kept.indices,  kept.count, boxes,
                              scores,        length,     score_threshold,
                              nms_threshold, scratch,    scratch + length.capacity};
  for_each_block(stream, "suppress", 1, program);
}

void five_of_sixty_eight(const device::Stream& stream, core::Landmark5* out, const core::Landmark68* in,
                         ListLength length, bool float32) {
  for_each_pixel(stream, "five_of_sixty_eight", {length.capacity, 1}, FivesOfSixtyEight{out, in, length, float32});
}

void scale_about_nose(const device::Stream& stream, core::Landmark5* out, const core::Landmark5* in, ListLength length,
                      double factor) {
  for_each_pixel(stream, "scale_about_nose", {length.capacity, 1}, ScaleAboutNoses{out, in, length, factor});
}

void face_angle(const device::Stream& stream, int* out, const core::Landmark68* in, ListLength length) {
  for_each_pixel(stream, "face_angle", {length.capacity, 1}, FaceAngles{out, in, length});
}

void normalised(const device::Stream& stream, core::Embedding* out, float* norms, const core::Embedding* in,
                ListLength length) {
  for_each_block(stream, "normalised", length.capacity, NormaliseEmbeddings{out, norms, in, length});
}

void dot(const device::Stream& stream, float* out, const core::Embedding* faces, ListLength length,
         const core::Embedding* others, int other_count) {
  for_each_pixel(stream, "dot", {length.capacity, other_count}, DotEmbeddings{out, faces, length, others, other_count});
}

}  // namespace facegraph::ops::cuda
