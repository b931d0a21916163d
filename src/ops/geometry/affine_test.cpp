#include "ops/geometry/affine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

using test::difference;

constexpr core::Landmark5 kPoints{{{412.5, 300.25}, {520.0, 310.75}, {470.5, 372.0}, {420.25, 430.5}, {505.75, 438.0}}};

core::Affine affine_at(const test::Array& array, std::size_t index = 0) {
  core::Affine matrix;
  std::copy_n(array.as<double>().begin() + static_cast<std::ptrdiff_t>(6 * index), 6, matrix.m.begin());
  return matrix;
}

WarpTemplate template_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(WarpTemplate::kStyleganex384); ++i) {
    if (name == warp_template_name(static_cast<WarpTemplate>(i))) {
      return static_cast<WarpTemplate>(i);
    }
  }
  throw std::runtime_error("no template " + name);
}

struct SimilarityRow {
  WarpTemplate name;
  int size;
  double a;
  double b;
  double tx;
  double ty;
};

void expect_similarity(const core::Landmark5& points, const SimilarityRow& row, double tolerance) {
  const auto matrix = estimate_similarity(points, row.name, {row.size, row.size});
  ASSERT_TRUE(matrix);
  const std::array<double, 6> expected{row.a, -row.b, row.tx, row.b, row.a, row.ty};
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(matrix->m[i], expected[i], tolerance) << warp_template_name(row.name) << " entry " << i;
  }
}

// spec: analysis.md B.1. The reference refines iteratively: up to 0.005 px at 512.
TEST(EstimateSimilarity, MeetsTheVectorsOfTheSpec) {
  expect_similarity(kPoints, {WarpTemplate::kArcface112V2, 112, 0.3205324491, -0.0181420246, -99.9958480, -38.3418299},
                    1e-3);
  expect_similarity(kPoints, {WarpTemplate::kArcface112V2, 224, 0.6410648982, -0.0362840492, -199.9916960, -76.6836599},
                    1e-3);
  expect_similarity(kPoints, {WarpTemplate::kFfhq512, 1, 0.0021263752, -0.0001213937, -0.5342970989, -0.1305696640},
                    1e-5);
  expect_similarity(kPoints, {WarpTemplate::kFfhq512, 512, 1.0887040863, -0.0621535521, -273.5601147, -66.8516680},
                    1e-3);
  expect_similarity(kPoints, {WarpTemplate::kArcface128, 256, 0.6410648982, -0.0362840492, -183.9916959, -76.6836599},
                    1e-3);
}

TEST(EstimateSimilarity, LeavesOutAnOutlier) {
  core::Landmark5 points = kPoints;
  points[2] = {points[2].x + 160, points[2].y + 10};
  expect_similarity(points, {WarpTemplate::kFfhq512, 512, 1.0894494073, -0.0637253082, -273.1972338, -67.6761515},
                    1e-3);
}

TEST(EstimateSimilarity, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/affine.npz");
  const auto points = golden["in_points"].as<double>();
  const auto sizes = golden["in_size"].as<std::int64_t>();
  const auto names = golden["in_template_json"].json();
  std::vector<double> errors;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    core::Landmark5 landmark;
    for (std::size_t j = 0; j < 5; ++j) {
      landmark[j] = {points[10 * i + 2 * j], points[10 * i + 2 * j + 1]};
    }
    const auto size = static_cast<int>(sizes[i]);
    const auto matrix = estimate_similarity(landmark, template_named(names[i]), {size, size});
    ASSERT_TRUE(matrix);
    const core::Affine expected = affine_at(golden["out_matrix"], i);
    // The crop's corners in the frame, taken back by our matrix.
    double error = 0;
    for (const core::Point corner :
         {core::Point{0, 0}, {sizes[i] * 1.0, 0}, {sizes[i] * 1.0, sizes[i] * 1.0}, {0, sizes[i] * 1.0}}) {
      const core::Point there = transform(*matrix, transform(invert(expected), corner));
      error = std::max(error, std::hypot(there.x - corner.x, there.y - corner.y));
    }
    errors.push_back(error);
    EXPECT_LE(error, 0.05) << "case " << i;
  }
  std::sort(errors.begin(), errors.end());
  EXPECT_LE(errors.at(errors.size() / 2), 1e-4);
}

