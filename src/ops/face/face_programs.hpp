// The programs of face_cuda.hpp.
#pragma once

#include <cstddef>

#include "ops/face/face_formula.hpp"
#include "ops/face/suppress_formula.hpp"
#include "ops/gpu/list.hpp"

namespace facegraph::ops {

// A block program for one list.
struct SuppressBoxes {
  int* kept;
  int* kept_count;
  const core::BoundingBox* boxes;
  const float* scores;
  ListLength length;
  float score_threshold;
  float nms_threshold;
  int* order;    // scratch: candidates, best first, then -1
  int* dropped;  // scratch: of the candidate at that place

  // Of equal scores the earlier box goes first.
  FACEGRAPH_HD int place_of(int i, int count) const {
    int place = 0;
    for (int j = 0; j < count; ++j) {
      place += scores[j] > scores[i] || (scores[j] == scores[i] && j < i) ? 1 : 0;
    }
    return place;
  }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int) const {
    const int count = length.value();
    block.for_each(count, [&](int i) {
      order[i] = -1;
      dropped[i] = 0;
    });
    block.for_each(count, [&](int i) {
      if (scores[i] > score_threshold) {
        order[place_of(i, count)] = i;
      }
    });
    int found = 0;
    for (int place = 0; place < count && order[place] >= 0; ++place) {
      if (dropped[place] != 0) {
        continue;
      }
      const int best = order[place];
      block.for_each(count - place, [&](int i) {
        const int other = order[place + i];
        if (i == 0) {
          kept[found] = best;
        } else if (other >= 0 && !(suppress_overlap(boxes[other], boxes[best]) <= nms_threshold)) {
          dropped[place + i] = 1;
        }
      });
      ++found;
    }
    block.for_each(1, [&](int) { *kept_count = found; });
  }
};

struct FivesOfSixtyEight {
  core::Landmark5* out;
  const core::Landmark68* in;
  ListLength length;
  bool float32;

  FACEGRAPH_HD void operator()(int i, int) const {
    if (i < length.value()) {
      out[i] = five_of_sixty_eight(in[i], float32);
    }
  }
};

struct ScaleAboutNoses {
  core::Landmark5* out;
  const core::Landmark5* in;
  ListLength length;
  double factor;

  FACEGRAPH_HD void operator()(int i, int) const {
    if (i < length.value()) {
      out[i] = scale_about_nose(in[i], factor);
    }
  }
};

struct FaceAngles {
  int* out;
  const core::Landmark68* in;
  ListLength length;

  FACEGRAPH_HD void operator()(int i, int) const {
    if (i < length.value()) {
      out[i] = face_angle(in[i]);
    }
  }
};

// A block program for each embedding.
struct NormaliseEmbeddings {
  core::Embedding* out;
  float* norms;
  const core::Embedding* in;
  ListLength length;

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int face) const {
    if (face >= length.value()) {
      return;
    }
    block.for_each(1, [&](int) { norms[face] = l2_norm(in[face]); });
    block.for_each(core::kEmbeddingSize, [&](int i) { out[face][i] = in[face][i] / norms[face]; });
  }
};

// Of the face i with the other j.
struct DotEmbeddings {
  float* out;
  const core::Embedding* faces;
  ListLength length;
  const core::Embedding* others;
  int other_count;

  FACEGRAPH_HD void operator()(int i, int j) const {
    if (i < length.value()) {
      out[static_cast<std::ptrdiff_t>(i) * other_count + j] = dot(faces[i], others[j]);
    }
  }
};

}  // namespace facegraph::ops
