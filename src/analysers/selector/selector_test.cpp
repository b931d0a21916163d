#include "analysers/selector/selector.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "support/scratch.hpp"

namespace facegraph::analysers {
namespace {

using core::AgeRange;
using core::Face;
using core::Faces;
using core::Gender;
using core::Race;

// A face that a test tells from others by its tag, kept in the landmarker's score.
Face face(int tag, core::BoundingBox box = {0, 0, 10, 10}, double score = 0.5) {
  Face result;
  result.landmarker_score = tag;
  result.bounding_box = box;
  result.detector_score = score;
  result.gender = Gender::kMale;
  result.race = Race::kWhite;
  result.age = AgeRange{20, 29};
  result.embedding_norm[0] = 1;
  return result;
}

Face person(int tag, Gender gender, Race race, AgeRange age) {
  Face result = face(tag);
  result.gender = gender;
  result.race = race;
  result.age = age;
  return result;
}

// The cosine of a face with face(): its distance is (1 - cosine) / 2.
Face at_cosine(int tag, float cosine) {
  Face result = face(tag);
  result.embedding_norm[0] = cosine;
  result.embedding_norm[1] = std::sqrt(1 - cosine * cosine);
  return result;
}

std::vector<int> tags(const Faces& faces) {
  std::vector<int> result;
  for (const Face& one : faces) {
    result.push_back(static_cast<int>(one.landmarker_score));
  }
  return result;
}

using Tags = std::vector<int>;

TEST(SelectorOrder, SortsByEachKeyAndKeepsEqualFacesInPlace) {
  const Faces faces{face(1, {30, 10, 40, 20}, 0.5), face(2, {10, 30, 40, 60}, 0.9), face(3, {20, 20, 40, 40}, 0.7),
                    face(4, {30, 10, 40, 20}, 0.5)};
  EXPECT_EQ(tags(sorted(faces, SelectorOrder::kLeftRight)), (Tags{2, 3, 1, 4}));
  EXPECT_EQ(tags(sorted(faces, SelectorOrder::kRightLeft)), (Tags{1, 4, 3, 2}));
  EXPECT_EQ(tags(sorted(faces, SelectorOrder::kTopBottom)), (Tags{1, 4, 3, 2}));
  EXPECT_EQ(tags(sorted(faces, SelectorOrder::kBottomTop)), (Tags{2, 3, 1, 4}));
  EXPECT_EQ(tags(sorted(faces, SelectorOrder::kSmallLarge)), (Tags{1, 4, 3, 2}));
  EXPECT_EQ(tags(sorted(faces, SelectorOrder::kLargeSmall)), (Tags{2, 3, 1, 4}));
  EXPECT_EQ(tags(sorted(faces, SelectorOrder::kBestWorst)), (Tags{2, 3, 1, 4}));
  EXPECT_EQ(tags(sorted(faces, SelectorOrder::kWorstBest)), (Tags{1, 4, 3, 2}));
}

TEST(SelectorOrder, KeepsManyEqualFacesInPlace) {
  Faces faces;
  Tags expected;
  for (int tag = 0; tag < 100; ++tag) {
    faces.push_back(face(tag));
    expected.push_back(tag);
  }
  EXPECT_EQ(tags(sorted(faces, SelectorOrder::kLargeSmall)), expected);
  EXPECT_EQ(tags(sorted(faces, SelectorOrder::kLeftRight)), expected);
}

class FilterTest : public testing::Test {
 protected:
  Tags filtered(const Faces& sources = {}) const { return tags(sort_and_filter(sources, faces_, options_)); }

