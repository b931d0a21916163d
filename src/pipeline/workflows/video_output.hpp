// The video being written: in one go, or in segments that a later run can go on from.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "core/types/image.hpp"
#include "media/encode/frame_sink.hpp"
#include "pipeline/workflows/segment_folder.hpp"

namespace facegraph::pipeline {

class VideoOutput {
 public:
  virtual ~VideoOutput() = default;
  // number, time: of the frame in the target, rising. Three or four channels, the same for all frames.
  virtual void write(core::ConstImageView frame, std::int64_t number, double time) = 0;
  // Completes the file. False when no frame was written.
  virtual bool finish() = 0;
  virtual double encoder_seconds() const = 0;
};

// The sound for a video whose first frame has this time in the target.
using SoundOf = std::function<std::optional<media::AudioSettings>(double first_time)>;

// settings: but for sound and alpha, which follow from the first frame.
std::unique_ptr<VideoOutput> whole_video(const media::VideoSettings& settings, SoundOf sound);

// The same pictures, through files of `length` frames each in the folder, which are joined at the end. Goes on where
// the folder's point is: with the frame `next_frame`. origin(): the time of the first frame read.
std::unique_ptr<VideoOutput> segmented_video(const media::VideoSettings& settings, SoundOf sound, SegmentFolder folder,
                                             std::int64_t length, std::function<double()> origin);

}  // namespace facegraph::pipeline
