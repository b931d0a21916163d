// The detector families.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "analysers/detector/decode_formula.hpp"
#include "analysers/detector/detector.hpp"
#include "analysers/shared/runs.hpp"
#include "ops/site/site.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

// retinaface and scrfd: nine outputs per stride, two anchors per cell. spec: analysis.md 4.3
std::unique_ptr<DetectorNetwork> make_anchor_detector(const Context& context, const models::ModelFile& file,
                                                      const DetectorOptions& options);
// yolo_face: spec analysis.md 4.4
std::unique_ptr<DetectorNetwork> make_yolo_detector(const Context& context, const models::ModelFile& file,
                                                    const DetectorOptions& options);
// yunet: spec analysis.md 4.5
std::unique_ptr<DetectorNetwork> make_yunet_detector(const Context& context, const models::ModelFile& file,
                                                     const DetectorOptions& options);

// Of retinaface, scrfd and yunet.
inline constexpr std::array<int, 3> kStrides{8, 16, 32};

// What a network gave for one view of a run.
class NetworkResult {
 public:
  NetworkResult(const runtime::Session& session, std::size_t item, const device::Site& site)
      : session_(session), item_(item), site_(site) {}
  // Of an output, on the site.
  const float* values(std::size_t output) const { return part_of<float>(session_, output, item_, site_).data(); }

 private:
  const runtime::Session& session_;
  std::size_t item_;
  const device::Site& site_;
};

// What the families share: views letterboxed into the one input `input`, one run for several, decoding of each.
class LetterboxDetector : public DetectorNetwork {
 public:
  void look(std::span<const DetectorView> views) final;

 protected:
  // Of a session that takes `batch` views: throws where it is not the family's.
  using ExpectOutputs = std::function<void(const runtime::Session& session, std::int64_t batch)>;

  LetterboxDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options,
                    const ops::ValueTable& table, const ExpectOutputs& expect_outputs);

  // Appends what the outputs hold, times `ratio`.
  virtual void decode(Candidates& found, const NetworkResult& result, const ops::LetterboxRatio& ratio,
                      const FramePlace& place) const = 0;

  // Of one of the kStrides, or of all together, with that many anchors in a cell.
  int rows_of(int stride, int per_cell) const { return ops::anchor_rows(stride, per_cell, size_); }
  int rows_of_all(int per_cell) const;

  core::Size size() const { return size_; }
  float score() const { return score_; }  // the threshold
  const runtime::Session& session() { return sessions_.for_parts(1); }

 private:
  bool is_empty(const DetectorView& view) const;

  device::Site site_;
  core::Size size_;
  float score_;
  ops::SiteTable table_;
  runtime::BatchedSession sessions_;
};

}  // namespace facegraph::analysers