  Faces faces_{person(1, Gender::kFemale, Race::kAsian, {20, 29}), person(2, Gender::kMale, Race::kBlack, {3, 9}),
               person(3, Gender::kFemale, Race::kBlack, {70, 100})};
  SelectorOptions options_;
};

TEST_F(FilterTest, TakesEverythingByDefault) {
  EXPECT_EQ(filtered(), (Tags{1, 2, 3}));
}

TEST_F(FilterTest, ByGenderAndRace) {
  options_.gender.value = Gender::kFemale;
  EXPECT_EQ(filtered(), (Tags{1, 3}));
  options_.race.value = Race::kBlack;
  EXPECT_EQ(filtered(), Tags{3});
}

TEST_F(FilterTest, AutomaticWithoutSourcesFiltersNothing) {
  options_.gender.automatic = true;
  options_.race.automatic = true;
  EXPECT_EQ(filtered(), (Tags{1, 2, 3}));
}

TEST_F(FilterTest, AutomaticTakesTheLargestSourceFace) {
  Face small = person(0, Gender::kMale, Race::kAsian, {20, 29});
  Face large = person(0, Gender::kFemale, Race::kBlack, {20, 29});
  large.bounding_box = {0, 0, 50, 50};
  options_.gender.automatic = true;
  EXPECT_EQ(filtered({small, large}), (Tags{1, 3}));
  options_.race.automatic = true;
  EXPECT_EQ(filtered({small, large}), Tags{3});
}

TEST_F(FilterTest, AutomaticKeepsTheOtherFiltersFixedValue) {
  options_.gender.value = Gender::kMale;
  options_.race.automatic = true;
  EXPECT_EQ(filtered({person(0, Gender::kFemale, Race::kBlack, {0, 2})}), Tags{2});
  EXPECT_EQ(filtered({person(0, Gender::kFemale, Race::kAsian, {0, 2})}), Tags{});
}

TEST_F(FilterTest, ByAgeWithHalfOpenRanges) {
  options_.age_start = 28;
  options_.age_end = 71;
  EXPECT_EQ(filtered(), (Tags{1, 3}));
  options_.age_start = 29;  // belongs to no range
  EXPECT_EQ(filtered(), Tags{3});
  options_.age_end = 70;
  EXPECT_EQ(filtered(), Tags{});
}

TEST_F(FilterTest, OnlyTheStartOfAnAgeIsOpenAbove) {
  options_.age_start = 20;
  EXPECT_EQ(filtered(), (Tags{1, 3}));
  options_.age_start = 99;
  EXPECT_EQ(filtered(), Tags{3});
}

TEST_F(FilterTest, OnlyTheEndOfAnAgeIsOpenBelow) {
  options_.age_end = 21;
  EXPECT_EQ(filtered(), (Tags{1, 2}));
  options_.age_end = 3;
  EXPECT_EQ(filtered(), Tags{});
}

TEST_F(FilterTest, AgeZeroCountsAsUnset) {
  options_.age_start = 0;
  EXPECT_EQ(filtered(), (Tags{1, 2, 3}));
  options_.age_end = 0;
  EXPECT_EQ(filtered(), (Tags{1, 2, 3}));
  options_.age_start = 30;  // start >= end removes every face
  EXPECT_EQ(filtered(), Tags{});
}

TEST_F(FilterTest, FacesWithoutClassMatchNoFilter) {
  faces_.push_back(face(4));
  faces_.back().gender.reset();
  faces_.back().age.reset();
  EXPECT_EQ(filtered(), (Tags{1, 2, 3, 4}));
  options_.gender.value = Gender::kFemale;
  EXPECT_EQ(filtered(), (Tags{1, 3}));
  options_.gender.value.reset();
  options_.age_start = 1;
  EXPECT_EQ(filtered(), (Tags{1, 2, 3}));
}

class SelectTest : public testing::Test {
 protected:
  Tags selected() const { return tags(select_faces({}, reference_, targets_, options_)); }

