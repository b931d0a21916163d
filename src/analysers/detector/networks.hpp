// The detector families.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "analysers/detector/decode_formula.hpp"
#include "analysers/detector/detector.hpp"
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

// What the families share: the frame letterboxed into the one input `input`, one run, decoding.
class LetterboxDetector : public DetectorNetwork {
 public:
  void look(core::ConstImageView frame, const std::array<int, 4>& margin) final;
  void append(Candidates& found, const FramePlace& place) const final;

 protected:
  LetterboxDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options,
                    const ops::ValueTable& table);

  // Appends what the outputs hold, times `ratio`.
  virtual void decode(Candidates& found, const ops::LetterboxRatio& ratio, const FramePlace& place) const = 0;

  // Of one of the kStrides, or of all together, with that many anchors in a cell.
  int rows_of(int stride, int per_cell) const { return ops::anchor_rows(stride, per_cell, size_); }
  int rows_of_all(int per_cell) const;

  core::Size size() const { return size_; }
  float score() const { return score_; }  // the threshold
  const runtime::Session& session() const { return session_; }
  // Of an output, on the site.
  const float* values(std::size_t output) const { return session_.output(output).on<const float>(site_).data(); }

 private:
  device::Site site_;
  core::Size size_;
  float score_;
  ops::SiteTable table_;
  runtime::Session session_;
  std::optional<ops::LetterboxRatio> ratio_;  // of the last frame; none: nothing of it was left
};

}  // namespace facegraph::analysers
