#include "analysers/tracker/tracker.hpp"

#include <gtest/gtest.h>

#include "support/scratch.hpp"

namespace facegraph::analysers {
namespace {

using core::Face;
using core::FaceOrigin;
using core::Faces;

Face face_at(double x, double y, double side = 40) {
  Face face;
  face.bounding_box = {x, y, x + side, y + side};
  return face;
}

std::vector<double> lefts(const Faces& faces) {
  std::vector<double> result;
  for (const Face& face : faces) {
    result.push_back(face.bounding_box.x1);
  }
  return result;
}

TEST(TrackFaces, KeepsWhatWasFound) {
  const std::vector<Faces> window{{face_at(10, 10)}, {face_at(12, 10)}, {face_at(14, 10)}};
  const Faces faces = track_faces(window, 0.3);
  EXPECT_EQ(lefts(faces), std::vector<double>{12});
  EXPECT_EQ(faces.front().origin, FaceOrigin::kDetect);
}

TEST(TrackFaces, FillsAGapBetweenItsEnds) {
  const std::vector<Faces> window{{}, {face_at(10, 10)}, {}, {}, {face_at(16, 10)}, {}, {}};
  const Faces faces = track_faces(window, 0.3);
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_EQ(faces.front().origin, FaceOrigin::kRefill);
  EXPECT_NEAR(faces.front().bounding_box.x1, 14, 1e-12);
}

// A gap is filled from its own ends, not from farther ones.
TEST(TrackFaces, FillsEachGapByItself) {
  const std::vector<Faces> window{{face_at(0, 0)}, {face_at(4, 0)}, {}, {face_at(14, 0)}, {face_at(30, 0)}};
  EXPECT_EQ(lefts(track_faces(window, 0.1)), std::vector<double>{9});
}

TEST(TrackFaces, LeavesOutWhatBeginsLaterOrEndedBefore) {
  EXPECT_TRUE(track_faces(std::vector<Faces>{{}, {}, {}, {face_at(1, 1)}, {face_at(1, 1)}}, 0.3).empty());
  EXPECT_TRUE(track_faces(std::vector<Faces>{{face_at(1, 1)}, {face_at(1, 1)}, {}, {}, {}}, 0.3).empty());
}

TEST(TrackFaces, FollowsTheGreatestOverlap) {
  // Of two tracks the nearer one goes on; the other has a gap in the middle that nothing closes.
  const std::vector<Faces> window{{face_at(10, 10), face_at(30, 10)}, {face_at(28, 10)}, {face_at(27, 10)}};
  EXPECT_EQ(lefts(track_faces(window, 0.1)), std::vector<double>{28});
}

TEST(TrackFaces, TheOverlapMustBeGreaterThanTheScore) {
  // 30 of 50 pixels are common: 0.6.
  const std::vector<Faces> window{{face_at(0, 0)}, {}, {face_at(10, 0)}};
  EXPECT_EQ(track_faces(window, 0.59).size(), 1U);
  EXPECT_TRUE(track_faces(window, 0.6).empty());
}

TEST(TrackFaces, ComesInTheOrderInWhichTracksBegan) {
  const std::vector<Faces> window{{face_at(200, 0)}, {face_at(0, 0), face_at(201, 0)}, {}};
  EXPECT_EQ(lefts(track_faces(window, 0.3)), (std::vector<double>{201, 0}));
}

// As the reference does: of two faces of one frame that fit the same track the later one stays (quirk Q15).
TEST(TrackFaces, OverlappingFacesOfAFrameShareATrack) {
  const std::vector<Faces> window{{face_at(10, 10)}, {face_at(10, 10), face_at(14, 10)}, {face_at(12, 10)}};
  EXPECT_EQ(lefts(track_faces(window, 0.3)), std::vector<double>{14});
}

TEST(TrackFaces, AWindowOfOneFrameHasItsFaces) {
  EXPECT_EQ(lefts(track_faces(std::vector<Faces>{{face_at(1, 0), face_at(100, 0)}}, 0.3)),
            (std::vector<double>{1, 100}));
  EXPECT_TRUE(track_faces(std::vector<Faces>{{}}, 0.3).empty());
}

TEST(TrackerOptions, AreOffByDefault) {
  EXPECT_EQ(TrackerOptions::from(test::values_of({tracker_options()})).score, 0);
  EXPECT_EQ(TrackerOptions::from(test::values_of({tracker_options()}, {{"face-tracker-score", {"0.45"}}})).score, 0.45);
  test::message_of(core::ErrorCode::kUsage, [] {
    test::values_of({tracker_options()}, {{"face-tracker-score", {"0.55"}}});
  });
}

}  // namespace
}  // namespace facegraph::analysers
