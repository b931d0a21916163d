// Pictures in, video packets out.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/types/image.hpp"
#include "media/encode/encoder.hpp"
#include "media/encode/encoder_clock.hpp"
#include "media/encode/frame_sink.hpp"
#include "media/encode/frame_timer.hpp"
#include "media/filter/filter_graph.hpp"
#include "media/filter/scaler.hpp"

namespace facegraph::media {

// Whether the container keeps frame times that follow no constant rate.
bool keeps_frame_times(const std::string& format);

class VideoEncoder {
 public:
  // Throws Error(kUsage) when FFmpeg has no such encoder, Error(kFailed) when it refuses the settings.
  VideoEncoder(const VideoSettings& settings, const std::string& format, bool global_header);

  void attach(Muxer& muxer) { encoder_->attach(muxer); }
  const AVCodecContext& context() const { return encoder_->context(); }

  void write(core::ConstImageView frame, double time);
  void finish(std::optional<double> end);  // of the last frame
  // Length of what was encoded so far, seconds.
  double duration() const { return timer_.end(); }
  double encoder_seconds() const { return clock_.seconds(); }

 private:
  void emit(FrameTimer::Span span);
  void encode(const AVFrame* frame);

  EncoderClock clock_;
  bool constant_rate_;
  double usual_step_;
  FrameTimer timer_;
  Scaler scaler_;
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<FilterGraph> palette_;  // GIF only
  FramePtr pending_;                      // its length is known when the next frame comes
};

}  // namespace facegraph::media
