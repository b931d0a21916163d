#include "pipeline/workflows/engine.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "analysers/content/content_analyser.hpp"
#include "core/base/file.hpp"
#include "media/media.hpp"
#include "models/download/provide.hpp"
#include "ops/colour/colour.hpp"
#include "ops/threads.hpp"

namespace facegraph::pipeline {

namespace {

// Of auto: more lanes than that were not seen to gain anything, nor one for fewer frames: while a lane's models are
// loaded and captured, the others get less done (docs/decisions/0014-lanes.md).
constexpr int kMostLanesPerGpu = 4;
constexpr std::int64_t kFramesPerLane = 250;
constexpr std::int64_t kTilesPerLane = 3000;
// Where frames go together: one more than these gained nothing, and was still being opened when the frames were done.
constexpr int kMostLanesOfBatches = 2;

// More than a lane takes beside what its models' files hold: docs/decisions/0014-lanes.md.
constexpr std::size_t kTimesFiles = 4;

int core_count() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int lanes_for(const RunOptions& options) {
  const int lanes = std::min(options.thread_count, core_count());
  const int gpus = static_cast<int>(options.execution.device_ids.size());
  if (options.execution.on_cuda()) {
    const int most = options.execution.batch_frames == 1 ? kMostLanesPerGpu : kMostLanesOfBatches;
    return options.lanes ? *options.lanes * gpus : std::max(gpus, std::min(lanes, most * gpus));
  }
  return std::min(options.lanes.value_or(lanes), core_count());
}

runtime::ExecutionOptions execution(const RunOptions& options, bool picture) {
  runtime::ExecutionOptions execution = options.execution;
  // Frames of a video keep the cores busy side by side, each on one core; a single picture has nothing beside it.
  execution.threads_per_session = picture ? core_count() : 1;
  execution.shares_weights = !picture && (lanes_for(options) > static_cast<int>(execution.device_ids.size()) ||
                                          execution.batch_frames.value_or(2) > 1);
  return execution;
}

}  // namespace

Engine::Engine(const core::OptionValues& values, const RunOptions& options)
    : face_analyser_(analysers::FaceAnalyserOptions::from(values)),
      selector_(analysers::SelectorOptions::from(values)),
      tracker_(analysers::TrackerOptions::from(values)),
      voice_extractor_(analysers::VoiceExtractorOptions::from(values)),
      processors_(processors::make_processors(values)),
      store_(models::Store::standard()) {
  const bool picture = media::kind_of(options.target_path) == media::MediaKind::kImage;
  pool_ = std::make_unique<runtime::InferencePool>(execution(options, picture));
  device_ids_ = options.execution.device_ids;
  lane_count_ = picture ? 1 : lanes_for(options);
  frames_at_once_ = picture ? 1 : static_cast<std::size_t>(pool_->frames_at_once());
  lanes_chosen_ = options.execution.on_cuda() && !options.lanes;
  ops::set_operator_threads(picture ? 0 : 1);
}

std::int64_t Engine::runs_per_frame(core::Size size) const {
  std::int64_t runs = 1;
  for (const auto& processor : processors_) {
    runs = std::max(runs, processor->runs_per_frame(size));
  }
  return runs;
}

int Engine::lane_count(std::int64_t frames, std::int64_t runs) const {
  if (!lanes_chosen_) {
    return lane_count_;
  }
  const std::int64_t for_tiles = frames_at_once_ == 1 ? frames * runs / kTilesPerLane : 0;  // else those fill the GPU
  const std::int64_t worth =
      std::max({static_cast<std::int64_t>(device_ids_.size()), frames / kFramesPerLane, for_tiles});
  return static_cast<int>(std::min<std::int64_t>(lane_count_, worth));
}

// All lanes may then be opened at once. Not by a first run, whose searches for kernels go one after the other: the
// first lane's would wait for the others'.
bool Engine::has_evident_room(LaneWork work) const {
  const std::vector<runtime::ModelSource> models = lane_models(work);
  if (!pool_->knows_any(models)) {
    return false;
  }
  std::size_t bytes = 0;
  for (const runtime::ModelSource& model : models) {
    bytes += core::size_or_zero(model.path);
  }
  const std::size_t lanes = (static_cast<std::size_t>(lane_count_) + device_ids_.size() - 1) / device_ids_.size();
  return std::all_of(device_ids_.begin(), device_ids_.end(),
                     [&](int id) { return lanes * kTimesFiles * bytes <= pool_->memory(id).free / 2; });
}

LaneRoom::Settings Engine::lane_settings(LaneWork work, std::int64_t runs) const {
  const bool evident = runs == 1 && has_evident_room(work);  // models of tiles take many times what their files hold
  LaneRoom::Settings settings{.devices = std::min(lane_count_, static_cast<int>(device_ids_.size())),
                              .measures = lanes_chosen_ && frames_at_once_ == 1 && !evident};
  if (pool_->gpu(device_ids_.front()) != nullptr) {
    settings.memory = [this](int number) { return pool_->memory(device_of(number)); };
  }
  return settings;
}

processors::Needs Engine::needs() const {
  processors::Needs all;
  for (const auto& processor : processors_) {
    const processors::Needs needs = processor->needs();
    all.source_image |= needs.source_image;
    all.source_face |= needs.source_face;
    all.source_audio |= needs.source_audio;
    all.target_faces |= needs.target_faces;
    all.target_embeddings |= needs.target_embeddings;
    all.target_classes |= needs.target_classes;
    all.target_frame |= needs.target_frame;
  }
  return all;
}

analysers::FaceFacts Engine::target_facts() const {
  const processors::Needs all = needs();
  return {.embedding = all.target_embeddings || selector_.mode == analysers::SelectorMode::kReference,
          .classes = all.target_classes || selector_.filters_classes()};
}

bool Engine::makes_alpha() const {
  return std::any_of(processors_.begin(), processors_.end(),
                     [](const auto& processor) { return processor->makes_alpha(); });
}

media::Provenance Engine::provenance(media::Provenance mark) const {
  std::set<std::string> opened;
  for (const runtime::ModelUse& use : pool_->use()) {
    opened.insert(use.name);
  }
  for (const std::string& known : mark.models) {
    opened.erase(known);
  }
  for (const auto& processor : processors_) {
    for (const models::ModelFile& file : processor->model_files()) {
      if (opened.erase(file.name) > 0) {  // each is named once
        mark.models.push_back(file.name);
      }
    }
  }
  return mark;
}

std::vector<models::ModelFile> Engine::model_files() const {
  std::vector<models::ModelFile> files = analysers::content_models(model_set());
  const auto add = [&](const std::vector<models::ModelFile>& more) {
    for (const models::ModelFile& file : more) {
      if (std::none_of(files.begin(), files.end(),
                       [&](const models::ModelFile& known) { return known.name == file.name; })) {
        files.push_back(file);
      }
    }
  };
  if (needs().target_faces) {
    add(analysers::face_analyser_models(face_analyser_));
  }
  if (needs().source_audio) {
    add(analysers::voice_extractor_models(voice_extractor_));
  }
  for (const auto& processor : processors_) {
    add(processor->model_files());
  }
  return files;
}

std::vector<runtime::ModelSource> Engine::lane_models(LaneWork work) const {
  std::vector<runtime::ModelSource> models;
  const auto add = [&](const std::vector<models::ModelFile>& files, runtime::Role role) {
    for (const models::ModelFile& file : files) {
      models.push_back({.name = file.name, .path = store_.path(file), .role = role});
    }
  };
  if (work != LaneWork::kProcess && needs().target_faces) {
    add(analysers::face_analyser_models(face_analyser_), runtime::Role::kDecides);
  }
  if (work != LaneWork::kAnalyse) {
    for (const auto& processor : processors_) {
      add(processor->model_files(), runtime::Role::kPixels);
    }
  }
  return models;
}

std::vector<runtime::ModelSource> Engine::gate_models() const {
  std::vector<runtime::ModelSource> models;
  for (const models::ModelFile& file : analysers::content_models(model_set())) {
    models.push_back({.name = file.name, .path = store_.path(file), .role = runtime::Role::kDecides});
  }
  return models;
}

void Engine::provide_models(const models::DownloadOptions& options, const core::StopToken& stop,
                            core::Progress& progress) const {
  const std::vector<models::ModelFile> files = model_files();
  models::provide(store_, files, options, stop, progress);
  std::vector<runtime::ModelSource> sources;
  for (const models::ModelFile& file : files) {
    sources.push_back({.name = file.name, .path = store_.path(file)});
  }
  pool_->prepare(std::move(sources));
}

processors::TempFrame split_alpha(core::ConstImageView frame) {
  processors::TempFrame temp{ops::first_three_channels(frame), {}};
  if (frame.channels == 4) {
    temp.mask = ops::extract_alpha(frame);
  }
  return temp;
}

core::Image join_alpha(processors::TempFrame temp) {
  return temp.mask.empty() ? std::move(temp.frame).take_image() : ops::merge_alpha(temp.frame, temp.mask);
}

processors::TempFrame copy_of(const processors::TempFrame& temp) {
  const auto copy = [](core::ConstImageView view) { return view.empty() ? core::Image() : core::Image::copy_of(view); };
  return {copy(temp.frame), copy(temp.mask)};
}

}  // namespace facegraph::pipeline
