// Where frames go: an encoder with its container, and the sound beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/types/image.hpp"
#include "media/probe/probe.hpp"
#include "media/provenance/provenance.hpp"

namespace facegraph::media {

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // time: seconds, strictly increasing; the output begins with the first frame. A segment of a film gets the film's
  // times: then its frames are those that the film has there. BGR or BGRA of any size, scaled to the output's; with one
  // channel ops::i420_planes() of the output's size, where takes_i420().
  virtual void write(core::ConstImageView frame, double time) = 0;
  // Drains the encoder, writes the sound's rest and the trailer. Without it the destructor leaves nothing under the
  // final name. end: where the last frame ends; none: it lasts as long as the one before it.
  virtual void finish(std::optional<double> end) = 0;
  void finish() { finish(std::nullopt); }
  // CPU seconds inside the encoder, its threads included; known after finish().
  virtual double encoder_seconds() const = 0;
};

struct AudioSettings {
  std::filesystem::path path;  // file whose first audio stream is taken
  double start = 0;  // seconds since the file's first video frame (of the first sound in a file without video)
  std::optional<double> end;
  // Empty: the first listed encoder that container and FFmpeg accept. A named one that cannot be used, like a file
  // without usable sound, costs one warning and the sound.
  std::string encoder;
  int quality = 80;  // 0..100, spec 4.11
  int volume = 100;  // percent
};

struct VideoSettings {
  std::filesystem::path path;  // final name; written beside it and renamed by finish()
  core::Size size;             // output resolution, even
  Rational frame_rate;         // output rate
  bool constant_rate = true;   // false: keep the frames' own times (variable rate) where the container can
  double frame_duration = 0;   // of an input frame, seconds: how long a video of one frame lasts; 0: 1 / frame_rate
  std::string encoder = "libx264";
  std::string preset = "veryfast";
  int quality = 80;
  // Colours as swscale makes them of RGB pictures; else as of BGR frames of the output's size: about half a level
  // darker.
  bool rounded_colours = false;
  bool alpha = false;  // four-channel frames for encoders that carry alpha
  std::optional<AudioSettings> audio;
  Provenance provenance;  // the mark; written into every container but mpeg, which has no place for it
};

// Settings as the encoder gets them: pure functions, tested without encoding. spec application.md 4.10, 4.11
std::string substitute_video_encoder(const std::string& format, const std::string& encoder);
std::string substitute_audio_encoder(const std::string& format, const std::string& encoder);
std::vector<std::pair<std::string, std::string>> video_encoder_options(const std::string& encoder,
                                                                       const std::string& preset, int quality);
struct AudioQuality {
  std::optional<double> quality_scale;  // -q:a
  std::optional<int> bit_rate_k;        // -b:a
};
AudioQuality audio_encoder_quality(const std::string& encoder, int quality);

// Names of the listed encoders that the linked FFmpeg has, canonical order.
std::vector<std::string> available_video_encoders();
std::vector<std::string> available_audio_encoders();

// Whether frames may come as the planes that the encoder takes: then they are ops::bgr_to_yuv420() of what would have
// been a BGR frame, and the file is the same.
bool takes_i420(const VideoSettings& settings);

// Opens an encoder that works on hardware, and closes it. Throws as create_video(): a run can know it early.
void check_hardware(const VideoSettings& settings);

// Throws Error(kUsage/kFailed): encoder not available (named, with those present), folder not writable, ...
std::unique_ptr<FrameSink> create_video(const VideoSettings& settings);

}  // namespace facegraph::media
