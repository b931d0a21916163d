#include "ops/face/face.hpp"

#include <cmath>
#include <numbers>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

using test::difference;

core::BoundingBox box_at(std::span<const double> values, std::size_t index) {
  return {values[4 * index], values[4 * index + 1], values[4 * index + 2], values[4 * index + 3]};
}

core::Landmark68 landmark_at(std::span<const double> values, std::size_t index) {
  core::Landmark68 landmark;
  for (std::size_t i = 0; i < 68; ++i) {
    landmark[i] = {values[136 * index + 2 * i], values[136 * index + 2 * i + 1]};
  }
  return landmark;
}

void append(std::vector<double>& out, const core::BoundingBox& box) {
  out.insert(out.end(), {box.x1, box.y1, box.x2, box.y2});
}

void append(std::vector<double>& out, std::span<const core::Point> points) {
  for (const core::Point& point : points) {
    out.insert(out.end(), {point.x, point.y});
  }
}

TEST(Boxes, MeetTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/geometry.npz");
  const auto boxes = golden["in_boxes"].as<double>();
  const auto overlaps = golden["out_overlap_next"].as<double>();
  const std::size_t count = boxes.size() / 4;
  std::vector<double> normal;
  for (std::size_t i = 0; i < count; ++i) {
    append(normal, normalise(box_at(boxes, i)));
    if (i < overlaps.size()) {
      EXPECT_NEAR(box_overlap(box_at(boxes, i), box_at(boxes, (i + 1) % count)), overlaps[i], 1e-12) << i;
    }
  }
  EXPECT_EQ(difference(normal, golden["out_normal_of_swapped"].doubles()).max, 0);
}

// spec: analysis.md B.6
TEST(Boxes, OverlapOfTheSpecAndOfNothing) {
  EXPECT_DOUBLE_EQ(box_overlap({0, 0, 10, 10}, {5, 5, 15, 15}), 1.0 / 7);
  EXPECT_EQ(box_overlap({0, 0, 10, 10}, {20, 20, 30, 30}), 0);
  EXPECT_EQ(box_overlap({3, 3, 3, 3}, {3, 3, 3, 3}), 0);
}

TEST(Landmarks, MeetTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/geometry.npz");
  const auto in = golden["in_lm68"].as<double>();
  const auto angles = golden["out_angle"].as<std::int64_t>();
  std::vector<double> fives;
  std::vector<double> boxes;
  for (std::size_t i = 0; i < angles.size(); ++i) {
    const core::Landmark68 landmark = landmark_at(in, i);
    EXPECT_EQ(face_angle(landmark), angles[i]) << "face " << i;
    append(fives, five_of_sixty_eight(landmark, false));
    append(boxes, bounding_box_of(landmark));
  }
  EXPECT_LE(difference(fives, golden["out_five"].doubles()).max, 1e-12);
  EXPECT_EQ(difference(boxes, golden["out_box"].doubles()).max, 0);

  const auto five = golden["in_five"].as<double>();
  core::Landmark5 points;
  for (std::size_t i = 0; i < 5; ++i) {
    points[i] = {five[2 * i], five[2 * i + 1]};
  }
  std::vector<double> scaled;
  append(scaled, scale_about_nose(points, 0.875));
  append(scaled, scale_about_nose(points, 1.5));
  EXPECT_LE(difference(scaled, golden["out_scaled5_0875_15"].doubles()).max, 1e-12);
}

TEST(Landmarks, FiveOfSixtyEightRoundsMeansToFloat) {
  core::Landmark68 landmark;
  for (int i = 0; i < 68; ++i) {
    landmark[i] = {static_cast<float>(100.1 + i * 0.7), static_cast<float>(50.3 + i * 1.1)};
  }
  float sum = 0;
  for (int i = 36; i < 42; ++i) {
    sum += static_cast<float>(landmark[i].x);
  }
  const core::Landmark5 five = five_of_sixty_eight(landmark, true);
  EXPECT_EQ(five[0].x, sum / 6.0F);
  EXPECT_EQ(five[2], landmark[30]);
  EXPECT_EQ(five[3], landmark[48]);
  EXPECT_EQ(five[4], landmark[54]);
}

