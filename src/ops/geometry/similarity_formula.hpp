// The similarity from five points to five others, for both sides. spec: analysis.md 3.2.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/base/float32.hpp"
#include "core/base/host_device.hpp"
#include "core/types/face.hpp"

namespace facegraph::ops {

namespace ransac {

constexpr int kPoints = 5;
constexpr int kMaxIterations = 2000;
constexpr double kConfidence = 0.99;
constexpr float kSquaredThreshold = 100.0F * 100.0F;

// Multiply with carry, the reference's generator.
class Random {
 public:
  FACEGRAPH_HD int below(int count) {
    state_ = (state_ & 0xffffffffU) * 4164903690U + (state_ >> 32);
    return static_cast<int>(static_cast<std::uint32_t>(state_) % static_cast<std::uint32_t>(count));
  }

 private:
  std::uint64_t state_ = 0xffffffffffffffffU;
};

struct Inliers {
  bool is_in[kPoints]{};
  int count = 0;
};

FACEGRAPH_HD inline core::Point to_float(core::Point point) {
  return {core::to_float32(point.x), core::to_float32(point.y)};
}

FACEGRAPH_HD inline core::Affine similarity(double a, double b, core::Point from, core::Point to) {
  return {{a, -b, to.x - (a * from.x - b * from.y), b, a, to.y - (b * from.x + a * from.y)}};
}

// Infinite or NaN entries when both source points are equal: such a candidate has no inliers.
FACEGRAPH_HD inline core::Affine similarity_of_pair(core::Point from0, core::Point from1, core::Point to0,
                                                    core::Point to1) {
  const double x = from1.x - from0.x;
  const double y = from1.y - from0.y;
  const double u = to1.x - to0.x;
  const double v = to1.y - to0.y;
  const double length = x * x + y * y;
  return similarity((x * u + y * v) / length, (x * v - y * u) / length, from0, to0);
}

FACEGRAPH_HD inline Inliers inliers_of(const core::Affine& candidate, const core::Landmark5& from,
                                       const core::Landmark5& to) {
  float m[6];
  for (int i = 0; i < 6; ++i) {
    m[i] = static_cast<float>(candidate.m[i]);
  }
  Inliers inliers;
  for (int i = 0; i < kPoints; ++i) {
    const auto x = static_cast<float>(from[i].x);
    const auto y = static_cast<float>(from[i].y);
    const float dx = m[0] * x + m[1] * y + m[2] - static_cast<float>(to[i].x);
    const float dy = m[3] * x + m[4] * y + m[5] - static_cast<float>(to[i].y);
    inliers.is_in[i] = dx * dx + dy * dy <= kSquaredThreshold;
    inliers.count += inliers.is_in[i] ? 1 : 0;
  }
  return inliers;
}

FACEGRAPH_HD inline int iteration_limit(int inlier_count, int limit) {
  const double ratio = static_cast<double>(inlier_count) / kPoints;
  const double miss = 1 - ratio * ratio;
  if (miss <= 0) {
    return 0;
  }
  return std::min(limit, static_cast<int>(std::nearbyint(std::log(1 - kConfidence) / std::log(miss))));
}

// None: count 0.
FACEGRAPH_HD inline Inliers best_inliers(const core::Landmark5& from, const core::Landmark5& to) {
  Random random;
  Inliers best;
  int limit = kMaxIterations;
  for (int iteration = 0; iteration < limit; ++iteration) {
    const int first = random.below(kPoints);
    int second = random.below(kPoints);
    while (second == first) {
      second = random.below(kPoints);
    }
    const Inliers inliers = inliers_of(similarity_of_pair(from[first], from[second], to[first], to[second]), from, to);
    if (inliers.count > std::max(best.count, 1)) {
      best = inliers;
      limit = iteration_limit(best.count, limit);
    }
  }
  return best;
}

// Least squares over the inliers; replaces the reference's iterative refinement of the same linear problem.
FACEGRAPH_HD inline core::Affine fit(const core::Landmark5& from, const core::Landmark5& to, const Inliers& inliers) {
  core::Point from_mean;
  core::Point to_mean;
  const auto count = static_cast<double>(inliers.count);
  for (int i = 0; i < kPoints; ++i) {
    if (inliers.is_in[i]) {
      from_mean = {from_mean.x + from[i].x / count, from_mean.y + from[i].y / count};
      to_mean = {to_mean.x + to[i].x / count, to_mean.y + to[i].y / count};
    }
  }
  double along = 0;
  double across = 0;
  double length = 0;
  for (int i = 0; i < kPoints; ++i) {
    if (inliers.is_in[i]) {
      const core::Point s{from[i].x - from_mean.x, from[i].y - from_mean.y};
      const core::Point d{to[i].x - to_mean.x, to[i].y - to_mean.y};
      along += s.x * d.x + s.y * d.y;
      across += s.x * d.y - s.y * d.x;
      length += s.x * s.x + s.y * s.y;
    }
  }
  return similarity(along / length, across / length, from_mean, to_mean);
}

}  // namespace ransac

// target: float32 values. False for degenerate points: all equal, or one of them not finite.
FACEGRAPH_HD inline bool estimate_similarity(const core::Landmark5& points, const core::Landmark5& target,
                                             core::Affine& matrix) {
  core::Landmark5 from;
  for (int i = 0; i < ransac::kPoints; ++i) {
    from[i] = ransac::to_float(points[i]);
    if (!std::isfinite(from[i].x) || !std::isfinite(from[i].y)) {
      return false;
    }
  }
  const ransac::Inliers inliers = ransac::best_inliers(from, target);
  if (inliers.count == 0) {
    return false;
  }
  matrix = ransac::fit(from, target, inliers);
  return true;
}

}  // namespace facegraph::ops
