#include "analysers/detector/decode_programs.hpp"

#include "analysers/detector/networks.hpp"
#include "analysers/detector/test_support.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::analysers {
namespace {

constexpr float kThreshold = 0.5F;

// A list on the host.
struct HostList {
  explicit HostList(int capacity_)
      : boxes(static_cast<std::size_t>(capacity_)),
        scores(static_cast<std::size_t>(capacity_), -1),
        points(static_cast<std::size_t>(capacity_)),
        list{boxes.data(), scores.data(), points.data(), &count, capacity_} {}
  HostList(const HostList&) = delete;
  HostList& operator=(const HostList&) = delete;

  int count = 0;
  std::vector<core::BoundingBox> boxes;
  std::vector<float> scores;
  std::vector<core::Landmark5> points;
  CandidateList list;
};

// What the detector makes of a network's candidates.
void finish(Detections& found, const FramePlace& place) {
  for (std::size_t i = 0; i < found.boxes.size(); ++i) {
    Candidate candidate{found.boxes[i], found.scores[i], found.points[i]};
    to_frame(candidate, place);
    found.boxes[i] = candidate.box;
    found.points[i] = candidate.points;
  }
}

void expect_equal(const HostList& found, const Detections& expected) {
  ASSERT_EQ(found.count, static_cast<int>(expected.boxes.size()));
  for (std::size_t i = 0; i < std::min(expected.boxes.size(), found.boxes.size()); ++i) {
    EXPECT_EQ(found.scores[i], expected.scores[i]) << i;
    EXPECT_EQ(found.points[i], expected.points[i]) << i;
    EXPECT_EQ(found.boxes[i].x1, expected.boxes[i].x1) << i;
    EXPECT_EQ(found.boxes[i].y1, expected.boxes[i].y1) << i;
    EXPECT_EQ(found.boxes[i].x2, expected.boxes[i].x2) << i;
    EXPECT_EQ(found.boxes[i].y2, expected.boxes[i].y2) << i;
  }
}

template <typename Rows, std::size_t kSets>
Detections by_cpu(const std::array<Rows, kSets>& sets, const FramePlace& place) {
  Detections found;
  for (const Rows& rows : sets) {
    append_candidates(found, rows, kThreshold, kDetectorRatio);
  }
  finish(found, place);
  return found;
}

template <typename Rows, std::size_t kSets>
void by_program(const CandidateList& out, const std::array<Rows, kSets>& sets, const FramePlace& place) {
  DecodeScratch scratch;
  ops::run_blocks_on_host(1, DecodeRows<Rows, kSets>{out, sets, kThreshold, kDetectorRatio, place, &scratch});
}

std::array<AnchorRows, 3> anchor_rows_of(const std::array<RawRows, 3>& raw) {
  std::array<AnchorRows, 3> rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {raw[i].scores.data(), raw[i].boxes.data(), raw[i].points.data(), static_cast<int>(raw[i].scores.size()),
               kDetectorStrides[i],  kDetectorInput};
  }
  return rows;
}

TEST(DecodeRows, AnchorsEqualTheCpuHalf) {
  for (const int hits : {0, 1, 2, 40, 300}) {
    const auto raw = random_strides(AnchorRows::kPerCell, hits, 1 + static_cast<unsigned>(hits));
    const auto rows = anchor_rows_of(raw);
    for (const FramePlace& place : {FramePlace{}, FramePlace{40, 30, false, {}}, turned_place()}) {
      HostList found(1000);
      by_program(found.list, rows, place);
      expect_equal(found, by_cpu(rows, place));
    }
  }
}

TEST(DecodeRows, YunetEqualsTheCpuHalf) {
  const auto raw = random_strides(YunetRows::kPerCell, 50, 3);
  std::array<YunetRows, 3> rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {raw[i].scores.data(),
               raw[i].objects.data(),
               raw[i].boxes.data(),
               raw[i].points.data(),
               static_cast<int>(raw[i].scores.size()),
               kDetectorStrides[i],
               kDetectorInput};
  }
  HostList found(1000);
  by_program(found.list, rows, turned_place());
  expect_equal(found, by_cpu(rows, turned_place()));
  EXPECT_GT(found.count, 100);
}

TEST(DecodeRows, YoloEqualsTheCpuHalf) {
  for (const int count : {8400, 255, 3}) {
    const std::vector<float> planes = random_planes(count, 30, 4);
    const std::array<YoloRows, 1> rows{YoloRows{planes.data(), count}};
    HostList found(1000);
    by_program(found.list, rows, turned_place());
    expect_equal(found, by_cpu(rows, turned_place()));
    EXPECT_GT(found.count, 1);
  }
}

TEST(DecodeRows, EachSetLosesItsLoneHitInRowZero) {
  auto raw = random_strides(AnchorRows::kPerCell, 0, 5);
  raw[0].scores[0] = 0.9F;
  raw[1].scores[0] = 0.9F;
  raw[1].scores[77] = 0.6F;
  raw[2].scores[1] = 0.7F;
  HostList found(10);
  by_program(found.list, anchor_rows_of(raw), {});
  EXPECT_EQ(found.count, 3);
  EXPECT_EQ(found.scores[0], 0.9F);
  EXPECT_EQ(found.scores[1], 0.6F);
  EXPECT_EQ(found.scores[2], 0.7F);
}

// Several networks and angles write to one list.
TEST(DecodeRows, AppendsToWhatTheListHolds) {
  const auto raw = random_strides(AnchorRows::kPerCell, 20, 6);
  const auto rows = anchor_rows_of(raw);
  HostList found(1000);
  by_program(found.list, rows, {});
  by_program(found.list, rows, turned_place());
  Detections expected = by_cpu(rows, {});
  const Detections second = by_cpu(rows, turned_place());
  expected.boxes.insert(expected.boxes.end(), second.boxes.begin(), second.boxes.end());
  expected.scores.insert(expected.scores.end(), second.scores.begin(), second.scores.end());
  expected.points.insert(expected.points.end(), second.points.begin(), second.points.end());
  expect_equal(found, expected);
  ops::run_pixels_on_host({1, 1}, ClearCandidates{found.list});
  EXPECT_EQ(found.count, 0);
}

TEST(DecodeRows, CountsWhatDoesNotFit) {
  const auto raw = random_strides(AnchorRows::kPerCell, 40, 7);
  const auto rows = anchor_rows_of(raw);
  const Detections expected = by_cpu(rows, {});
  HostList found(25);
  by_program(found.list, rows, {});
  EXPECT_GT(found.count, 25);
  expect_equal(found, expected);
}

TEST(KeepCandidates, TakesThemInTheirOrder) {
  const auto raw = random_strides(AnchorRows::kPerCell, 10, 8);
  HostList in(100);
  by_program(in.list, anchor_rows_of(raw), {});
  const std::vector<int> kept{7, 0, 3};
  const int count = 3;
  HostList out(100);
  ops::run_pixels_on_host({100, 1}, KeepCandidates{out.list, in.list, kept.data(), &count});
  EXPECT_EQ(out.count, 3);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto from = static_cast<std::size_t>(kept[i]);
    EXPECT_EQ(out.scores[i], in.scores[from]);
    EXPECT_EQ(out.points[i], in.points[from]);
    EXPECT_EQ(out.boxes[i].x2, in.boxes[from].x2);
  }
  EXPECT_EQ(out.scores[3], -1);
}

}  // namespace
}  // namespace facegraph::analysers
