#include "analysers/detector/candidates.hpp"

#include <utility>

#include "ops/face/face.hpp"
#include "ops/face/face_cuda.hpp"

namespace facegraph::analysers {

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

KeptFaces Candidates::keep(float score, float nms, std::size_t room) const {
  auto on_site = site_.values<KeptFace>(room);
  const std::span<KeptFace> faces(on_site.data(), room);
  if (site_.on_gpu()) {
    keep_on_gpu(faces, score, nms);
  } else {
    keep_on_host(faces, score, nms);
  }
  auto on_host = site_.fetch(std::span<const KeptFace>(faces));
  return {std::move(on_site), std::move(on_host)};
}

void Candidates::keep_on_host(std::span<KeptFace> faces, float score, float nms) const {
  const std::vector<int> kept = ops::suppress(on_host_.boxes, on_host_.scores, score, nms);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    faces[i] = {{}, static_cast<int>(kept.size())};
    if (i < kept.size()) {
      const auto index = static_cast<std::size_t>(kept[i]);
      faces[i].face = {on_host_.boxes[index], on_host_.scores[index], on_host_.points[index]};
    }
  }
}

void Candidates::keep_on_gpu(std::span<KeptFace> faces, float score, float nms) const {
  auto indices = site_.values<int>(static_cast<std::size_t>(capacity_));
  auto count = site_.values<int>(1);
  auto scratch = site_.values<int>(ops::cuda::suppress_scratch(capacity_));
  ops::cuda::suppress(site_.stream(), {indices.data(), count.data()}, list_.boxes, list_.scores,
                      {capacity_, list_.count}, score, nms, scratch.data());
  cuda::keep(site_.stream(), faces, list_, indices.data(), count.data());
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
