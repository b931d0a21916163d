// From where a detector found a face to its points, before and after the landmarker's networks, on both sides: block
// programs of one face each.
// spec: analysis.md 5, 7.1
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "analysers/shared/candidate.hpp"
#include "core/base/host_device.hpp"
#include "core/types/face.hpp"
#include "ops/face/face_formula.hpp"
#include "ops/geometry/affine_formula.hpp"

namespace facegraph::analysers {

// The points of a face while it is analysed; they lie where the site works.
struct FacePoints {
  core::Landmark68 sixty_eight_of_5;
  core::Landmark68 sixty_eight;
  core::Landmark5 five_of_68;
  double score = 0;           // the landmarker's
  int angle = 0;              // 0, 90, 180 or 270
  core::Affine to_predictor;  // frame -> what the predictor sees
  std::uint8_t has = 0;       // 0: the five points have no similarity to that; the rest is of no use then
  core::Affine upright;       // frame -> the landmarker's upright crop
  core::Affine turn;          // the landmarker's upright crop -> the crop turned by that angle
};

constexpr int kLandmarkCropSize = 256;

// By 0, 90, 180 and 270 degrees.
using LandmarkTurns = std::array<core::Affine, 4>;

// The five points as the predictor's network sees them, 5 x (x, y). Of a face that has no similarity: zeros.
struct FeedPredictor {
  float* input;
  const FacePoints* points;
  const Candidate* face;

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int) const {
    block.for_each(static_cast<int>(face->points.size()), [&](int i) {
      const core::Point unit =
          points->has != 0 ? ops::transform(points->to_predictor, face->points[i]) : core::Point{0, 0};
      input[2 * i] = static_cast<float>(unit.x);
      input[2 * i + 1] = static_cast<float>(unit.y);
    });
  }
};

// Where the box lies in the upright crop. spec: analysis.md 5.2
FACEGRAPH_HD inline core::Affine upright_crop_of(const core::BoundingBox& box) {
  constexpr double kFaceSide = 195;  // longer side of the box in the crop
  const double scale = kFaceSide / std::max(std::max(box.x2 - box.x1, box.y2 - box.y1), 1.0);
  return {{scale, 0, (kLandmarkCropSize - (box.x1 + box.x2) * scale) * 0.5, 0, scale,
           (kLandmarkCropSize - (box.y1 + box.y2) * scale) * 0.5}};
}

// Predicted from five points.
struct PlacePrediction {
  FacePoints* out;      // of which the similarity is set
  const float* output;  // 68 x (x, y), as the predictor's network sees the face
  const Candidate* face;
  LandmarkTurns turns;

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int) const {
    const core::Affine back = ops::invert(out->to_predictor);
    block.for_each(static_cast<int>(out->sixty_eight.size()), [&](int i) {
      out->sixty_eight_of_5[i] = ops::transform_f32(back, {output[2 * i], output[2 * i + 1]});
      out->sixty_eight[i] = out->sixty_eight_of_5[i];
    });
    block.for_each(1, [&](int) {
      out->five_of_68 = face->points;
      out->upright = upright_crop_of(face->box);
      out->score = 0;
      out->angle = ops::face_angle(out->sixty_eight);
      out->turn = turns[out->angle / 90];
    });
  }
};

// Of 2dfan4, of peppa_wutz or of none, as their scores say. Where the score is trusted, `five_of_68` follows the 68.
struct TakeLandmarks {
  static constexpr int kPoints = 68;

  FacePoints* out = nullptr;
  const float* fan = nullptr;     // 68 x (x, y, ...) on the networks' grid; null: not wanted
  int fan_stride = 0;             // from point to point
  const float* maxima = nullptr;  // of each point's heat map
  const float* peppa = nullptr;   // 68 x (x, y, score); null: not wanted
  double threshold = 0;           // a score above it is trusted

  // Mean of every step-th value, from nothing at 0 to all at `high`.
  FACEGRAPH_HD static double score_of(const float* values, int step, double high) {
    float sum = 0;
    for (int i = 0; i < kPoints; ++i) {
      sum += values[i * step];
    }
    return std::clamp(static_cast<double>(sum / kPoints) / high, 0.0, 1.0);
  }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int) const {
    constexpr float kGrid = 64;         // the networks' points lie on a 64 x 64 grid
    constexpr double kPeppaLead = 0.2;  // how far peppa_wutz must be ahead of 2dfan4
    const double fan_score = fan != nullptr ? score_of(maxima, 1, 0.9) : 0;
    const double peppa_score = peppa != nullptr ? score_of(peppa + 2, 3, 0.95) : 0;
    const bool is_fan = fan_score > peppa_score - kPeppaLead;
    const float* points = is_fan ? fan : peppa;
    if (points == nullptr) {
      return;  // peppa_wutz alone with a low score: the prediction stays
    }
    const int stride = is_fan ? fan_stride : 3;
    const core::Affine upright = ops::invert(out->turn);
    const core::Affine back = ops::invert(out->upright);
    // They are replaced even when the score is low (quirk Q8).
    block.for_each(kPoints, [&](int i) {
      const core::Point on_crop{points[i * stride] / kGrid * kLandmarkCropSize,
                                points[i * stride + 1] / kGrid * kLandmarkCropSize};
      out->sixty_eight[i] = ops::transform_f32(back, ops::transform_f32(upright, on_crop));
    });
    block.for_each(1, [&](int) {
      out->score = is_fan ? fan_score : peppa_score;
      if (out->score > threshold) {
        out->five_of_68 = ops::five_of_sixty_eight(out->sixty_eight, true);
      }
    });
  }
};

}  // namespace facegraph::analysers
