// The first audio stream of a file from one time to another, in the form that is wanted.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "media/ffmpeg.hpp"
#include "media/filter/filter_graph.hpp"
#include "media/probe/input.hpp"

namespace facegraph::media {

struct AudioRange {
  double start = 0;  // seconds since the first video frame of the file, or since its first sound when it has no video
  std::optional<double> end;
};

// What an encoder takes, as FFmpeg's filter aformat. sample_rates: what the container takes; empty: what the encoder
// takes.
std::string accepted_formats(const AVCodec& encoder, const std::string& sample_rates);

class AudioReader {
 public:
  // filters: FFmpeg's, for the sound within the range; the last one, aformat, says what forms may come out. Throws
  // Error(kFailed): no sound, no decoder.
  AudioReader(const std::filesystem::path& path, const AudioRange& range, const std::string& filters);

  // Format, rate and layout of the frames that come.
  void describe(AVCodecContext& encoder) const;
  void set_frame_size(int samples);

  // The next frame (of the size set, the last one shorter); null at the end. Silence stands where the file has none, so
  // that the first sample is the sound at `start`.
  FramePtr next();

 private:
  // False at the end of the file.
  bool feed();
  void push(AVFrame& frame);

  std::string name_;
  Input input_;
  CodecPtr decoder_;
  std::unique_ptr<FilterGraph> graph_;
  PacketPtr packet_ = make_packet();
  FramePtr frame_ = make_frame();
  std::int64_t origin_ = 0;     // file time of `start`, in samples
  std::int64_t next_time_ = 0;  // expected time of the next decoded frame, in samples
  std::optional<double> length_;
  bool ended_ = false;
};

}  // namespace facegraph::media
