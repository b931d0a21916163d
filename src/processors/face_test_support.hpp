// A made-up face for tests and benches of processors.
#pragma once

#include "core/types/face.hpp"
#include "ops/geometry/affine.hpp"

namespace facegraph::processors {

// A face whose crop by that template is the square of that side at (x, y), upright.
inline core::Face face_in_square(ops::WarpTemplate name, double x, double y, double side) {
  core::Face face;
  face.landmarks.five = ops::warp_template(name);
  for (core::Point& point : face.landmarks.five) {
    point = {x + side * point.x, y + side * point.y};
  }
  face.landmarks.five_of_68 = face.landmarks.five;
  face.bounding_box = {x, y, x + side, y + side};
  face.age = core::AgeRange{30, 40};
  return face;
}

}  // namespace facegraph::processors
