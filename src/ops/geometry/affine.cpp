#include "ops/geometry/affine.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/geometry/warp_formula.hpp"

namespace facegraph::ops {

namespace {

struct Template {
  const char* name;
  core::Landmark5 points;
};

// In the order of WarpTemplate. spec: analysis.md 3.1
constexpr std::array<Template, 7> kTemplates{{
    {"arcface_112_v1",
     {{{0.35473214, 0.45658929},
       {0.64526786, 0.45658929},
       {0.50000000, 0.61154464},
       {0.37913393, 0.77687500},
       {0.62086607, 0.77687500}}}},
    {"arcface_112_v2",
     {{{0.34191607, 0.46157411},
       {0.65653393, 0.45983393},
       {0.50022500, 0.64050536},
       {0.37097589, 0.82469196},
       {0.63151696, 0.82325089}}}},
    {"arcface_128",
     {{{0.36167656, 0.40387734},
       {0.63696719, 0.40235469},
       {0.50019687, 0.56044219},
       {0.38710391, 0.72160547},
       {0.61507734, 0.72034453}}}},
    {"dfl_whole_face",
     {{{0.35342266, 0.39285716},
       {0.62797622, 0.39285716},
       {0.48660713, 0.54017860},
       {0.38839287, 0.68750011},
       {0.59821427, 0.68750011}}}},
    {"ffhq_512",
     {{{0.37691676, 0.46864664},
       {0.62285697, 0.46912813},
       {0.50123859, 0.61331904},
       {0.39308822, 0.72541100},
       {0.61150205, 0.72490465}}}},
    {"mtcnn_512",
     {{{0.36562865, 0.46733799},
       {0.63305391, 0.46585885},
       {0.50019127, 0.61942959},
       {0.39032951, 0.77598822},
       {0.61178945, 0.77476328}}}},
    {"styleganex_384",
     {{{0.42353745, 0.52289879},
       {0.57725008, 0.52319972},
       {0.50123859, 0.61331904},
       {0.43364461, 0.68337652},
       {0.57015325, 0.68306005}}}},
}};

constexpr int kPoints = 5;
constexpr int kMaxIterations = 2000;
constexpr double kConfidence = 0.99;
constexpr float kSquaredThreshold = 100.0F * 100.0F;

// Multiply with carry, the reference's generator.
class Random {
 public:
  int below(int count) {
    state_ = (state_ & 0xffffffffU) * 4164903690U + (state_ >> 32);
    return static_cast<int>(static_cast<std::uint32_t>(state_) % static_cast<std::uint32_t>(count));
  }

