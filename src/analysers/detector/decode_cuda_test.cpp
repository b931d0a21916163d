#include "analysers/detector/decode_cuda.hpp"

#include "analysers/detector/networks.hpp"
#include "analysers/detector/test_support.hpp"
#include "ops/face/face_cuda.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::analysers {
namespace {

constexpr float kThreshold = 0.5F;

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

template <typename Rows>
void append_to(Detections& all, const Rows& rows, const FramePlace& place) {
  Detections found;
  append_candidates(found, rows, kThreshold, kDetectorRatio);
  for (std::size_t i = 0; i < found.boxes.size(); ++i) {
    Candidate candidate{found.boxes[i], found.scores[i], found.points[i]};
    to_frame(candidate, place);
    all.boxes.push_back(candidate.box);
    all.scores.push_back(candidate.score);
    all.points.push_back(candidate.points);
  }
}

TEST_F(DecodeCuda, AnchorsEqualTheCpuHalfAlsoAfterSuppression) {
  for (const int hits : {0, 1, 40, 300}) {
    const auto raw = random_strides(AnchorRows::kPerCell, hits, 1 + static_cast<unsigned>(hits));
    std::array<AnchorRows, 3> on_gpu;
    Detections expected;
    for (std::size_t i = 0; i < on_gpu.size(); ++i) {
      const int count = static_cast<int>(raw[i].scores.size());
      const AnchorRows rows{raw[i].scores.data(), raw[i].boxes.data(), raw[i].points.data(), count,
                            kDetectorStrides[i],  kDetectorInput};
      append_to(expected, rows, turned_place());
      on_gpu[i] = {upload_floats(raw[i].scores), upload_floats(raw[i].boxes),
                   upload_floats(raw[i].points), count,
                   kDetectorStrides[i],          kDetectorInput};
    }
    const CandidateList list = candidates(1024);
    cuda::decode_anchors(stream(), list, on_gpu, kThreshold, kDetectorRatio, turned_place(), scratch());
    expect_equal(download_list(list), expected);

    const ops::cuda::Kept kept{static_cast<int*>(take(1024 * sizeof(int))), static_cast<int*>(take(sizeof(int)))};
    auto* order = static_cast<int*>(take(ops::cuda::suppress_scratch(1024) * sizeof(int)));
    ops::cuda::suppress(stream(), kept, list.boxes, list.scores, {1024, list.count}, kThreshold, 0.4F, order);
    const CandidateList faces = candidates(1024);
    cuda::keep(stream(), faces, list, kept.indices, kept.count);
    Detections left;
    for (const int index : ops::suppress(expected.boxes, expected.scores, kThreshold, 0.4F)) {
      const auto i = static_cast<std::size_t>(index);
      left.boxes.push_back(expected.boxes[i]);
      left.scores.push_back(expected.scores[i]);
      left.points.push_back(expected.points[i]);
    }
    expect_equal(download_list(faces), left);
  }
}

TEST_F(DecodeCuda, YunetEqualsTheCpuHalf) {
  const auto raw = random_strides(YunetRows::kPerCell, 50, 3);
  std::array<YunetRows, 3> on_gpu;
  Detections expected;
  for (std::size_t i = 0; i < on_gpu.size(); ++i) {
    const int count = static_cast<int>(raw[i].scores.size());
    append_to(expected,
              YunetRows{raw[i].scores.data(), raw[i].objects.data(), raw[i].boxes.data(), raw[i].points.data(), count,
                        kDetectorStrides[i], kDetectorInput},
              {});
    on_gpu[i] = {upload_floats(raw[i].scores),
                 upload_floats(raw[i].objects),
                 upload_floats(raw[i].boxes),
                 upload_floats(raw[i].points),
                 count,
                 kDetectorStrides[i],
                 kDetectorInput};
  }
  const CandidateList list = candidates(1024);
  cuda::decode_yunet(stream(), list, on_gpu, kThreshold, kDetectorRatio, {}, scratch());
  expect_equal(download_list(list), expected, 1e-4);
}

TEST_F(DecodeCuda, YoloEqualsTheCpuHalfAndAppends) {
  const std::vector<float> planes = random_planes(8400, 30, 4);
  const YoloRows on_gpu{upload_floats(planes), 8400};
  const CandidateList list = candidates(1024);
  auto* room = scratch();
  cuda::decode_yolo(stream(), list, on_gpu, kThreshold, kDetectorRatio, {}, room);
  cuda::decode_yolo(stream(), list, on_gpu, kThreshold, kDetectorRatio, turned_place(), room);
  Detections expected;
  append_to(expected, YoloRows{planes.data(), 8400}, {});
  append_to(expected, YoloRows{planes.data(), 8400}, turned_place());
  expect_equal(download_list(list), expected);
}

TEST_F(DecodeCuda, CountsWhatDoesNotFitAndLosesALoneRowZero) {
  const std::vector<float> planes = random_planes(8400, 60, 9);
  const CandidateList small = candidates(10);
  cuda::decode_yolo(stream(), small, {upload_floats(planes), 8400}, kThreshold, kDetectorRatio, {}, scratch());
  EXPECT_GT(download_values(small.count, 1)[0], 10);
  std::vector<float> lone = random_planes(8400, 0, 9);
  lone[4 * 8400] = 0.9F;
  const CandidateList none = candidates(10);
  cuda::decode_yolo(stream(), none, {upload_floats(lone), 8400}, kThreshold, kDetectorRatio, {}, scratch());
  EXPECT_EQ(download_values(none.count, 1)[0], 0);
}

}  // namespace
}  // namespace facegraph::analysers