// Compilers have left that rounding out (core/base/float32.hpp).
TEST(EstimateSimilarity, RoundsThePointsToFloat32) {
  core::Landmark5 exact = kPoints;
  core::Landmark5 rounded = kPoints;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    exact[i] = {exact[i].x + 1.23456789e-5, exact[i].y - 0.987654321e-5};
    const std::array<volatile float, 2> kept{static_cast<float>(exact[i].x), static_cast<float>(exact[i].y)};
    rounded[i] = {kept[0], kept[1]};
  }
  const auto found = estimate_similarity(exact, WarpTemplate::kArcface128, {256, 256});
  EXPECT_EQ(found->m, estimate_similarity(rounded, WarpTemplate::kArcface128, {256, 256})->m);
}

TEST(EstimateSimilarity, HasNoValueForDegeneratePoints) {
  core::Landmark5 same;
  same.fill({10, 20});
  EXPECT_FALSE(estimate_similarity(same, WarpTemplate::kFfhq512, {512, 512}));
  core::Landmark5 broken;
  broken.fill({std::nan(""), std::nan("")});
  EXPECT_FALSE(estimate_similarity(broken, WarpTemplate::kFfhq512, {512, 512}));
  broken.fill({std::numeric_limits<double>::infinity(), 0});
  EXPECT_FALSE(estimate_similarity(broken, WarpTemplate::kFfhq512, {512, 512}));
  // Four good points would do, but such a face is none.
  for (const double value : {std::nan(""), std::numeric_limits<double>::infinity(), 1e300}) {
    broken = warp_template(WarpTemplate::kFfhq512);
    broken[3].y = value;
    EXPECT_FALSE(estimate_similarity(broken, WarpTemplate::kFfhq512, {512, 512})) << value;
  }
}

// Points that are an exact similarity of the template, at any turn, size and place, beyond the frame's border too, give
// that similarity's inverse; moved a little they give the least squares solution in complex numbers.
TEST(EstimateSimilarity, EqualsTheClosedForm) {
  std::mt19937 generator(21);
  const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<>(low, high)(generator); };
  for (int round = 0; round < 500; ++round) {
    const core::Size size{256, 256};
    const std::complex<double> factor = std::polar(std::exp(uniform(-2, 3)), uniform(-3.14, 3.14));
    const std::complex<double> shift(uniform(-500, 2500), uniform(-500, 2500));
    const double noise = round % 2 == 0 ? 0 : 2 * std::abs(factor);
    core::Landmark5 points;
    std::array<std::complex<double>, 5> from;
    std::array<std::complex<double>, 5> to;
    for (std::size_t i = 0; i < 5; ++i) {
      const core::Point wanted = warp_template(WarpTemplate::kFfhq512)[i];
      to[i] = {wanted.x * size.width, wanted.y * size.height};
      const std::complex<double> there =
          factor * to[i] + shift + std::complex(uniform(-noise, noise), uniform(-noise, noise));
      points[i] = {there.real(), there.imag()};
      from[i] = there;
    }
    const std::complex<double> from_mean = std::accumulate(from.begin(), from.end(), std::complex<double>()) / 5.0;
    const std::complex<double> to_mean = std::accumulate(to.begin(), to.end(), std::complex<double>()) / 5.0;
    std::complex<double> product;
    double squares = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      product += std::conj(from[i] - from_mean) * (to[i] - to_mean);
      squares += std::norm(from[i] - from_mean);
    }
    const std::complex<double> back = noise == 0 ? 1.0 / factor : product / squares;
    const auto matrix = estimate_similarity(points, WarpTemplate::kFfhq512, size);
    ASSERT_TRUE(matrix);
    for (std::size_t i = 0; i < 5; ++i) {
      const core::Point found = transform(*matrix, points[i]);
      const std::complex<double> expected = back * (from[i] - from_mean) + to_mean;
      EXPECT_NEAR(found.x, expected.real(), 0.01) << "round " << round;  // the points are rounded to float32
      EXPECT_NEAR(found.y, expected.imag(), 0.01) << "round " << round;
    }
    EXPECT_EQ(matrix->m[0], matrix->m[4]);
    EXPECT_EQ(matrix->m[1], -matrix->m[3]);
  }
}

