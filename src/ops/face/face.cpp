#include "ops/face/face.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/error.hpp"

namespace facegraph::ops {

namespace {

constexpr int kLeftEye = 36;
constexpr int kRightEye = 42;
constexpr int kEyePoints = 6;
constexpr int kNoseTip = 30;
constexpr int kLeftMouthCorner = 48;
constexpr int kRightMouthCorner = 54;
constexpr int kLastJawPoint = 16;

// The sum runs over the points in order, as numpy's over the first axis.
template <typename Real>
core::Point mean_of(std::span<const core::Point> points) {
  Real x = 0;
  Real y = 0;
  for (const core::Point& point : points) {
    x += static_cast<Real>(point.x);
    y += static_cast<Real>(point.y);
  }
  const auto count = static_cast<Real>(points.size());
  return {x / count, y / count};
}

template <typename Landmark>
Landmark scaled(Landmark landmark, double sx, double sy) {
  for (core::Point& point : landmark) {
    point = {point.x * sx, point.y * sy};
  }
  return landmark;
}

template <typename Landmark>
Landmark between(Landmark first, const Landmark& second, double share) {
  for (std::size_t i = 0; i < first.size(); ++i) {
    first[i] = {first[i].x * (1 - share) + second[i].x * share, first[i].y * (1 - share) + second[i].y * share};
  }
  return first;
}

core::BoundingBox between(const core::BoundingBox& a, const core::BoundingBox& b, double share) {
  const auto mix = [share](double first, double second) { return first * (1 - share) + second * share; };
  return {mix(a.x1, b.x1), mix(a.y1, b.y1), mix(a.x2, b.x2), mix(a.y2, b.y2)};
}

template <typename Member>
core::Embedding mean_embedding(std::span<const core::Face> faces, Member member) {
  core::Embedding mean{};
  for (const core::Face& face : faces) {
    for (int i = 0; i < core::kEmbeddingSize; ++i) {
      mean[i] += (face.*member)[i];
    }
  }
  for (float& value : mean) {
    value /= static_cast<float>(faces.size());
  }
  return mean;
}

}  // namespace

core::BoundingBox normalise(const core::BoundingBox& box) {
  return {std::min(box.x1, box.x2), std::min(box.y1, box.y2), std::max(box.x1, box.x2), std::max(box.y1, box.y2)};
}

core::BoundingBox bounding_box_of(const core::Landmark68& landmark) {
  core::BoundingBox box{landmark[0].x, landmark[0].y, landmark[0].x, landmark[0].y};
  for (const core::Point& point : landmark) {
    box = {std::min(box.x1, point.x), std::min(box.y1, point.y), std::max(box.x2, point.x), std::max(box.y2, point.y)};
  }
  return box;
}

double box_overlap(const core::BoundingBox& a, const core::BoundingBox& b) {
  const double width = std::max(0.0, std::min(a.x2, b.x2) - std::max(a.x1, b.x1));
  const double height = std::max(0.0, std::min(a.y2, b.y2) - std::max(a.y1, b.y1));
  const double common = width * height;
  const double all = a.area() + b.area() - common;
  return all > 0 ? common / all : 0;
}

core::Landmark5 five_of_sixty_eight(const core::Landmark68& landmark, bool float32) {
  const auto mean = float32 ? mean_of<float> : mean_of<double>;
  const std::span points(landmark);
  return {mean(points.subspan(kLeftEye, kEyePoints)), mean(points.subspan(kRightEye, kEyePoints)), landmark[kNoseTip],
          landmark[kLeftMouthCorner], landmark[kRightMouthCorner]};
}

core::Landmark5 scale_about_nose(const core::Landmark5& landmark, double factor) {
  const core::Point nose = landmark[2];
  core::Landmark5 out = landmark;
  for (core::Point& point : out) {
    point = {(point.x - nose.x) * factor + nose.x, (point.y - nose.y) * factor + nose.y};
  }
  return out;
}

int face_angle(const core::Landmark68& landmark) {
  const core::Point& first = landmark[0];
  const core::Point& last = landmark[kLastJawPoint];
  double theta = std::fmod(std::atan2(last.y - first.y, last.x - first.x) * (180 / std::numbers::pi), 360);
  if (theta < 0) {
    theta += 360;
  }
  int nearest = 0;
  for (const int angle : {90, 180, 270, 360}) {
    if (std::abs(angle - theta) < std::abs(nearest - theta)) {
      nearest = angle;
    }
  }
  return nearest % 360;
}

std::vector<Anchor> anchors(int stride, int per_cell, core::Size size) {
  const int columns = size.width / stride;
  const int rows = size.height / stride;
  std::vector<Anchor> out;
  out.reserve(static_cast<std::size_t>(columns) * rows * per_cell);
  // The outer index runs over the width and becomes y: the reference's order, a row-major grid for square sizes.
  for (int outer = 0; outer < columns; ++outer) {
    for (int inner = 0; inner < rows; ++inner) {
      out.insert(out.end(), static_cast<std::size_t>(per_cell),
                 {static_cast<std::int64_t>(inner) * stride, static_cast<std::int64_t>(outer) * stride});
    }
  }
  return out;
}

double l2_norm(const core::Embedding& embedding) {
  return std::sqrt(dot(embedding, embedding));
}

core::Embedding normalised(const core::Embedding& embedding) {
  const auto norm = static_cast<float>(l2_norm(embedding));
  core::Embedding out = embedding;
  for (float& value : out) {
    value /= norm;
  }
  return out;
}

float dot(const core::Embedding& a, const core::Embedding& b) {
  double sum = 0;
  for (int i = 0; i < core::kEmbeddingSize; ++i) {
    sum += static_cast<double>(a[i]) * b[i];
  }
  return static_cast<float>(sum);
}

double face_distance(const core::Face& a, const core::Face& b) {
  const float distance = 1 - dot(a.embedding_norm, b.embedding_norm);
  return std::clamp(static_cast<double>(distance), 0.0, 2.0) / 2;
}

core::Face scale_face(const core::Face& face, double sx, double sy) {
  core::Face out = face;
  const core::BoundingBox& box = face.bounding_box;
  out.bounding_box = {box.x1 * sx, box.y1 * sy, box.x2 * sx, box.y2 * sy};
  const core::LandmarkSet& set = face.landmarks;
  out.landmarks = {scaled(set.five, sx, sy), scaled(set.five_of_68, sx, sy), scaled(set.sixty_eight, sx, sy),
                   scaled(set.sixty_eight_of_5, sx, sy)};
  return out;
}

core::Face average_identity(std::span<const core::Face> faces) {
  if (faces.empty()) {
    core::fail(core::ErrorCode::kFailed, "average_identity: no face, expected at least one");
  }
  core::Face out = faces.front();
  out.embedding = mean_embedding(faces, &core::Face::embedding);
  out.embedding_norm = mean_embedding(faces, &core::Face::embedding_norm);
  return out;
}

core::Face average_geometry(const core::Face& first, const core::Face& second, double share) {
  core::Face out = share < 0.5 ? first : second;
  const core::LandmarkSet& a = first.landmarks;
  const core::LandmarkSet& b = second.landmarks;
  out.origin = core::FaceOrigin::kRefill;
  out.bounding_box = between(first.bounding_box, second.bounding_box, share);
  out.landmarks = {between(a.five, b.five, share), between(a.five_of_68, b.five_of_68, share),
                   between(a.sixty_eight, b.sixty_eight, share),
                   between(a.sixty_eight_of_5, b.sixty_eight_of_5, share)};
  out.angle = face_angle(out.landmarks.sixty_eight_of_5);
  return out;
}

}  // namespace facegraph::ops
