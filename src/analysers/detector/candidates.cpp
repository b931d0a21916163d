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

Detections Candidates::kept_on_host(float score, float nms) const {
  Detections result;
  for (const int index : ops::suppress(on_host_.boxes, on_host_.scores, score, nms)) {
    const auto i = static_cast<std::size_t>(index);
    result.append({on_host_.boxes[i], on_host_.scores[i], on_host_.points[i]});
  }
  return result;
}

void Candidates::keep(std::span<KeptFace> faces, float score, float nms) const {
  auto indices = site_.values<int>(static_cast<std::size_t>(capacity_));
  auto count = site_.values<int>(1);
  auto scratch = site_.values<int>(ops::cuda::suppress_scratch(capacity_));
  ops::cuda::suppress(site_.stream(), {indices.data(), count.data()}, list_.boxes, list_.scores,
                      {capacity_, list_.count}, score, nms, scratch.data());
  cuda::keep(site_.stream(), faces, list_, indices.data(), count.data());
}

std::vector<Detections> Candidates::kept(std::span<const Candidates> frames, float score, float nms) {
  std::vector<Detections> results;
  if (frames.empty() || !frames.front().site_.on_gpu()) {
    for (const Candidates& frame : frames) {
      results.push_back(frame.kept_on_host(score, nms));
    }
    return results;
  }
  const device::Site& site = frames.front().site_;
  std::vector<device::Values<KeptFace>> fetched;
  for (const Candidates& frame : frames) {
    auto faces = site.values<KeptFace>(kFirstLook);
    frame.keep({faces.data(), faces.size()}, score, nms);
    fetched.push_back(site.fetch(std::span<const KeptFace>(faces.data(), faces.size())));
  }
  site.wait();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::vector<KeptFace> faces(fetched[i].data(), fetched[i].data() + kFirstLook);
    const auto total = static_cast<std::size_t>(faces.front().total);
    if (total > faces.size()) {
      auto all = site.values<KeptFace>(total);
      frames[i].keep({all.data(), all.size()}, score, nms);
      faces = site.copy_out(all);
    }
    faces.resize(total);
    Detections& result = results.emplace_back();
    for (const KeptFace& kept : faces) {
      result.append(kept.face);
    }
  }
  return results;
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
