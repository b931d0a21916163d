#include "analysers/detector/decode_cuda.hpp"

#include "analysers/detector/candidates.hpp"
#include "analysers/detector/test_support.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::analysers {
namespace {

constexpr float kThreshold = 0.5F;

AnchorRows anchor_rows(const RawRows& raw, std::size_t stride) {
  return {raw.scores.data(),           raw.boxes.data(), raw.points.data(), static_cast<int>(raw.scores.size()),
          kDetectorStrides.at(stride), kDetectorInput};
}

Detections anchors_by_cpu(const std::array<RawRows, 3>& raw, const FramePlace& place) {
  Detections all;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    append_candidates(all, anchor_rows(raw.at(i), i), kThreshold, kDetectorRatio, place);
  }
  return all;
}

Detections faces_of(const KeptFaces& kept) {
  Detections faces;
  for (std::size_t i = 0; i < kept.room(); ++i) {
    faces.append(kept.on_host.data()[i].face);
  }
  return faces;
}

class DecodeCuda : public ops::GpuOps {
 protected:
  CandidateList candidates(int capacity) {
    const auto count = static_cast<std::size_t>(capacity);
    const CandidateList list{static_cast<core::BoundingBox*>(take(count * sizeof(core::BoundingBox))),
                             static_cast<float*>(take(count * sizeof(float))),
                             static_cast<core::Landmark5*>(take(count * sizeof(core::Landmark5))),
                             static_cast<int*>(take(sizeof(int))), capacity};
    cuda::clear(stream(), list);
    return list;
  }
  DecodeScratch* scratch() { return static_cast<DecodeScratch*>(take(sizeof(DecodeScratch))); }

  Detections download_list(const CandidateList& list) {
    const auto count = static_cast<std::size_t>(std::min(download_values(list.count, 1)[0], list.capacity));
    return {download_values(list.boxes, count), download_values(list.scores, count),
            download_values(list.points, count)};
  }
  const float* upload_floats(const std::vector<float>& values) { return upload_values(std::span<const float>(values)); }
  std::array<AnchorRows, 3> upload_anchors(const std::array<RawRows, 3>& raw) {
    std::array<AnchorRows, 3> rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows.at(i) = anchor_rows(raw.at(i), i);
      rows.at(i).scores = upload_floats(raw.at(i).scores);
      rows.at(i).boxes = upload_floats(raw.at(i).boxes);
      rows.at(i).points = upload_floats(raw.at(i).points);
    }
    return rows;
  }
};

// box: how far corners may be off, as part of the box's size.
void expect_equal(const Detections& found, const Detections& expected, double box = 0) {
  ASSERT_EQ(found.boxes.size(), expected.boxes.size());
  EXPECT_EQ(found.scores, expected.scores);
  EXPECT_EQ(found.points, expected.points);
  for (std::size_t i = 0; i < expected.boxes.size(); ++i) {
    const core::BoundingBox& one = expected.boxes[i];
    EXPECT_NEAR(found.boxes[i].x1, one.x1, box * one.width()) << i;
    EXPECT_NEAR(found.boxes[i].y1, one.y1, box * one.height()) << i;
    EXPECT_NEAR(found.boxes[i].x2, one.x2, box * one.width()) << i;
    EXPECT_NEAR(found.boxes[i].y2, one.y2, box * one.height()) << i;
  }
}

TEST_F(DecodeCuda, AnchorsEqualTheCpuHalf) {
  for (const int hits : {0, 1, 2, 40, 300}) {
    const auto raw = random_strides(AnchorRows::kPerCell, hits, 1 + static_cast<unsigned>(hits));
    for (const FramePlace& place : {FramePlace{}, FramePlace{40, 30, false, {}}, turned_place()}) {
      const CandidateList list = candidates(1024);
      cuda::decode(stream(), list, upload_anchors(raw), kThreshold, kDetectorRatio, place, scratch());
      expect_equal(download_list(list), anchors_by_cpu(raw, place));
    }
  }
}

