#include "media/encode/frame_sink.hpp"

#include <memory>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "media/encode/audio_encoder.hpp"
#include "media/encode/muxer.hpp"
#include "media/encode/video_encoder.hpp"
#include "media/file/output_file.hpp"
#include "media/media.hpp"

namespace facegraph::media {
namespace {

class VideoSink final : public FrameSink {
 public:
  VideoSink(const VideoSettings& settings, const std::string& format)
      : file_(settings.path),
        muxer_(file_.partial(), settings.path.string()),
        video_(settings, format, muxer_.wants_global_header()) {
    video_.attach(muxer_);
    if (settings.audio) {
      audio_ = make_audio_track(*settings.audio, format, muxer_);
    }
    if (audio_) {
      audio_->attach(muxer_);
    }
    muxer_.mark(settings.provenance);
    muxer_.begin();
  }

  void write(core::ConstImageView frame, double time) override {
    video_.write(frame, time);
    if (audio_) {
      audio_->advance(video_.duration());
    }
  }

  using FrameSink::finish;
  void finish(std::optional<double> end) override {
    video_.finish(end);
    if (audio_) {
      audio_->finish(video_.duration());
    }
    muxer_.finish();
    file_.commit();
  }

  double encoder_seconds() const override { return video_.encoder_seconds(); }

 private:
  // Destroyed in reverse: encoders, container, then the unfinished file.
  OutputFile file_;
  Muxer muxer_;
  VideoEncoder video_;
  std::unique_ptr<AudioTrack> audio_;
};

void check_settings(const VideoSettings& settings) {
  if (settings.size.width <= 0 || settings.size.height <= 0 || settings.frame_rate.value() <= 0) {
    core::fail(core::ErrorCode::kFailed, "{}: a video of {}x{} at {} frames per second cannot be written",
               settings.path.string(), settings.size.width, settings.size.height, settings.frame_rate.value());
  }
}

}  // namespace

std::unique_ptr<FrameSink> create_video(const VideoSettings& settings) {
  check_settings(settings);
  const std::string format = format_of(settings.path);
  VideoSettings used = settings;
  used.encoder = substitute_video_encoder(format, settings.encoder);
  if (used.encoder != settings.encoder && format != "gif") {
    core::log_debug("media", "{}: encoder {} is used, {} does not carry {}", settings.path.string(), used.encoder,
                    format, settings.encoder);
  }
  if (format == "gif") {
    used.audio.reset();
  }
  return std::make_unique<VideoSink>(used, format);
}

}  // namespace facegraph::media
