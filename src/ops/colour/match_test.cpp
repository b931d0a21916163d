#include "ops/colour/match.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

class ColourMatch : public testing::Test {
 protected:
  void SetUp() override {
    FACEGRAPH_SHARED_OR_SKIP(shared);
    golden_.emplace(shared / "golden/numeric/color.npz");
    source_ = (*golden_)["in_source"].image();
    target_ = (*golden_)["in_target"].image();
  }
  // The reference's own results move by that much between versions of OpenCV.
  void expect_golden(const core::Image& found, const char* name) {
    const auto off = test::difference(found, (*golden_)[name]);
    EXPECT_LE(off.max, 2) << name;
    EXPECT_LE(off.mean, 0.001) << name;
  }

  std::optional<test::Npz> golden_;
  core::Image source_;
  core::Image target_;
};

TEST_F(ColourMatch, OneStepMeetsTheGolden) {
  expect_golden(equalise_colour(source_, target_, 60), "out_equal_60");
}

TEST_F(ColourMatch, AllStepsMeetTheGolden) {
  expect_golden(match_colour(source_, target_), "out_match");
}

TEST_F(ColourMatch, LikenessMeetsTheGolden) {
  EXPECT_NEAR(colour_likeness(source_, target_), (*golden_)["out_factor"].scalar(), 1e-4);
}

TEST_F(ColourMatch, OfAlikePicturesMeetsTheGolden) {
  expect_golden(match_alike_colour(source_, target_), "out_conditional");
}

// spec: face-processors.md 3.6: a step with fields of one pixel gives the source.
TEST_F(ColourMatch, FieldsOfOnePixelGiveTheSource) {
  const core::Image once = equalise_colour(source_, target_, 154);
  const core::Image again = equalise_colour(once, target_, target_.height());
  for (int y = 0; y < once.height(); ++y) {
    ASSERT_TRUE(std::equal(once.row<std::uint8_t>(y), once.row<std::uint8_t>(y) + 3 * once.width(),
                           again.row<std::uint8_t>(y)));
  }
}

TEST(ColourMatchErrors, OtherPicturesAreRefused) {
  const core::Image grey(4, 4, 1);
  const core::Image colour(4, 4, 3);
  EXPECT_THROW(match_colour(grey, colour), core::Error);
  EXPECT_THROW(colour_likeness(colour, grey), core::Error);
}

}  // namespace
}  // namespace facegraph::ops
