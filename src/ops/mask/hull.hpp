// The convex hull of landmarks and the rows of a mask that it fills, as cv::convexHull and cv::fillConvexPoly have
// them, for kernels. Integer arithmetic: equal to theirs where the hull lies within 2^20 pixels of the mask.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "core/base/host_device.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "ops/gpu/counters.hpp"

namespace facegraph::ops {

struct HullPoint {
  std::int64_t x;
  std::int64_t y;
};

struct Hull {
  int count;
  std::array<HullPoint, 68> points;  // going round
};

// The pixels first .. last of a row; empty where last < first.
struct HullRow {
  int first;
  int last;
};

// > 0: `c` lies to the right of the way from `a` to `b`, in a picture.
FACEGRAPH_HD inline std::int64_t turn(const HullPoint& a, const HullPoint& b, const HullPoint& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

FACEGRAPH_HD inline std::int64_t square_distance(const HullPoint& a, const HullPoint& b) {
  return (b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y);
}

// Cut towards zero; what lies far away is moved in.
FACEGRAPH_HD inline HullPoint hull_point(const core::Point& point) {
  const auto cut = [](double value) {
    constexpr double kFarAway = 1 << 20;
    return static_cast<std::int64_t>(value < -kFarAway ? -kFarAway : (value > kFarAway ? kFarAway : value));
  };
  return {cut(point.x), cut(point.y)};
}

// Of count points in `points`; corners only. Gift wrapping: the next corner is the one that has all others to its left.
FACEGRAPH_HD inline void wrap_hull(const HullPoint* points, int count, Hull& hull) {
  hull.count = 0;
  if (count == 0) {
    return;
  }
  int start = 0;
  for (int i = 1; i < count; ++i) {
    const bool is_equal = points[i].x == points[start].x;
    start = points[i].x < points[start].x || (is_equal && points[i].y < points[start].y) ? i : start;
  }
  HullPoint corner = points[start];
  do {
    hull.points[hull.count++] = corner;
    HullPoint next = points[start];
    for (int i = 0; i < count; ++i) {
      const std::int64_t side = turn(corner, next, points[i]);
      const bool is_farther = square_distance(corner, points[i]) > square_distance(corner, next);
      if (side > 0 || (side == 0 && is_farther)) {
        next = points[i];
      }
    }
    corner = next;
  } while ((corner.x != points[start].x || corner.y != points[start].y) && hull.count < count);
}

// What the hull covers of row y without its outline: between its left and right chain, at 1/65536 of a pixel.
FACEGRAPH_HD inline HullRow hull_row(const Hull& hull, int y, core::Size size) {
  int top = 0;
  std::int64_t lowest = hull.count > 0 ? hull.points[0].y : 0;
  for (int i = 1; i < hull.count; ++i) {
    top = hull.points[i].y < hull.points[top].y ? i : top;
    lowest = hull.points[i].y > lowest ? hull.points[i].y : lowest;
  }
  if (hull.count < 3 || y < hull.points[top].y || y >= lowest) {
    return {size.width, -1};
  }
  std::int64_t x[2];
  for (int chain = 0; chain < 2; ++chain) {
    const int step = chain == 0 ? 1 : hull.count - 1;
    int from = top;
    int to = (top + step) % hull.count;
    while (hull.points[to].y <= y) {
      from = to;
      to = (to + step) % hull.count;
    }
    const std::int64_t rows = hull.points[to].y - hull.points[from].y;
    const std::int64_t columns = (hull.points[to].x - hull.points[from].x) * 65536;
    const std::int64_t slope = (columns * 2 + rows) / (2 * rows);
    x[chain] = hull.points[from].x * 65536 + (y - hull.points[from].y) * slope;
  }
  const std::int64_t first = ((x[0] < x[1] ? x[0] : x[1]) + 32768) >> 16;
  const std::int64_t last = ((x[0] < x[1] ? x[1] : x[0]) + 32768) >> 16;
  return {static_cast<int>(first < 0 ? 0 : first), static_cast<int>(last < size.width ? last : size.width - 1)};
}

// Which sides of the picture a point lies beyond: 1 left, 2 right, 4 above, 8 below.
FACEGRAPH_HD inline int beyond(const HullPoint& point, core::Size size, bool is_vertical_too) {
  const int across = (point.x < 0 ? 1 : 0) + (point.x >= size.width ? 2 : 0);
  return across + (is_vertical_too ? (point.y < 0 ? 4 : 0) + (point.y >= size.height ? 8 : 0) : 0);
}

// Shortens a line to the picture; false: nothing of it lies there. Rounding is OpenCV's, which draws the same pixels.
FACEGRAPH_HD inline bool clip_line(core::Size size, HullPoint& a, HullPoint& b) {
  int sides[2] = {beyond(a, size, true), beyond(b, size, true)};
  HullPoint* ends[2] = {&a, &b};
  if ((sides[0] & sides[1]) != 0 || (sides[0] | sides[1]) == 0) {
    return (sides[0] | sides[1]) == 0;
  }
  for (int i = 0; i < 2; ++i) {
    if ((sides[i] & 12) != 0) {
      const std::int64_t y = sides[i] < 8 ? 0 : size.height - 1;
      ends[i]->x += static_cast<std::int64_t>(static_cast<double>(y - ends[i]->y) * static_cast<double>(b.x - a.x) /
                                              static_cast<double>(b.y - a.y));
      ends[i]->y = y;
      sides[i] = beyond(*ends[i], size, false);
    }
  }
  if ((sides[0] & sides[1]) != 0) {
    return false;
  }
  for (int i = 0; i < 2; ++i) {
    if (sides[i] != 0) {
      const std::int64_t x = sides[i] == 1 ? 0 : size.width - 1;
      ends[i]->y += static_cast<std::int64_t>(static_cast<double>(x - ends[i]->x) * static_cast<double>(b.y - a.y) /
                                              static_cast<double>(b.x - a.x));
      ends[i]->x = x;
    }
  }
  return true;
}

// Widens the rows by the pixels of a line from a to b (Bresenham's, drawn from left to right).
FACEGRAPH_HD inline void add_line(HullRow* rows, core::Size size, HullPoint a, HullPoint b) {
  if (!clip_line(size, a, b)) {
    return;
  }
  if (b.x < a.x) {
    const HullPoint other = a;
    a = b;
    b = other;
  }
  const auto width = static_cast<int>(b.x - a.x);
  const auto height = static_cast<int>(b.y < a.y ? a.y - b.y : b.y - a.y);
  const int down = b.y < a.y ? -1 : 1;
  const bool is_steep = height > width;
  const int longer = is_steep ? height : width;
  const int shorter = is_steep ? width : height;
  auto x = static_cast<int>(a.x);
  auto y = static_cast<int>(a.y);
  int error = longer - 2 * shorter;
  for (int i = 0; i <= longer; ++i) {
    lower_to(rows[y].first, x);
    raise_to(rows[y].last, x);
    const bool is_step = error < 0;
    error += (is_step ? 2 * longer : 0) - 2 * shorter;
    x += is_steep ? (is_step ? 1 : 0) : 1;
    y += is_steep ? down : (is_step ? down : 0);
  }
}

}  // namespace facegraph::ops