  Faces reference_;
  Faces targets_{at_cosine(1, 0.3F), at_cosine(2, 1), at_cosine(3, 0.5F)};
  SelectorOptions options_;
};

TEST_F(SelectTest, ManyTakesAllInOrder) {
  options_.mode = SelectorMode::kMany;
  targets_[2].bounding_box = {0, 0, 99, 99};
  EXPECT_EQ(selected(), (Tags{3, 1, 2}));
}

TEST_F(SelectTest, OneTakesTheFirst) {
  options_.mode = SelectorMode::kOne;
  targets_[2].bounding_box = {0, 0, 99, 99};
  EXPECT_EQ(selected(), Tags{3});
  options_.gender.value = Gender::kFemale;
  EXPECT_EQ(selected(), Tags{});
  targets_.clear();
  EXPECT_EQ(selected(), Tags{});
}

TEST_F(SelectTest, ReferenceTakesWhatIsNearInTheTargetsOrder) {
  reference_ = {face(9)};
  EXPECT_EQ(selected(), (Tags{2, 3}));  // distances 0.35, 0, 0.25 against 0.3
  options_.reference_distance = 0.25;   // strict
  EXPECT_EQ(selected(), Tags{2});
  options_.reference_distance = 1;
  EXPECT_EQ(selected(), (Tags{1, 2, 3}));
}

TEST_F(SelectTest, ReferenceFiltersTheReferenceFacesOnly) {
  reference_ = {face(9)};
  options_.gender.value = Gender::kMale;
  targets_[1].gender = Gender::kFemale;
  EXPECT_EQ(selected(), (Tags{2, 3}));
  options_.gender.value = Gender::kFemale;
  EXPECT_EQ(selected(), Tags{});
}

TEST_F(SelectTest, WithoutReferenceFacesNothingIsSelected) {
  EXPECT_EQ(selected(), Tags{});
}

TEST_F(SelectTest, PositionIsCountedInOrderAndFromTheEndWhenNegative) {
  Face other = face(8, {0, 0, 50, 50});
  other.embedding_norm = {};
  other.embedding_norm[2] = 1;
  reference_ = {face(9), other};  // large-small: other first
  targets_ = {face(1), other};
  options_.reference_position = 0;
  EXPECT_EQ(selected(), Tags{8});
  options_.reference_position = 1;
  EXPECT_EQ(selected(), Tags{1});
  options_.reference_position = 7;  // the last
  EXPECT_EQ(selected(), Tags{1});
  options_.reference_position = -1;
  EXPECT_EQ(selected(), Tags{1});
  options_.reference_position = -2;
  EXPECT_EQ(selected(), Tags{8});
  options_.reference_position = -3;
  EXPECT_EQ(selected(), Tags{});
}

TEST(SelectorOptions, DefaultsAreTheReferences) {
  const SelectorOptions options = SelectorOptions::from(test::values_of({selector_options()}));
  EXPECT_EQ(options.mode, SelectorMode::kReference);
  EXPECT_EQ(options.order, SelectorOrder::kLargeSmall);
  EXPECT_FALSE(options.gender.automatic || options.gender.value);
  EXPECT_FALSE(options.race.automatic || options.race.value);
  EXPECT_FALSE(options.age_start || options.age_end);
  EXPECT_EQ(options.reference_position, 0);
  EXPECT_EQ(options.reference_distance, 0.3);
  EXPECT_EQ(options.reference_frame_number, 0);
}

TEST(SelectorOptions, NamesBecomeTheirEnumerators) {
  const auto parse = [](const std::string& option, const std::string& value) {
    return SelectorOptions::from(test::values_of({selector_options()}, {{option, {value}}}));
  };
  EXPECT_EQ(parse("face-selector-mode", "many").mode, SelectorMode::kMany);
  EXPECT_EQ(parse("face-selector-mode", "one").mode, SelectorMode::kOne);
  const std::vector<std::pair<std::string, SelectorOrder>> orders{
      {"left-right", SelectorOrder::kLeftRight},   {"right-left", SelectorOrder::kRightLeft},
      {"top-bottom", SelectorOrder::kTopBottom},   {"bottom-top", SelectorOrder::kBottomTop},
      {"small-large", SelectorOrder::kSmallLarge}, {"large-small", SelectorOrder::kLargeSmall},
      {"best-worst", SelectorOrder::kBestWorst},   {"worst-best", SelectorOrder::kWorstBest}};
  for (const auto& [name, order] : orders) {
    EXPECT_EQ(parse("face-selector-order", name).order, order) << name;
  }
  EXPECT_TRUE(parse("face-selector-gender", "auto").gender.automatic);
  EXPECT_EQ(parse("face-selector-gender", "female").gender.value, Gender::kFemale);
  EXPECT_EQ(parse("face-selector-gender", "male").gender.value, Gender::kMale);
  const std::vector<std::pair<std::string, Race>> races{{"white", Race::kWhite},   {"black", Race::kBlack},
                                                        {"latino", Race::kLatino}, {"asian", Race::kAsian},
                                                        {"indian", Race::kIndian}, {"arabic", Race::kArabic}};
  EXPECT_TRUE(parse("face-selector-race", "auto").race.automatic);
  for (const auto& [name, race] : races) {
    EXPECT_EQ(parse("face-selector-race", name).race.value, race) << name;
  }
  EXPECT_EQ(parse("face-selector-age-start", "7").age_start, 7);
  EXPECT_EQ(parse("face-selector-age-end", "8").age_end, 8);
  EXPECT_EQ(parse("reference-face-position", "-2").reference_position, -2);
  EXPECT_EQ(parse("reference-frame-number", "12").reference_frame_number, 12);
}

}  // namespace
}  // namespace facegraph::analysers
