// Decoded frames to upright BGR pictures.
#pragma once

#include <memory>
#include <optional>

#include "core/types/image.hpp"
#include "media/decode/tone_map.hpp"
#include "media/ffmpeg.hpp"
#include "media/filter/filter_graph.hpp"
#include "media/filter/scaler.hpp"

namespace facegraph::media {

class FrameConverter {
 public:
  // Every picture gets the stream's display size, also when the frames change theirs.
  explicit FrameConverter(const AVStream& stream);

  core::Image convert(const AVFrame& frame);

 private:
  FramePtr upright(const AVFrame& frame);
  core::Image to_bgr(const AVFrame& frame);
  core::Image to_sdr(const AVFrame& frame);

  const AVStream& stream_;
  int rotation_;
  core::Size size_;
  Scaler scaler_;
  std::unique_ptr<FilterGraph> turn_;
  int turn_format_ = AV_PIX_FMT_NONE;
  core::Size turn_size_;
  std::optional<Scaler> deep_scaler_;
  std::optional<ToneMap> tone_map_;
  FramePtr padded_;
};

}  // namespace facegraph::media
