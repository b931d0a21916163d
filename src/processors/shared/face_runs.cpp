#include "processors/shared/face_runs.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/blend/paste_back.hpp"

namespace facegraph::processors {

namespace {

// Pixels from x1 to x2 and y1 to y2, both inclusive.
struct Pixels {
  int x1 = 0;
  int y1 = 0;
  int x2 = 0;
  int y2 = 0;
};

bool meet(const Pixels& a, const Pixels& b) {
  return a.x1 <= b.x2 && b.x1 <= a.x2 && a.y1 <= b.y2 && b.y1 <= a.y2;
}

// That a crop may show: its square with the neighbours that are sampled between, and where it reaches beyond the frame
// the frame's edge.
Pixels seen_pixels(core::Size frame, core::Size crop, const core::Affine& to_crop) {
  constexpr double kNeighbours = 2;
  std::vector<core::Point> corners{
      {0, 0}, {1.0 * crop.width, 0}, {0, 1.0 * crop.height}, {1.0 * crop.width, 1.0 * crop.height}};
  ops::transform_points(ops::invert(to_crop), corners);
  const auto [left, right] =
      std::minmax_element(corners.begin(), corners.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  const auto [top, bottom] =
      std::minmax_element(corners.begin(), corners.end(), [](const auto& a, const auto& b) { return a.y < b.y; });
  const auto within = [](double place, int size) { return static_cast<int>(std::clamp(place, 0.0, size - 1.0)); };
  return {
      within(std::floor(left->x) - kNeighbours, frame.width), within(std::floor(top->y) - kNeighbours, frame.height),
      within(std::ceil(right->x) + kNeighbours, frame.width), within(std::ceil(bottom->y) + kNeighbours, frame.height)};
}

}  // namespace

std::size_t faces_apart(std::span<const core::Face> faces, core::Size frame, const FaceCut& cut, std::size_t most) {
  std::vector<Pixels> pasted;
  for (const core::Face& face : faces.first(std::min(most, faces.size()))) {
    const auto matrix = ops::estimate_similarity(face.landmarks.five_of_68, cut.name, cut.size);
    if (!matrix) {
      break;
    }
    const Pixels seen = seen_pixels(frame, cut.size, *matrix);
    if (std::any_of(pasted.begin(), pasted.end(), [&](const Pixels& area) { return meet(area, seen); })) {
      break;
    }
    const ops::PasteArea area = ops::paste_area(frame, cut.size, *matrix);
    pasted.push_back({area.x1, area.y1, area.x2 - 1, area.y2 - 1});
  }
  return std::max<std::size_t>(1, pasted.size());
}

// Without those in front that cannot be cut out.
std::span<const core::Face> FaceQueue::left(std::size_t frame) {
  std::span<const core::Face> faces = std::span(frames_[frame].facts->selected).subspan(taken_[frame]);
  while (!faces.empty() && !ops::estimate_similarity(faces.front().landmarks.five_of_68, cut_.name, cut_.size)) {
    faces = faces.subspan(1);
    ++taken_[frame];
  }
  return faces;
}

std::vector<FacePart> FaceQueue::next(std::size_t most) {
  std::vector<FacePart> parts;
  for (std::size_t i = 0; i < frames_.size() && parts.size() < most; ++i) {
    const std::span<const core::Face> faces = left(i);
    if (faces.empty()) {
      continue;
    }
    const core::Size size = frames_[i].temp->frame.size();
    const std::size_t count = faces_apart(faces, size, cut_, most - parts.size());
    for (const core::Face& face : faces.first(count)) {
      parts.push_back({&face, &frames_[i]});
    }
    taken_[i] += count;
  }
  return parts;
}

}  // namespace facegraph::processors
