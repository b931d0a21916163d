// The models of a run: opened per lane, applied to frames. Shared by both workflows.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "analysers/content/content_analyser.hpp"
#include "analysers/face/face_analyser.hpp"
#include "analysers/selector/selector.hpp"
#include "analysers/tracker/tracker.hpp"
#include "analysers/voice_extractor/voice_extractor.hpp"
#include "core/base/progress.hpp"
#include "core/base/stop.hpp"
#include "core/options/option.hpp"
#include "media/decode/frame_source.hpp"
#include "media/provenance/provenance.hpp"
#include "models/download/download_options.hpp"
#include "models/store/store.hpp"
#include "pipeline/options/pipeline_options.hpp"
#include "pipeline/workflows/lane_room.hpp"
#include "pipeline/workflows/voice_track.hpp"
#include "processors/processor.hpp"
#include "runtime/pool/inference_pool.hpp"

namespace facegraph::pipeline {

// Everything that frames are compared with; set before the first frame, constant after.
struct Given {
  processors::Sources sources;
  core::Faces source_faces;     // all faces of all source pictures
  core::Faces reference_faces;  // of the reference frame
  VoiceTrack voice;             // of the sources' sound
};

class Engine;

// What a lane is opened for.
enum class LaneWork { kAll, kAnalyse, kProcess };

// One thread's sessions and scratch: made, used and destroyed on that thread. Lanes are numbered from 0 and spread over
// the devices.
class Lane {
 public:
  Lane(const Engine& engine, const Given& given, int number = 0, LaneWork work = LaneWork::kAll);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  struct Analysed {
    core::Faces faces = {};
    device::Picture on_gpu = {};  // the frame as it now lies on the lane's GPU; empty on the host
  };
  // All faces of a frame; none when no processor asks for them.
  Analysed analyse(media::SourceFrame& frame);
  // A frame on the lane's GPU, from where it was decoded, else from the host; empty where the lane works on the host.
  device::Picture bring(media::SourceFrame& frame) const;
  struct Target {
    core::Faces faces = {};                 // of the untouched frame
    core::Size size = {};                   // of that frame
    core::ConstImageView frame = {};        // its pixels; empty unless a processor needs them
    const core::MelFrame* voice = nullptr;  // of the sources' sound during the frame; null: silence
  };
  // temp: the frame to edit, at its own resolution, on the host. It is as it was when this throws runtime::NotFinite.
  // on_gpu: temp.frame's pixels where they lie on the lane's GPU already, and temp.frame may be empty then; empty:
  // brought there when needed.
  void process(const Target& target, processors::TempFrame& temp, device::Picture on_gpu = {});

  // The same in two steps: begin() only enqueues what a GPU does, and end() waits for it. In between the lane may begin
  // other frames, and temp is empty. None: temp is ready.
  class Ending {
    friend class Lane;
    processors::TempFrame edited_;  // on its way to the host
    processors::TempFrame before_;
    runtime::FiniteCheck finite_;
    device::Mark mark_;
  };
  std::optional<Ending> begin(const Target& target, processors::TempFrame& temp, device::Picture on_gpu = {});
  void end(Ending ending, processors::TempFrame& temp) const;

 private:
  // Gives back what the thread holds on a GPU, when its sessions have gone.
  struct Release {
    runtime::InferencePool& pool;
    ~Release() { pool.release_lanes(); }
  };
  // target_on_gpu: empty, brought there when needed.
  void run_processors(const Target& target, const core::Faces& selected, device::Picture target_on_gpu,
                      processors::TempFrame& temp);

  const Engine& engine_;
  const Given& given_;
  Release release_;
  int device_id_ = 0;
  std::optional<analysers::FaceAnalyser> analyser_;
  // A processor and where its frames lie.
  struct Opened {
    std::unique_ptr<processors::FrameProcessor> processor;
    bool on_site = false;
    bool needs_target = false;
  };
  bool begins_on_gpu() const { return site_.on_gpu() && !processors_.empty() && processors_.front().on_site; }
  bool needs_target_on_gpu() const {
    return std::any_of(processors_.begin(), processors_.end(),
                       [](const Opened& opened) { return opened.on_site && opened.needs_target; });
  }
  void place(processors::TempFrame& temp, bool on_site);

  device::Site site_;
  bool placed_on_site_ = false;  // the frame in work
  std::vector<Opened> processors_;
};

class Engine {
 public:
  // Builds the processors; throws Error(kRefused) for what they cannot run, Error(kUsage) for what the model set
  // cannot. Loads nothing.
  explicit Engine(const core::OptionValues& values, const RunOptions& options);

  const std::vector<std::unique_ptr<processors::Processor>>& processors() const { return processors_; }
  const analysers::SelectorOptions& selector() const { return selector_; }
  const analysers::TrackerOptions& tracker() const { return tracker_; }
  const analysers::VoiceExtractorOptions& voice_extractor() const { return voice_extractor_; }
  const analysers::FaceAnalyserOptions& face_analyser() const { return face_analyser_; }
  models::ModelSet model_set() const { return face_analyser_.model_set; }
  processors::Needs needs() const;  // of all processors together
  // What selector and processors ask of the target's faces.
  analysers::FaceFacts target_facts() const;

  // Whether a frame may leave the processors with transparent pixels.
  bool makes_alpha() const;

  // What an output is marked with: the target's mark, and those models of the processors that were opened, all of which
  // happens before the first frame is processed.
  media::Provenance provenance(media::Provenance mark) const;

  // Every file that the run will open.
  std::vector<models::ModelFile> model_files() const;
  // Of these, what a lane may open: networks that decide, and those of processors.
  std::vector<runtime::ModelSource> lane_models(LaneWork work) const;
  // Fetches those that are missing. Present and whole then, or Error(kFailed); Error(kStopped). The pool begins to make
  // them ready.
  void provide_models(const models::DownloadOptions& options, const core::StopToken& stop,
                      core::Progress& progress) const;

  // Of the calling thread, which works on that lane's device.
  analysers::Context context(int lane = 0) const {
    const int device_id = device_of(lane);
    return {*pool_, store_, device_id, pool_->site(device_id)};
  }
  runtime::InferencePool& pool() const { return *pool_; }
  // What decodes for the lanes: the first GPU, if any. Lanes of others get its frames through the host.
  device::Gpu* decoding_gpu() const { return pool_->gpu(device_ids_.front()); }

  // Lanes that work at once on frames of a video, at most: not more than cores, nor, as each holds weights of its own
  // there, than a few per GPU. A single picture has one lane, with all cores.
  int lane_count() const { return lane_count_; }
  // Those that are worth opening for so many frames.
  int lane_count(std::int64_t frames) const;
  // How many of them are opened: as many as were asked for, or as fit.
  LaneRoom::Settings lane_settings() const;

 private:
  int device_of(int lane) const { return device_ids_[static_cast<std::size_t>(lane) % device_ids_.size()]; }

  analysers::FaceAnalyserOptions face_analyser_;
  analysers::SelectorOptions selector_;
  analysers::TrackerOptions tracker_;
  analysers::VoiceExtractorOptions voice_extractor_;
  std::vector<std::unique_ptr<processors::Processor>> processors_;
  models::Store store_;
  std::unique_ptr<runtime::InferencePool> pool_;
  std::vector<int> device_ids_;
  int lane_count_ = 1;
  bool lanes_measured_ = false;  // their number is auto, on GPUs
};

// A frame with its alpha split off, ready for processors, and back.
processors::TempFrame split_alpha(core::ConstImageView frame);
core::Image join_alpha(processors::TempFrame temp);

}  // namespace facegraph::pipeline
