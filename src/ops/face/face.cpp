#include "ops/face/face.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace facegraph::ops {

namespace {

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

core::Embedding normalised(const core::Embedding& embedding) {
  const float norm = l2_norm(embedding);
  core::Embedding out = embedding;
  for (float& value : out) {
    value /= norm;
  }
  return out;
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
