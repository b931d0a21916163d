// Where frames are worked on: one thread's sessions and scratch. Shared by both workflows.
#pragma once

#include <algorithm>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analysers/face/face_analyser.hpp"
#include "core/types/audio.hpp"
#include "core/types/face.hpp"
#include "media/decode/frame_source.hpp"
#include "pipeline/workflows/engine.hpp"
#include "pipeline/workflows/voice_track.hpp"
#include "processors/processor.hpp"

namespace facegraph::pipeline {

struct GivenSources : processors::Sources {
  core::Faces faces = {};  // all faces of all source pictures
};

// Everything that frames are compared with; set before the first frame, constant after. Lanes may be opened while the
// sources are still looked at.
struct Given {
  std::shared_future<GivenSources> sources;
  core::Faces reference_faces = {};  // of the reference frame
  VoiceTrack voice = {};             // of the sources' sound
};

// Made, used and destroyed on its thread. Lanes are numbered from 0 and spread over the devices.
class Lane {
 public:
  // Opens what needs no sources, waits for them, and opens the processors; throws what the search for them threw.
  Lane(const Engine& engine, const Given& given, int number = 0, LaneWork work = LaneWork::kAll);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  struct Analysed {
    core::Faces faces = {};
    device::Picture on_gpu = {};  // the frame as it now lies on the lane's GPU; empty on the host
  };
  // All faces of each frame; none when no processor asks for them. Throws runtime::NotFinite, whichever it is.
  std::vector<Analysed> analyse(std::span<media::SourceFrame* const> frames);
  // A frame on the lane's GPU; empty where the lane works on the host.
  device::Picture bring(media::SourceFrame& frame) const { return frame.brought_to(site_); }

  // Frames that go through models together. The last group of a film may have fewer: copies of its last frame are to
  // fill it up, for models that are made ready for one frame would cost more than they.
  std::size_t frames_together() const;

  // Whether Target::frame has to be there. edits_it: what is edited are the frame's own pixels.
  bool needs_target(bool edits_it) const;

  struct Target {
    core::Faces faces = {};                 // of the untouched frame
    core::Size size = {};                   // of that frame
    core::ConstImageView frame = {};        // its pixels, on the host; may be empty where needs_target() says so
    const core::MelFrame* voice = nullptr;  // of the sources' sound during the frame; null: silence
    core::Size i420 = {};  // a frame of this size that ends on a GPU comes back as ops::i420_planes(), without alpha
  };
  struct Edit {
    Target target = {};
    // To edit, at its own resolution, on the host. It is as it was when this throws runtime::NotFinite.
    processors::TempFrame temp = {};
    // temp.frame's pixels where they lie on the lane's GPU already, and temp.frame may be empty then; empty: brought
    // there when needed.
    device::Picture on_gpu = {};
  };
  void process(Edit& edit);

  // The same with several frames and in two steps: begin() only enqueues what a GPU does, and end() waits for it. In
  // between the lane may begin other frames, and temp is empty. None: all is done. NotFinite: of any of them.
  class Ending {
    friend class Lane;
    struct Frame {
      processors::TempFrame edited;  // on its way to the host
      processors::TempFrame before;
    };
    std::vector<Frame> frames_;
    runtime::FiniteCheck finite_;
    device::Mark mark_;
  };
  std::optional<Ending> begin(std::span<Edit> edits);
  void end(Ending ending, std::span<Edit> edits) const;

 private:
  // Gives back what the thread holds on a GPU, when its sessions have gone.
  struct Release {
    runtime::InferencePool& pool;
    ~Release() { pool.release_lanes(); }
  };
  // A processor and where its frames lie.
  struct Opened {
    std::unique_ptr<processors::FrameProcessor> processor;
    bool on_site = false;
    bool needs_target = false;
  };
  // A frame between begin() and its end.
  struct Begun {
    Edit* edit = nullptr;
    core::Faces selected = {};
    device::Picture target_on_gpu = {};  // beside the frame that is worked on
    std::optional<processors::TempFrame> before = {};
  };
  Begun place_first(Edit& edit) const;
  void run_processors(std::span<Begun> frames);
  void place(std::span<Begun> frames, bool on_site);
  processors::FrameFacts facts_for(const Opened& opened, Begun& frame) const;
  Ending fetch(std::span<Begun> frames) const;
  bool begins_on_gpu() const { return site_.on_gpu() && !processors_.empty() && processors_.front().on_site; }
  bool needs_target_on_gpu() const {
    return std::any_of(processors_.begin(), processors_.end(),
                       [](const Opened& opened) { return opened.on_site && opened.needs_target; });
  }

  const Engine& engine_;
  const Given& given_;
  Release release_;
  int device_id_ = 0;
  std::optional<analysers::FaceAnalyser> analyser_;
  device::Site site_;
  bool placed_on_site_ = false;   // the frames in work
  bool expects_another_ = false;  // group of frames before one has ended
  std::vector<Opened> processors_;
};

}  // namespace facegraph::pipeline