// spec: analysis.md B.2
TEST(Landmarks, ScaleAboutTheNose) {
  const core::Landmark5 points{{{412.5, 300.25}, {520.0, 310.75}, {470.5, 372.0}, {420.25, 430.5}, {505.75, 438.0}}};
  const core::Landmark5 expected{
      {{383.5, 264.375}, {544.75, 280.125}, {470.5, 372.0}, {395.125, 459.75}, {523.375, 471.0}}};
  EXPECT_EQ(scale_about_nose(points, 1.5), expected);
}

// spec: analysis.md B.3
TEST(FaceAngle, MeetsTheVectorsOfTheSpec) {
  const std::vector<std::pair<double, int>> rows{{-44, 0},     {-46, 270},  {10, 0},      {45, 0},
                                                 {45.1, 90},   {134.9, 90}, {135.1, 180}, {225, 180},
                                                 {225.1, 270}, {315, 270},  {315.1, 0},   {359, 0}};
  for (const auto& [degrees, angle] : rows) {
    core::Landmark68 landmark{};
    const double radians = degrees * std::numbers::pi / 180;
    landmark[16] = {std::cos(radians), std::sin(radians)};
    EXPECT_EQ(face_angle(landmark), angle) << degrees;
  }
  core::Landmark68 broken{};
  broken[16] = {std::nan(""), std::nan("")};
  EXPECT_EQ(face_angle(broken), 0);
}

TEST(Anchors, MeetTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/anchors.npz");
  struct Row {
    int stride;
    int per_cell;
    int height;
    int width;
  };
  for (const Row& row : {Row{8, 2, 80, 80}, Row{16, 2, 20, 20}, Row{32, 1, 20, 20}, Row{8, 2, 3, 5}}) {
    const std::string name = fmt::format("out_s{}_k{}_h{}_w{}", row.stride, row.per_cell, row.height, row.width);
    const auto expected = golden[name].as<std::int64_t>();
    const core::Size size{row.width * row.stride + 3, row.height * row.stride};
    const int count = anchor_rows(row.stride, row.per_cell, size);
    ASSERT_EQ(2 * static_cast<std::size_t>(count), expected.size()) << name;
    for (int i = 0; i < count; ++i) {
      const Anchor found = anchor_at(i, row.stride, row.per_cell, size);
      ASSERT_EQ(found.x, expected[2 * static_cast<std::size_t>(i)]) << name << " row " << i;
      ASSERT_EQ(found.y, expected[2 * static_cast<std::size_t>(i) + 1]) << name << " row " << i;
    }
  }
}

core::Face face_with(std::span<const float> embedding) {
  core::Face face;
  std::copy(embedding.begin(), embedding.end(), face.embedding.begin());
  face.embedding_norm = normalised(face.embedding);
  return face;
}

TEST(FaceDistance, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/selector.npz");
  const auto embeddings = golden["in_embeddings"].as<float>();
  std::vector<core::Face> faces;
  for (std::size_t i = 0; i < 10; ++i) {
    faces.push_back(face_with(embeddings.subspan(i * core::kEmbeddingSize, core::kEmbeddingSize)));
  }
  std::vector<double> distances;
  for (const core::Face& a : faces) {
    for (const core::Face& b : faces) {
      distances.push_back(2 * face_distance(a, b));
    }
  }
  EXPECT_LE(difference(distances, golden["out_distance"].doubles()).max, 1e-6);
}

// spec: analysis.md B.6: a distance of 0.59 is mapped to 0.295.
TEST(FaceDistance, IsHalved) {
  core::Face a;
  core::Face b;
  a.embedding_norm[0] = 1;
  b.embedding_norm[0] = 0.41F;
  EXPECT_NEAR(face_distance(a, b), 0.295, 1e-7);
  b.embedding_norm[0] = -3;
  EXPECT_EQ(face_distance(a, b), 1);
}

