#include "processors/shared/face_runs.hpp"

#include <string>
#include <vector>

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

// "frame:x" of the faces of each turn.
std::vector<std::vector<std::string>> turns_of(const std::vector<core::Faces>& faces, std::size_t most) {
  std::vector<FrameFacts> facts(faces.size());
  std::vector<TempFrame> temps(faces.size());
  std::vector<FrameProcessor::Work> frames;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    facts[i].selected = faces[i];
    temps[i].frame = core::Image(kFrame.width, kFrame.height, 3);
    frames.push_back({&facts[i], &temps[i]});
  }
  std::vector<std::vector<std::string>> turns;
  FaceQueue queue(frames, kCut);
  for (auto parts = queue.next(most); !parts.empty(); parts = queue.next(most)) {
    auto& turn = turns.emplace_back();
    for (const FacePart& part : parts) {
      turn.push_back(std::to_string(part.frame - frames.data()) + ":" +
                     std::to_string(static_cast<int>(part.face->bounding_box.x1)));
    }
  }
  return turns;
}

using Turns = std::vector<std::vector<std::string>>;

TEST(FaceQueue, TakesThoseOfSeveralFramesTogether) {
  EXPECT_EQ(turns_of({{at(50)}, {}, {at(50), at(350)}, {at(60)}}, 4), (Turns{{"0:50", "2:50", "2:350", "3:60"}}));
  EXPECT_EQ(turns_of({{at(50)}, {at(50), at(350)}, {at(60)}}, 2), (Turns{{"0:50", "1:50"}, {"1:350", "2:60"}}));
  EXPECT_EQ(turns_of({}, 4), Turns{});
}

// A frame's second face waits until its first is pasted; other frames go on.
TEST(FaceQueue, LetsAFaceWaitForOneThatItShows) {
  EXPECT_EQ(turns_of({{at(50), at(120)}, {at(50)}}, 4), (Turns{{"0:50", "1:50"}, {"0:120"}}));
}

TEST(FaceQueue, LeavesOutWhatCannotBeCutOut) {
  core::Face broken = at(350);
  broken.landmarks.five_of_68 = {};
  EXPECT_EQ(turns_of({{broken, at(50), broken, at(650), broken}, {broken}}, 4), (Turns{{"0:50"}, {"0:650"}}));
}

}  // namespace
}  // namespace facegraph::processors
