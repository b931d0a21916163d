#include "processors/shared/face_runs.hpp"

#include <gtest/gtest.h>

#include "processors/face_test_support.hpp"

namespace facegraph::processors {
namespace {

constexpr core::Size kFrame{900, 300};
constexpr FaceCut kCut{ops::WarpTemplate::kFfhq512, {512, 512}};

// A face whose crop is that square of 100 pixels.
core::Face at(double x, double y = 100) {
  return face_in_square(kCut.name, x, y, 100);
}

std::size_t apart(const core::Faces& faces, std::size_t most = 4) {
  return faces_apart(faces, kFrame, kCut, most);
}

TEST(FacesApart, AreThoseWhoseCropsDoNotMeet) {
  EXPECT_EQ(apart({at(50), at(350), at(650)}), 3U);
  EXPECT_EQ(apart({at(50), at(350), at(650)}, 2), 2U);
  EXPECT_EQ(apart({at(50)}), 1U);
}

TEST(FacesApart, EndBeforeOneThatShowsAnother) {
  EXPECT_EQ(apart({at(50), at(120), at(650)}), 1U);
  EXPECT_EQ(apart({at(50), at(350), at(120)}), 2U);  // the first, not its neighbour
  EXPECT_EQ(apart({at(50, 20), at(50, 90)}), 1U);
}

// The last column that is pasted is 149; a crop samples one pixel beyond its square, and two are allowed for.
TEST(FacesApart, EndWhereACropSamplesItsNeighbourhood) {
  EXPECT_EQ(apart({at(50), at(151)}), 1U);
  EXPECT_EQ(apart({at(50), at(153)}), 2U);
}

// Of a crop beyond the frame the frame's edge is what shows.
TEST(FacesApart, SeeTheEdgeFromBeyondIt) {
  EXPECT_EQ(apart({at(0), at(-300)}), 1U);
  EXPECT_EQ(apart({at(50), at(-300)}), 2U);
  EXPECT_EQ(apart({at(-300), at(0)}), 2U);  // nothing of it is pasted
}

TEST(FacesApart, EndBeforeOneThatCannotBeCutOut) {
  core::Face broken = at(350);
  broken.landmarks.five_of_68 = {};
  EXPECT_EQ(apart({at(50), broken, at(650)}), 1U);
  EXPECT_EQ(apart({broken, at(50)}), 1U);
}

}  // namespace
}  // namespace facegraph::processors
