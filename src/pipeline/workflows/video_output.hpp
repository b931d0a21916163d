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
  // number, time: of the frame in the target, rising. The frame as media::FrameSink takes it.
  virtual void write(core::ConstImageView frame, std::int64_t number, double time) = 0;
  // Completes the file. False when no frame was written.
  virtual bool finish() = 0;
  virtual double encoder_seconds() const = 0;
};

// The sound for a video whose first frame has this time in the target.
using SoundOf = std::function<std::optional<media::AudioSettings>(double first_time)>;

// What the file that is begun with the first frame is marked with.
using MarkOf = std::function<media::Provenance()>;

// settings: but for sound and mark, which are asked for when the first frame is there.
std::unique_ptr<VideoOutput> whole_video(const media::VideoSettings& settings, SoundOf sound, MarkOf mark);

// Nothing is written, for who measures what comes before.
std::unique_ptr<VideoOutput> no_video();

// The same pictures, through files of `length` frames each in the folder, which are joined at the end. Each has its own
// mark, the film those of all. Goes on where
// the folder's point is: with the frame `next_frame`. origin(): the time of the first frame read.
std::unique_ptr<VideoOutput> segmented_video(const media::VideoSettings& settings, SoundOf sound, MarkOf mark,
                                             SegmentFolder folder, std::int64_t length, std::function<double()> origin);

}  // namespace facegraph::pipeline