TEST(ScaleFace, ScalesGeometryOnly) {
  core::Face face;
  face.bounding_box = {10, 20, 30, 40};
  face.landmarks.five[1] = {3, 4};
  face.landmarks.five_of_68[2] = {5, 6};
  face.landmarks.sixty_eight[67] = {7, 8};
  face.landmarks.sixty_eight_of_5[0] = {9, 10};
  face.angle = 90;
  face.detector_score = 0.7;
  const core::Face scaled = scale_face(face, 0.5, 2);
  EXPECT_EQ(scaled.bounding_box.x2, 15);
  EXPECT_EQ(scaled.bounding_box.y2, 80);
  EXPECT_EQ(scaled.landmarks.five[1], (core::Point{1.5, 8}));
  EXPECT_EQ(scaled.landmarks.five_of_68[2], (core::Point{2.5, 12}));
  EXPECT_EQ(scaled.landmarks.sixty_eight[67], (core::Point{3.5, 16}));
  EXPECT_EQ(scaled.landmarks.sixty_eight_of_5[0], (core::Point{4.5, 20}));
  EXPECT_EQ(scaled.angle, 90);
  EXPECT_EQ(scaled.detector_score, 0.7);
}

TEST(AverageIdentity, AveragesEmbeddingsAndKeepsTheFirstFace) {
  core::Face first;
  first.embedding[0] = 4;
  first.embedding_norm[0] = 1;
  first.angle = 180;
  core::Face second;
  second.embedding[1] = 2;
  second.embedding_norm[1] = 1;
  const core::Face average = average_identity(std::vector{first, second});
  EXPECT_EQ(average.angle, 180);
  EXPECT_EQ(average.embedding[0], 2);
  EXPECT_EQ(average.embedding[1], 1);
  EXPECT_EQ(average.embedding_norm[0], 0.5F) << "not normalised again";
  EXPECT_THROW(average_identity({}), core::Error);
}

// spec: analysis.md B.11
TEST(AverageGeometry, LiesBetweenAndTakesTheRestFromTheNearerFace) {
  core::Face first;
  first.bounding_box = {0, 0, 10, 10};
  first.landmarks.five[4] = {1, 2};
  first.landmarks.five_of_68[0] = {0, 8};
  first.landmarks.sixty_eight[30] = {100, 0};
  first.landmarks.sixty_eight_of_5[16] = {10, 0};  // upright
  first.embedding[0] = 1;
  first.detector_score = 0.6;
  core::Face second = first;
  second.bounding_box = {80, 80, 90, 90};
  second.landmarks.five[4] = {5, 10};
  second.landmarks.five_of_68[0] = {4, 0};
  second.landmarks.sixty_eight[30] = {0, 200};
  second.landmarks.sixty_eight_of_5[16] = {0, 100};  // turned
  second.embedding[0] = 2;
  second.detector_score = 0.9;

  const core::Face quarter = average_geometry(first, second, 0.25);
  EXPECT_EQ(quarter.origin, core::FaceOrigin::kRefill);
  EXPECT_EQ(quarter.bounding_box.x1, 20);
  EXPECT_EQ(quarter.bounding_box.y2, 30);
  EXPECT_EQ(quarter.landmarks.five[4], (core::Point{2, 4}));
  EXPECT_EQ(quarter.landmarks.five_of_68[0], (core::Point{1, 6}));
  EXPECT_EQ(quarter.landmarks.sixty_eight[30], (core::Point{75, 50}));
  EXPECT_EQ(quarter.embedding[0], 1);
  EXPECT_EQ(quarter.detector_score, 0.6);

  const core::Face middle = average_geometry(first, second, 0.5);
  EXPECT_EQ(middle.bounding_box.x1, 40);
  EXPECT_EQ(middle.embedding[0], 2);
  EXPECT_EQ(middle.detector_score, 0.9);
  EXPECT_EQ(middle.angle, 90) << "of the averaged points";
}

}  // namespace
}  // namespace facegraph::ops
