#include "analysers/classifier/classifier.hpp"

#include <gtest/gtest.h>

#include "analysers/test_support.hpp"
#include "ops/geometry/affine.hpp"

namespace facegraph::analysers {
namespace {

using core::AgeRange;
using core::Gender;
using core::Race;

TEST(ClassIds, OfAge) {
  const std::vector<AgeRange> ranges{{0, 2},   {3, 9},   {10, 19}, {20, 29}, {30, 39},
                                     {40, 49}, {50, 59}, {60, 69}, {70, 100}};
  for (std::size_t id = 0; id < ranges.size(); ++id) {
    EXPECT_EQ(age_of(static_cast<std::int64_t>(id)), ranges[id]) << id;
  }
  EXPECT_EQ(age_of(-1), ranges.back());
  EXPECT_EQ(age_of(9), ranges.back());
}

TEST(ClassIds, OfGender) {
  EXPECT_EQ(gender_of(0), Gender::kMale);
  EXPECT_EQ(gender_of(1), Gender::kFemale);
  EXPECT_EQ(gender_of(2), Gender::kMale);
}

TEST(ClassIds, OfRace) {
  const std::vector<Race> races{Race::kWhite, Race::kBlack,  Race::kLatino, Race::kAsian,
                                Race::kAsian, Race::kIndian, Race::kArabic, Race::kWhite};
  for (std::size_t id = 0; id < races.size(); ++id) {
    EXPECT_EQ(race_of(static_cast<std::int64_t>(id)), races[id]) << id;
  }
  EXPECT_EQ(race_of(-1), Race::kWhite);
}

template <typename T>
test::OnnxInitializer id_tensor(const std::string& name, T id, facegraph::test::OnnxType type) {
  return {.name = name, .dims = {1}, .type = type, .raw = facegraph::test::raw_bytes<T>({id})};
}

core::Landmark5 template_points(double side) {
  core::Landmark5 points = ops::warp_template(ops::WarpTemplate::kArcface112V2);
  for (core::Point& point : points) {
    point = {point.x * side, point.y * side};
  }
  return points;
}

std::optional<Classification> value_of(Classifier classifier, const core::Landmark5& points) {
  const core::Image frame = test::grey(200, 200);
  const SiteFace face{frame, &points};
  return classifier.classify({&face, 1}).value(0);
}

TEST(Classifier, ReadsRaceThenGenderThenAge) {
  for (const bool wide : {true, false}) {
    const auto id = [&](const std::string& name, int value) {
      return wide ? id_tensor<std::int64_t>(name, value, facegraph::test::OnnxType::kInt64)
                  : id_tensor<std::int32_t>(name, value, facegraph::test::OnnxType::kInt32);
    };
    const test::Models models;
    models.add("fairface", {1, 3, 224, 224}, {id("race", 5), id("gender", 1), id("age", 3)});
    const core::Landmark5 points = template_points(150);
    const auto found = value_of(Classifier(models.context), points);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->race, Race::kIndian);
    EXPECT_EQ(found->gender, Gender::kFemale);
    EXPECT_EQ(found->age, (AgeRange{20, 29}));
  }
}

TEST(Classifier, PointsWithoutASimilarityHaveNoClass) {
  const auto id = [](const std::string& name) {
    return id_tensor<std::int64_t>(name, 0, facegraph::test::OnnxType::kInt64);
  };
  const test::Models models;
  models.add("fairface", {1, 3, 224, 224}, {id("race"), id("gender"), id("age")});
  const core::Landmark5 alike{};
  EXPECT_FALSE(value_of(Classifier(models.context), alike));
}

TEST(Classifier, RefusesOtherModels) {
  const test::Models models;
  models.add(
      "fairface", {1, 3, 224, 224},
      {id_tensor<std::int64_t>("race", 0, facegraph::test::OnnxType::kInt64),
       id_tensor<std::int64_t>("gender", 0, facegraph::test::OnnxType::kInt64), test::constant("age", {1}, {3})});
  Classifier classifier(models.context);
  const core::Landmark5 points = template_points(150);
  facegraph::test::expect_names(
      facegraph::test::message_of(core::ErrorCode::kFailed, [&] { value_of(std::move(classifier), points); }),
      {"fairface", "`age`", "float32"});
}

}  // namespace
}  // namespace facegraph::analysers
