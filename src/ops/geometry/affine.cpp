#include "ops/geometry/affine.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/geometry/similarity_formula.hpp"

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

}  // namespace

const core::Landmark5& warp_template(WarpTemplate name) {
  return kTemplates[static_cast<std::size_t>(name)].points;
}

const char* warp_template_name(WarpTemplate name) {
  return kTemplates[static_cast<std::size_t>(name)].name;
}

core::Landmark5 similarity_target(WarpTemplate name, core::Size size) {
  core::Landmark5 target;
  std::transform(warp_template(name).begin(), warp_template(name).end(), target.begin(), [size](core::Point point) {
    return ransac::to_float({point.x * size.width, point.y * size.height});
  });
  return target;
}

std::optional<core::Affine> estimate_similarity(const core::Landmark5& points, WarpTemplate name, core::Size size) {
  core::Affine matrix;
  return estimate_similarity(points, similarity_target(name, size), matrix) ? std::optional(matrix) : std::nullopt;
}

void transform_points(const core::Affine& matrix, std::span<core::Point> points) {
  for (core::Point& point : points) {
    point = transform(matrix, point);
  }
}

void transform_points_f32(const core::Affine& matrix, std::span<core::Point> points) {
  for (core::Point& point : points) {
    point = transform_f32(matrix, point);
  }
}

std::optional<core::Affine> box_to_crop(const core::BoundingBox& box, core::Size size) {
  core::Affine matrix;
  return box_to_crop(box, size, matrix) ? std::optional(matrix) : std::nullopt;
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
