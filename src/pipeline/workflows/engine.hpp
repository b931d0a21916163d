// The models of a run and what they ask for. Shared by both workflows; lanes (lane.hpp) open them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "analysers/face/face_analyser.hpp"
#include "analysers/selector/selector.hpp"
#include "analysers/tracker/tracker.hpp"
#include "analysers/voice_extractor/voice_extractor.hpp"
#include "core/base/progress.hpp"
#include "core/base/stop.hpp"
#include "core/options/option.hpp"
#include "media/provenance/provenance.hpp"
#include "models/download/download_options.hpp"
#include "models/store/store.hpp"
#include "pipeline/options/pipeline_options.hpp"
#include "pipeline/workflows/lane_room.hpp"
#include "processors/processor.hpp"
#include "runtime/pool/inference_pool.hpp"

namespace facegraph::pipeline {

// What a lane is opened for.
enum class LaneWork { kAll, kAnalyse, kProcess };

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
  // What the content gate opens.
  std::vector<runtime::ModelSource> gate_models() const;
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
  // What decodes for the lanes: the first GPU, if any. Lanes of others get its frames from there.
  device::Gpu* decoding_gpu() const { return pool_->gpu(device_ids_.front()); }

  // Lanes that work at once on frames of a video, at most: not more than cores, nor, as each holds weights of its own
  // there, than a few per GPU. A single picture has one lane, with all cores.
  int lane_count() const { return lane_count_; }
  // Those that are worth opening for so many frames of so many runs_per_frame().
  int lane_count(std::int64_t frames, std::int64_t runs = 1) const;
  // Of the models, the one that runs most often for a frame of that size; those of faces run once for each of them.
  std::int64_t runs_per_frame(core::Size size) const;
  // Frames of a video that a lane takes together, at most.
  std::size_t frames_at_once() const { return frames_at_once_; }
  // How many of them are opened: as many as were asked for, or as fit.
  LaneRoom::Settings lane_settings(LaneWork work = LaneWork::kAll, std::int64_t runs = 1) const;

 private:
  bool has_evident_room(LaneWork work) const;
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
  bool lanes_chosen_ = false;  // their number is auto, on GPUs
  std::size_t frames_at_once_ = 1;
};

// A frame with its alpha split off, ready for processors, and back.
processors::TempFrame split_alpha(core::ConstImageView frame);
core::Image join_alpha(processors::TempFrame temp);
// Of one on the host, or of none.
processors::TempFrame copy_of(const processors::TempFrame& temp);

}  // namespace facegraph::pipeline
