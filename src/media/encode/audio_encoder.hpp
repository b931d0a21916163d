// The sound beside the picture.
#pragma once

#include <memory>
#include <string>

#include "media/audio/audio_reader.hpp"
#include "media/encode/encoder.hpp"
#include "media/encode/frame_sink.hpp"

namespace facegraph::media {

class AudioTrack {
 public:
  // Reads the settings' file with this encoder. Throws Error(kFailed) when either cannot be used.
  AudioTrack(const AudioSettings& settings, const std::string& encoder, const std::string& format, bool global_header);

  void attach(Muxer& muxer) { encoder_.attach(muxer); }
  const AVCodecContext& context() const { return encoder_.context(); }

  // Encodes whole frames that end before this time of the output, seconds.
  void advance(double time);
  // Encodes what is left before this time and drains.
  void finish(double time);

 private:
  const AVFrame* peek();
  void encode(AVFrame& frame);

  AudioReader reader_;
  Encoder encoder_;
  FramePtr waiting_;
  std::int64_t samples_ = 0;
};

// The track for these settings that the container accepts beside the muxer's video: the named encoder (after the
// substitutions of spec 4.10), or the first of the list. None, after one warning, when there is no such track.
std::unique_ptr<AudioTrack> make_audio_track(const AudioSettings& settings, const std::string& format,
                                             const Muxer& muxer);

}  // namespace facegraph::media
