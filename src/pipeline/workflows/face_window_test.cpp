#include "pipeline/workflows/face_window.hpp"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

namespace facegraph::pipeline {
namespace {

// Frames numbered from `first`; in those of `with_face` a face that moves one pixel per frame.
struct Target {
  std::vector<bool> with_face;
  std::int64_t first = 0;
  std::int64_t read = 0;

  std::optional<TargetFrame> next() {
    if (read == static_cast<std::int64_t>(with_face.size())) {
      return std::nullopt;
    }
    TargetFrame frame;
    frame.number = first + read;
    frame.faces.emplace();
    if (with_face[static_cast<std::size_t>(read)]) {
      core::Face face;
      face.bounding_box = {static_cast<double>(frame.number), 0, frame.number + 50.0, 50};
      frame.faces->push_back(face);
    }
    ++read;
    return frame;
  }
};

// The number of every frame and the left side of its face, -1 where it has none.
std::vector<std::pair<std::int64_t, double>> tracked(Target target, int amount) {
  FaceWindow window([&] { return target.next(); }, amount, 0.3);
  std::vector<std::pair<std::int64_t, double>> result;
  while (const auto frame = window.read()) {
    EXPECT_LE(target.read, frame->number - target.first + amount + 1) << "reads no further than it has to";
    EXPECT_LE(frame->faces->size(), 1U);
    result.emplace_back(frame->number, frame->faces->empty() ? -1 : frame->faces->front().bounding_box.x1);
  }
  EXPECT_FALSE(window.read());  // stays at the end
  return result;
}

using Expected = std::vector<std::pair<std::int64_t, double>>;

TEST(FaceWindow, FillsGapsThatItSeesBothEndsOf) {
  // Two missing frames: with one neighbour on each side no window holds both ends, with two every window does.
  const Target target{{true, true, false, false, true, true}};
  EXPECT_EQ(tracked(target, 1), (Expected{{0, 0}, {1, 1}, {2, -1}, {3, -1}, {4, 4}, {5, 5}}));
  EXPECT_EQ(tracked(target, 2), (Expected{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}}));
}

// As in the reference's case video_tracker_swap: of three missing frames only the middle one is filled.
TEST(FaceWindow, FillsTheMiddleOfThreeMissingFrames) {
  const Target target{{true, true, false, false, false, true, true}, 10};
  EXPECT_EQ(tracked(target, 2), (Expected{{10, 10}, {11, 11}, {12, -1}, {13, 13}, {14, -1}, {15, 15}, {16, 16}}));
}

TEST(FaceWindow, FillsNothingAtTheEnds) {
  EXPECT_EQ(tracked({{false, true, true, false}}, 2), (Expected{{0, -1}, {1, 1}, {2, 2}, {3, -1}}));
}

TEST(FaceWindow, WithoutNeighboursKeepsEachFramesFaces) {
  EXPECT_EQ(tracked({{true, false, true}}, 0), (Expected{{0, 0}, {1, -1}, {2, 2}}));
}

// Neighbours are what was found, not what was filled in: a filled face is no end of another gap.
TEST(FaceWindow, DoesNotFillFromFilledFaces) {
  const Target target{{true, false, true, false, false, false, true}};
  EXPECT_EQ(tracked(target, 2), (Expected{{0, 0}, {1, 1}, {2, 2}, {3, -1}, {4, 4}, {5, -1}, {6, 6}}));
}

TEST(FaceWindow, ShortTargetsAndEmptyOnesEnd) {
  EXPECT_EQ(tracked({{true}}, 10), (Expected{{0, 0}}));
  EXPECT_TRUE(tracked({{}}, 2).empty());
}

}  // namespace
}  // namespace facegraph::pipeline