 private:
  std::uint64_t state_ = 0xffffffffffffffffU;
};

using Points = std::array<core::Point, kPoints>;  // float32 values
using Inliers = std::array<bool, kPoints>;

core::Point to_float(core::Point point) {
  return {static_cast<float>(point.x), static_cast<float>(point.y)};
}

core::Affine similarity(double a, double b, core::Point from, core::Point to) {
  return {{a, -b, to.x - (a * from.x - b * from.y), b, a, to.y - (b * from.x + a * from.y)}};
}

// Infinite or NaN entries when both source points are equal: such a candidate has no inliers.
core::Affine similarity_of_pair(core::Point from0, core::Point from1, core::Point to0, core::Point to1) {
  const double x = from1.x - from0.x;
  const double y = from1.y - from0.y;
  const double u = to1.x - to0.x;
  const double v = to1.y - to0.y;
  const double length = x * x + y * y;
  return similarity((x * u + y * v) / length, (x * v - y * u) / length, from0, to0);
}

Inliers inliers_of(const core::Affine& candidate, const Points& from, const Points& to) {
  std::array<float, 6> m{};
  std::transform(candidate.m.begin(), candidate.m.end(), m.begin(), [](double v) { return static_cast<float>(v); });
  Inliers inliers{};
  for (int i = 0; i < kPoints; ++i) {
    const auto x = static_cast<float>(from[i].x);
    const auto y = static_cast<float>(from[i].y);
    const float dx = m[0] * x + m[1] * y + m[2] - static_cast<float>(to[i].x);
    const float dy = m[3] * x + m[4] * y + m[5] - static_cast<float>(to[i].y);
    inliers[i] = dx * dx + dy * dy <= kSquaredThreshold;
  }
  return inliers;
}

int iteration_limit(int inlier_count, int limit) {
  const double ratio = static_cast<double>(inlier_count) / kPoints;
  const double miss = 1 - ratio * ratio;
  if (miss <= 0) {
    return 0;
  }
  return std::min(limit, static_cast<int>(std::nearbyint(std::log(1 - kConfidence) / std::log(miss))));
}

std::optional<Inliers> best_inliers(const Points& from, const Points& to) {
  Random random;
  Inliers best{};
  int best_count = 0;
  int limit = kMaxIterations;
  for (int iteration = 0; iteration < limit; ++iteration) {
    const int first = random.below(kPoints);
    int second = random.below(kPoints);
    while (second == first) {
      second = random.below(kPoints);
    }
    const Inliers inliers = inliers_of(similarity_of_pair(from[first], from[second], to[first], to[second]), from, to);
    const int count = static_cast<int>(std::count(inliers.begin(), inliers.end(), true));
    if (count > std::max(best_count, 1)) {
      best = inliers;
      best_count = count;
      limit = iteration_limit(count, limit);
    }
  }
  if (best_count == 0) {
    return std::nullopt;
  }
  return best;
}

// Least squares over the inliers; replaces the reference's iterative refinement of the same linear problem.
core::Affine fit(const Points& from, const Points& to, const Inliers& inliers) {
  core::Point from_mean;
  core::Point to_mean;
  const auto count = static_cast<double>(std::count(inliers.begin(), inliers.end(), true));
  for (int i = 0; i < kPoints; ++i) {
    if (inliers[i]) {
      from_mean = {from_mean.x + from[i].x / count, from_mean.y + from[i].y / count};
      to_mean = {to_mean.x + to[i].x / count, to_mean.y + to[i].y / count};
    }
  }
  double along = 0;
  double across = 0;
  double length = 0;
  for (int i = 0; i < kPoints; ++i) {
    if (inliers[i]) {
      const core::Point s{from[i].x - from_mean.x, from[i].y - from_mean.y};
      const core::Point d{to[i].x - to_mean.x, to[i].y - to_mean.y};
      along += s.x * d.x + s.y * d.y;
      across += s.x * d.y - s.y * d.x;
      length += s.x * s.x + s.y * s.y;
    }
  }
  return similarity(along / length, across / length, from_mean, to_mean);
}

}  // namespace

const core::Landmark5& warp_template(WarpTemplate name) {
  return kTemplates[static_cast<std::size_t>(name)].points;
}

const char* warp_template_name(WarpTemplate name) {
  return kTemplates[static_cast<std::size_t>(name)].name;
}

std::optional<core::Affine> estimate_similarity(const core::Landmark5& points, WarpTemplate name, core::Size size) {
  Points from;
  Points to;
  for (int i = 0; i < kPoints; ++i) {
    const core::Point& target = warp_template(name)[i];
    from[i] = to_float(points[i]);
    to[i] = to_float({target.x * size.width, target.y * size.height});
    if (!std::isfinite(from[i].x) || !std::isfinite(from[i].y)) {
      return std::nullopt;
    }
  }
  const std::optional<Inliers> inliers = best_inliers(from, to);
  if (!inliers) {
    return std::nullopt;
  }
  return fit(from, to, *inliers);
}

core::Affine invert(const core::Affine& matrix) {
  core::Affine inverse;
  invert(matrix.m.data(), inverse.m.data());
  return inverse;
}

core::Affine compose(const core::Affine& second, const core::Affine& first) {
  const auto& a = second.m;
  const auto& b = first.m;
  return {{a[0] * b[0] + a[1] * b[3], a[0] * b[1] + a[1] * b[4], a[0] * b[2] + a[1] * b[5] + a[2],
           a[3] * b[0] + a[4] * b[3], a[3] * b[1] + a[4] * b[4], a[3] * b[2] + a[4] * b[5] + a[5]}};
}

core::Point transform(const core::Affine& matrix, core::Point point) {
  const auto& m = matrix.m;
  return {m[0] * point.x + m[1] * point.y + m[2], m[3] * point.x + m[4] * point.y + m[5]};
}

void transform_points(const core::Affine& matrix, std::span<core::Point> points) {
  for (core::Point& point : points) {
    point = transform(matrix, point);
  }
}

void transform_points_f32(const core::Affine& matrix, std::span<core::Point> points) {
  std::array<float, 6> m{};
  std::transform(matrix.m.begin(), matrix.m.end(), m.begin(), [](double v) { return static_cast<float>(v); });
  for (core::Point& point : points) {
    const auto x = static_cast<float>(point.x);
    const auto y = static_cast<float>(point.y);
    point = {m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]};
  }
}

std::optional<core::Affine> box_to_crop(const core::BoundingBox& box, core::Size size) {
  const double x1 = static_cast<float>(box.x1);
  const double y1 = static_cast<float>(box.y1);
  const double width = static_cast<float>(box.x2) - x1;
  const double height = static_cast<float>(box.y2) - y1;
  if (!std::isfinite(width) || !std::isfinite(height) || width == 0 || height == 0) {
    return std::nullopt;
  }
  const double sx = size.width / width;
  const double sy = size.height / height;
  return core::Affine{{sx, 0, -x1 * sx, 0, sy, -y1 * sy}};
}

core::BoundingBox transform_box(const core::Affine& matrix, const core::BoundingBox& box) {
  const std::array<core::Point, 4> corners{transform(matrix, {box.x1, box.y1}), transform(matrix, {box.x2, box.y1}),
                                           transform(matrix, {box.x2, box.y2}), transform(matrix, {box.x1, box.y2})};
  core::BoundingBox out{corners[0].x, corners[0].y, corners[0].x, corners[0].y};
  for (const core::Point& corner : corners) {
    out = {std::min(out.x1, corner.x), std::min(out.y1, corner.y), std::max(out.x2, corner.x),
           std::max(out.y2, corner.y)};
  }
  return out;
}

Rotation rotation(int angle, core::Size size) {
  const double radians = angle * std::numbers::pi / 180;
  const double c = std::cos(radians);
  const double s = std::sin(radians);
  const double x = size.width / 2.0;
  const double y = size.height / 2.0;
  const double width = std::abs(c) * size.width + std::abs(s) * size.height;
  const double height = std::abs(s) * size.width + std::abs(c) * size.height;
  return {{{c, s, (1 - c) * x - s * y + (width - size.width) * 0.5, -s, c,
            s * x + (1 - c) * y + (height - size.height) * 0.5}},
          {static_cast<int>(width), static_cast<int>(height)}};
}

core::Affine translation(double scale, double tx, double ty) {
  return {{scale, 0, tx, 0, scale, ty}};
}

}  // namespace facegraph::ops
