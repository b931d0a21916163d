// What the lanes of a video do with its frames: find their faces, edit them.
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/types/image.hpp"
#include "pipeline/workflows/lane.hpp"
#include "pipeline/workflows/reference.hpp"
#include "pipeline/workflows/target_frame.hpp"
#include "pipeline/workflows/temp_frames.hpp"
#include "pipeline/workflows/unchanged_frames.hpp"
#include "pipeline/workflows/work_time.hpp"

namespace facegraph::pipeline {

struct Processed {
  core::Image frame;  // as media::FrameSink takes it; empty where it was written to a file
  std::int64_t number = 0;
  double time = 0;
};

// Used by all lanes at once; all that it is made of outlives it.
class VideoFrames {
 public:
  struct Video {
    const Given& given;
    const Reference& reference;
    const std::optional<double>& origin;     // time of the first frame; set when a frame comes
    const std::optional<TempFrames>& files;  // of the strategy disk: what is edited
    core::Size size;                         // of what is edited
    bool alpha = false;                      // what is edited keeps its transparency
    core::Size i420 = {};                    // of frames that may end as planes (Lane::Target)
  };
  explicit VideoFrames(Video video) : video_(video) {}

  // Sets their faces; a frame for which a model gives NaN or infinity is to pass unchanged. An error says which frames
  // it came with.
  void find_faces(Lane& lane, std::span<TargetFrame> frames);

  // Edits them, looking for faces where nobody has. Ready, but for what a GPU still works on.
  std::future<std::vector<Processed>> process(Lane& lane, std::vector<TargetFrame> frames);

  const UnchangedFrames& unchanged() const { return unchanged_; }
  double analysing_seconds() const { return analysing_.seconds(); }
  double processing_seconds() const { return processing_.seconds(); }

 private:
  // Frames that a lane edits together.
  struct Group {
    std::vector<TargetFrame> frames;
    std::vector<std::optional<core::MelFrame>> voices = {};
    std::vector<Lane::Edit> edits = {};
    std::optional<Lane::Ending> ending = {};
  };
  // find_faces(), and the frames as they then lie on the lane's GPU; empty where they have not been brought there.
  std::vector<device::Picture> look(Lane& lane, std::span<TargetFrame> frames);
  void prepare(Lane& lane, Group& group, std::vector<device::Picture> on_gpu) const;
  void begin(Lane& lane, Group& group);
  std::vector<Processed> finish(Lane& lane, Group& group);
  void edit_each_alone(Lane& lane, Group& group);
  // Does the work on the frames of a group. Where a model gives NaN or infinity, each is done alone, so that only those
  // pass unchanged that have to.
  template <typename Work>
  void guard(Lane& lane, Group& group, const Work& work);
  processors::TempFrame temp_frame(const Lane& lane, TargetFrame& frame) const;
  Processed finished(processors::TempFrame temp, const TargetFrame& frame) const;
  // Whether the processors edit the target's own pixels.
  bool edits_target(const TargetFrame& frame) const { return !video_.files && frame.size() == video_.size; }

  const Video video_;
  UnchangedFrames unchanged_;
  WorkTime analysing_;
  WorkTime processing_;
};

}  // namespace facegraph::pipeline
