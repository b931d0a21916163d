#include "analysers/detector/candidates.hpp"

#include <algorithm>
#include <utility>

#include "ops/face/face.hpp"
#include "ops/face/face_cuda.hpp"

namespace facegraph::analysers {

namespace {

// Hardly a frame shows more faces; of those a second look fetches all.
constexpr int kFirstLook = 64;

}  // namespace

Candidates::Candidates(device::Site site, int capacity) : site_(std::move(site)), capacity_(capacity) {
  if (site_.on_gpu()) {
    const auto count = static_cast<std::size_t>(capacity);
    on_gpu_ = {site_.values<core::BoundingBox>(count), site_.values<float>(count), site_.values<core::Landmark5>(count),
               site_.values<int>(1), site_.values<DecodeScratch>(1)};
    list_ = {on_gpu_.boxes.data(), on_gpu_.scores.data(), on_gpu_.points.data(), on_gpu_.count.data(), capacity};
    cuda::clear(site_.stream(), list_);
  }
}

template <typename Sets>
void Candidates::append(const Sets& sets, float threshold, const ops::LetterboxRatio& ratio, const FramePlace& place) {
  if (site_.on_gpu()) {
    cuda::decode(site_.stream(), list_, sets, threshold, ratio, place, on_gpu_.scratch.data());
    return;
  }
  for (const auto& rows : sets) {
    append_candidates(on_host_, rows, threshold, ratio, place);
  }
}

template void Candidates::append(const AnchorSets&, float, const ops::LetterboxRatio&, const FramePlace&);
template void Candidates::append(const YoloSets&, float, const ops::LetterboxRatio&, const FramePlace&);
template void Candidates::append(const YunetSets&, float, const ops::LetterboxRatio&, const FramePlace&);

Detections Candidates::kept(float score, float nms) const {
  Detections result;
  if (!site_.on_gpu()) {
    for (const int index : ops::suppress(on_host_.boxes, on_host_.scores, score, nms)) {
      const auto i = static_cast<std::size_t>(index);
      result.append({on_host_.boxes[i], on_host_.scores[i], on_host_.points[i]});
    }
    return result;
  }
  const auto capacity = static_cast<std::size_t>(capacity_);
  auto indices = site_.values<int>(capacity);
  auto count = site_.values<int>(1);
  auto scratch = site_.values<int>(ops::cuda::suppress_scratch(capacity_));
  ops::cuda::suppress(site_.stream(), {indices.data(), count.data()}, list_.boxes, list_.scores,
                      {capacity_, list_.count}, score, nms, scratch.data());
  const auto fetched = [&](int rows) {
    auto faces = site_.values<KeptFace>(static_cast<std::size_t>(rows));
    cuda::keep(site_.stream(), {faces.data(), faces.size()}, list_, indices.data(), count.data());
    return site_.copy_out(faces);
  };
  std::vector<KeptFace> faces = fetched(kFirstLook);
  const int total = faces.front().total;
  if (total > kFirstLook) {
    faces = fetched(total);
  }
  for (int i = 0; i < total; ++i) {
    result.append(faces[static_cast<std::size_t>(i)].face);
  }
  return result;
}

Detections Candidates::all() const {
  if (!site_.on_gpu()) {
    return on_host_;
  }
  Detections result{site_.copy_out(on_gpu_.boxes), site_.copy_out(on_gpu_.scores), site_.copy_out(on_gpu_.points)};
  const auto count = static_cast<std::size_t>(site_.copy_out(on_gpu_.count).front());
  result.boxes.resize(count);
  result.scores.resize(count);
  result.points.resize(count);
  return result;
}

}  // namespace facegraph::analysers
