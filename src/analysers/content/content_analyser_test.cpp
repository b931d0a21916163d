#include "analysers/content/content_analyser.hpp"

#include <gtest/gtest.h>

#include "analysers/test_support.hpp"

namespace facegraph::analysers {
namespace {

TEST(ContentSampling, StepIsTheWholePartOfTheRate) {
  EXPECT_EQ(sampling_step(25), 25);
  EXPECT_EQ(sampling_step(29.97), 29);
  EXPECT_EQ(sampling_step(1), 1);
  EXPECT_EQ(sampling_step(0.5), 1);  // the reference divides by zero below one
  EXPECT_EQ(sampling_step(0), 1);
}

TEST(ContentSampling, MoreThanATenthFlagsAVideo) {
  EXPECT_FALSE(is_video_flagged(0, 0));
  EXPECT_FALSE(is_video_flagged(0, 5));
  EXPECT_FALSE(is_video_flagged(1, 10));
  EXPECT_FALSE(is_video_flagged(10, 100));
  EXPECT_TRUE(is_video_flagged(11, 100));
  EXPECT_TRUE(is_video_flagged(1, 9));
  EXPECT_TRUE(is_video_flagged(1, 1));
}

// The scores that the three networks shall have: the highest class value, and the two differences.
bool analyse(float first, float second, float third) {
  const test::Models models;
  // Two anchors: four box rows whose large values do not count, then two class rows.
  models.add("nsfw_1", {1, 3, 640, 640},
             {test::constant("output0", {1, 6, 2}, {99, 99, 99, 99, 99, 99, 99, 99, 0, 0, first, 0})});
  models.add("nsfw_2", {1, 3, 384, 384}, {test::constant("output", {1, 2}, {second, 0})});
  models.add("nsfw_3", {1, 3, 448, 448}, {test::constant("output", {1, 4}, {1, 2, 3, third})});
  return ContentAnalyser(models.context).analyse(test::grey(64, 48));
}

TEST(ContentAnalyser, TwoOfThreeFlagAFrame) {
  constexpr float kYes1 = 0.21F;
  constexpr float kYes2 = 0.26F;
  constexpr float kYes3 = 10.6F;  // 3 + 10.6 - (1 + 2) = 10.6
  EXPECT_FALSE(analyse(0, 0, 0));
  EXPECT_FALSE(analyse(kYes1, 0, 0));
  EXPECT_FALSE(analyse(0, kYes2, 0));
  EXPECT_FALSE(analyse(0, 0, kYes3));
  EXPECT_TRUE(analyse(kYes1, kYes2, 0));
  EXPECT_TRUE(analyse(kYes1, 0, kYes3));
  EXPECT_TRUE(analyse(0, kYes2, kYes3));
  EXPECT_TRUE(analyse(kYes1, kYes2, kYes3));
}

TEST(ContentAnalyser, TheThresholdsThemselvesDoNotFlag) {
  EXPECT_FALSE(analyse(0.2F, 0.3F, 0));
  EXPECT_FALSE(analyse(0.3F, 0.25F, 0));
  EXPECT_FALSE(analyse(0.3F, 0, 10.5F));
}

TEST(ContentAnalyser, HasThreeModels) {
  std::vector<std::string> names;
  for (const models::ModelFile& file : content_models(models::ModelSet::kOfficial)) {
    names.push_back(file.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"nsfw_1", "nsfw_2", "nsfw_3"}));
}

}  // namespace
}  // namespace facegraph::analysers