TEST(EstimateSimilarity, AcceptsCollinearPoints) {
  const core::Landmark5 line{{{10, 10}, {20, 20}, {30, 30}, {40, 40}, {50, 50}}};
  EXPECT_TRUE(estimate_similarity(line, WarpTemplate::kArcface128, {128, 128}));
}

TEST(Invert, UndoesATransformAndGivesZerosForASingularOne) {
  const core::Affine matrix{{0.83, -0.21, 14.2, 0.21, 0.83, -3.7}};
  const core::Point point = transform(invert(matrix), transform(matrix, {3, 4}));
  EXPECT_NEAR(point.x, 3, 1e-12);
  EXPECT_NEAR(point.y, 4, 1e-12);
  for (const double entry : invert({{1, 2, 3, 2, 4, 5}}).m) {
    EXPECT_EQ(entry, 0);
  }
}

TEST(Transform, MeetsTheGoldensInBothTypes) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/geometry.npz");
  const core::Affine matrix = affine_at(golden["in_matrix"]);
  const auto in = golden["in_lm68"].as<double>();
  std::vector<core::Point> points(68);
  for (std::size_t i = 0; i < 68; ++i) {
    points[i] = {in[2 * i], in[2 * i + 1]};
  }
  std::vector<core::Point> points_f32 = points;
  for (core::Point& point : points_f32) {
    point = {static_cast<float>(point.x), static_cast<float>(point.y)};
  }
  transform_points(matrix, points);
  transform_points_f32(matrix, points_f32);
  const auto flat = [](const std::vector<core::Point>& list) {
    std::vector<double> values;
    for (const core::Point& point : list) {
      values.insert(values.end(), {point.x, point.y});
    }
    return values;
  };
  EXPECT_LE(difference(flat(points), golden["out_points_f64"].doubles()).max, 1e-9);
  EXPECT_LE(difference(flat(points_f32), golden["out_points_f32"].doubles()).max, 1e-4);
}

TEST(TransformBox, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/geometry.npz");
  const core::Affine matrix = affine_at(golden["in_matrix"]);
  const auto boxes = golden["in_boxes"].as<double>();
  std::vector<double> out;
  for (std::size_t i = 0; i < boxes.size(); i += 4) {
    const auto box = transform_box(matrix, {boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3]});
    out.insert(out.end(), {box.x1, box.y1, box.x2, box.y2});
  }
  EXPECT_LE(difference(out, golden["out_transformed"].doubles()).max, 1e-9);
}

TEST(Compose, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/geometry.npz");
  const auto values = golden["in_merge"].as<double>();
  core::Affine merged{{1, 0, 0, 0, 1, 0}};
  for (std::size_t i = 0; i < values.size(); i += 6) {
    core::Affine next;
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i), 6, next.m.begin());
    merged = compose(next, merged);
  }
  EXPECT_LE(difference(merged.m, golden["out_merged"].doubles()).max, 1e-9);
}

TEST(Rotate, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/geometry.npz");
  for (const core::Size size : {core::Size{640, 480}, {333, 251}, {256, 256}}) {
    for (const int angle : {0, 90, 180, 270}) {
      const Rotation turned = rotation(angle, size);
      const std::string name = fmt::format("{}x{}_{}", size.width, size.height, angle);
      EXPECT_LE(difference(turned.matrix.m, golden["out_rotation_" + name].doubles()).max, 1e-9) << name;
      const auto expected = golden["out_rotation_size_" + name].as<std::int64_t>();
      EXPECT_EQ(turned.size, (core::Size{static_cast<int>(expected[0]), static_cast<int>(expected[1])})) << name;
    }
  }
}

// spec: analysis.md B.4
TEST(Rotate, MapsABoxOfTheTurnedFrameBack) {
  const Rotation turned = rotation(90, {640, 360});
  EXPECT_EQ(turned.size, (core::Size{360, 640}));
  const core::BoundingBox box = transform_box(invert(turned.matrix), {10, 20, 110, 220});
  EXPECT_NEAR(box.x1, 420, 1e-9);
  EXPECT_NEAR(box.y1, 10, 1e-9);
  EXPECT_NEAR(box.x2, 620, 1e-9);
  EXPECT_NEAR(box.y2, 110, 1e-9);
}

}  // namespace
}  // namespace facegraph::ops