// With room for less than there is, too.
TEST_F(DecodeCuda, CandidatesThatAreKeptComeToTheHost) {
  const device::Site site(stream());
  for (const int hits : {0, 3, 300}) {
    const auto raw = random_strides(AnchorRows::kPerCell, hits, 12);
    const int rows = static_cast<int>(raw[0].scores.size() + raw[1].scores.size() + raw[2].scores.size());
    Candidates on_host({}, rows);
    Candidates on_gpu(site, rows);
    for (const FramePlace& place : {FramePlace{}, turned_place()}) {
      on_host.append(AnchorSets{anchor_rows(raw[0], 0), anchor_rows(raw[1], 1), anchor_rows(raw[2], 2)}, kThreshold,
                     kDetectorRatio, place);
      on_gpu.append(upload_anchors(raw), kThreshold, kDetectorRatio, place);
    }
    expect_equal(on_gpu.all(), on_host.all());
    for (const std::size_t room : {std::size_t{64}, std::size_t{400}}) {
      const std::int64_t before = stream().gpu().counters.waits;
      const KeptFaces found = on_gpu.keep(kThreshold, 0.4F, room);
      EXPECT_EQ(stream().gpu().counters.waits, before);
      site.wait();
      const KeptFaces expected = on_host.keep(kThreshold, 0.4F, room);
      EXPECT_EQ(found.total(), expected.total());
      EXPECT_EQ(found.total() > 64, hits == 300) << found.total();
      expect_equal(faces_of(found), faces_of(expected));
    }
  }
}

TEST_F(DecodeCuda, YunetEqualsTheCpuHalf) {
  const auto raw = random_strides(YunetRows::kPerCell, 50, 3);
  std::array<YunetRows, 3> on_gpu;
  Detections expected;
  for (std::size_t i = 0; i < on_gpu.size(); ++i) {
    const int count = static_cast<int>(raw[i].scores.size());
    append_candidates(expected,
                      YunetRows{raw[i].scores.data(), raw[i].objects.data(), raw[i].boxes.data(), raw[i].points.data(),
                                count, kDetectorStrides[i], kDetectorInput},
                      kThreshold, kDetectorRatio, {});
    on_gpu[i] = {upload_floats(raw[i].scores),
                 upload_floats(raw[i].objects),
                 upload_floats(raw[i].boxes),
                 upload_floats(raw[i].points),
                 count,
                 kDetectorStrides[i],
                 kDetectorInput};
  }
  EXPECT_GT(expected.boxes.size(), 100U);
  const CandidateList list = candidates(1024);
  cuda::decode(stream(), list, on_gpu, kThreshold, kDetectorRatio, {}, scratch());
  expect_equal(download_list(list), expected, 1e-6);
}

// Several networks and angles write to one list.
TEST_F(DecodeCuda, YoloEqualsTheCpuHalfAndAppends) {
  for (const int count : {8400, 255, 3}) {
    const std::vector<float> planes = random_planes(count, 30, 4);
    const YoloSets on_gpu{{{upload_floats(planes), count}}};
    const CandidateList list = candidates(1024);
    auto* room = scratch();
    cuda::decode(stream(), list, on_gpu, kThreshold, kDetectorRatio, {}, room);
    cuda::decode(stream(), list, on_gpu, kThreshold, kDetectorRatio, turned_place(), room);
    Detections expected;
    append_candidates(expected, YoloRows{planes.data(), count}, kThreshold, kDetectorRatio, {});
    append_candidates(expected, YoloRows{planes.data(), count}, kThreshold, kDetectorRatio, turned_place());
    EXPECT_GT(expected.boxes.size(), 2U);
    expect_equal(download_list(list), expected);
  }
}

TEST_F(DecodeCuda, EachStrideLosesItsLoneHitInRowZero) {
  auto raw = random_strides(AnchorRows::kPerCell, 0, 5);
  raw[0].scores[0] = 0.9F;
  raw[1].scores[0] = 0.9F;
  raw[1].scores[77] = 0.6F;
  raw[2].scores[1] = 0.7F;
  const CandidateList list = candidates(10);
  cuda::decode(stream(), list, upload_anchors(raw), kThreshold, kDetectorRatio, {}, scratch());
  EXPECT_EQ(download_list(list).scores, (std::vector{0.9F, 0.6F, 0.7F}));
}

TEST_F(DecodeCuda, CountsWhatDoesNotFit) {
  const auto raw = random_strides(AnchorRows::kPerCell, 40, 7);
  const Detections all = anchors_by_cpu(raw, {});
  ASSERT_GT(all.boxes.size(), 25U);
  const CandidateList list = candidates(25);
  cuda::decode(stream(), list, upload_anchors(raw), kThreshold, kDetectorRatio, {}, scratch());
  EXPECT_EQ(download_values(list.count, 1)[0], static_cast<int>(all.boxes.size()));
  expect_equal(download_list(list), {{all.boxes.begin(), all.boxes.begin() + 25},
                                     {all.scores.begin(), all.scores.begin() + 25},
                                     {all.points.begin(), all.points.begin() + 25}});
}

}  // namespace
}  // namespace facegraph::analysers
