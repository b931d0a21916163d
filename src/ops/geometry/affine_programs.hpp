// The programs of affine_cuda.hpp, one list entry each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/geometry/affine_formula.hpp"
#include "ops/geometry/similarity_formula.hpp"
#include "ops/gpu/list.hpp"

namespace facegraph::ops {

struct EstimateSimilarities {
  core::Affine* matrices;
  std::uint8_t* valid;
  const core::Landmark5* points;
  ListLength length;
  core::Landmark5 target;

  FACEGRAPH_HD void operator()(int i, int) const {
    if (i >= length.value()) {
      return;
    }
    core::Affine matrix;
    valid[i] = estimate_similarity(points[i], target, matrix) ? 1 : 0;
    matrices[i] = matrix;
  }
};

struct InvertAffines {
  core::Affine* out;
  const core::Affine* in;
  ListLength length;

  FACEGRAPH_HD void operator()(int i, int) const {
    if (i < length.value()) {
      out[i] = invert(in[i]);
    }
  }
};

struct ComposeAffines {
  core::Affine* out;
  const core::Affine* second;
  const core::Affine* first;
  ListLength length;

  FACEGRAPH_HD void operator()(int i, int) const {
    if (i < length.value()) {
      out[i] = compose(second[i], first[i]);
    }
  }
};

// Point i of the points of matrix j.
struct TransformPoints {
  core::Point* points;
  int per_matrix;
  const core::Affine* matrices;
  ListLength length;
  bool is_float32;

  FACEGRAPH_HD void operator()(int i, int j) const {
    if (j < length.value()) {
      core::Point& point = points[static_cast<std::ptrdiff_t>(j) * per_matrix + i];
      point = is_float32 ? transform_f32(matrices[j], point) : transform(matrices[j], point);
    }
  }
};

struct TransformBoxes {
  core::BoundingBox* boxes;
  const core::Affine* matrices;
  ListLength length;

  FACEGRAPH_HD void operator()(int i, int) const {
    if (i < length.value()) {
      boxes[i] = transform_box(matrices[i], boxes[i]);
    }
  }
};

struct BoxesToCrops {
  core::Affine* matrices;
  std::uint8_t* valid;
  const core::BoundingBox* boxes;
  ListLength length;
  core::Size size;

  FACEGRAPH_HD void operator()(int i, int) const {
    if (i < length.value()) {
      core::Affine matrix;
      valid[i] = box_to_crop(boxes[i], size, matrix) ? 1 : 0;
      matrices[i] = matrix;
    }
  }
};

}  // namespace facegraph::ops
