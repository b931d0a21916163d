#include "pipeline/workflows/engine.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "core/base/log.hpp"
#include "media/media.hpp"
#include "models/download/provide.hpp"
#include "ops/colour/colour.hpp"
#include "ops/face/face.hpp"
#include "ops/threads.hpp"
#include "runtime/session/not_finite.hpp"

namespace facegraph::pipeline {

namespace {

// Of auto: more lanes than that were not seen to gain anything, nor one for fewer frames: while a lane's models are
// loaded and captured, the others get less done (docs/decisions/0014-lanes.md).
constexpr int kMostLanesPerGpu = 4;
constexpr std::int64_t kFramesPerLane = 250;

int core_count() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

runtime::ExecutionOptions execution(const RunOptions& options, bool picture) {
  runtime::ExecutionOptions execution = options.execution;
  // Frames of a video keep the cores busy side by side, each on one core; a single picture has nothing beside it.
  execution.threads_per_session = picture ? core_count() : 1;
  return execution;
}

int lanes_for(const RunOptions& options) {
  const int lanes = std::min(options.thread_count, core_count());
  const int gpus = static_cast<int>(options.execution.device_ids.size());
  if (options.execution.on_cuda()) {
    return options.lanes ? *options.lanes * gpus : std::max(gpus, std::min(lanes, kMostLanesPerGpu * gpus));
  }
  return std::min(options.lanes.value_or(lanes), core_count());
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
  lanes_measured_ = options.execution.on_cuda() && !options.lanes;
  ops::set_operator_threads(picture ? 0 : 1);
}

int Engine::lane_count(std::int64_t frames) const {
  if (!lanes_measured_) {
    return lane_count_;
  }
  const std::int64_t worth =
      std::max<std::int64_t>(static_cast<std::int64_t>(device_ids_.size()), frames / kFramesPerLane);
  return static_cast<int>(std::min<std::int64_t>(lane_count_, worth));
}

LaneRoom::Settings Engine::lane_settings() const {
  LaneRoom::Settings settings{.devices = std::min(lane_count_, static_cast<int>(device_ids_.size())),
                              .measures = lanes_measured_};
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

Lane::Lane(const Engine& engine, const Given& given, int number, LaneWork work)
    : engine_(engine), given_(given), release_{engine.pool()} {
  const analysers::Context context = engine.context(number);
  device_id_ = context.device_id;
  site_ = context.site;
  const auto ahead = engine.pool().load_ahead(engine.lane_models(work), device_id_);
  if (work != LaneWork::kProcess && engine.needs().target_faces) {
    analyser_.emplace(context, engine.face_analyser(), engine.target_facts());
  }
  if (work != LaneWork::kAnalyse) {
    analysers::Context on_host = context;
    on_host.site = {};
    for (const auto& processor : engine.processors()) {
      const bool works_on_site = processor->works_on_site();
      processors_.push_back({processor->open(works_on_site ? context : on_host, given.sources), works_on_site,
                             processor->needs().target_frame});
    }
  }
}

// A copy that is under way does not outlive the memory that it goes to; a GPU that is lost copies nothing.
Lane::~Lane() {
  try {
    site_.wait();
  } catch (const core::Error& error) {
    core::log_debug("lane", "{}", error.what());
  }
}

device::Picture Lane::bring(media::SourceFrame& frame) const {
  if (!site_.on_gpu()) {
    return {};
  }
  return frame.on_gpu.lies_on(site_) ? frame.on_gpu.copy_to(site_) : site_.copy_in(frame.on_host());
}

Lane::Analysed Lane::analyse(media::SourceFrame& frame) {
  if (!analyser_) {
    return {};
  }
  device::Picture on_gpu = bring(frame);
  if (on_gpu.empty()) {
    return {analyser_->analyse_on_site(frame.on_host())};
  }
  core::Faces faces = analyser_->analyse_on_site(on_gpu);
  return {std::move(faces), std::move(on_gpu)};
}

namespace {

// Of a frame on the host.
processors::TempFrame copy_of(const processors::TempFrame& temp) {
  return {core::Image::copy_of(temp.frame), temp.mask.empty() ? core::Image() : core::Image::copy_of(temp.mask)};
}

core::Faces scaled(const core::Faces& faces, core::Size from, core::Size to) {
  core::Faces result;
  for (const core::Face& face : faces) {
    result.push_back(ops::scale_face(face, static_cast<double>(to.width) / from.width,
                                     static_cast<double>(to.height) / from.height));
  }
  return result;
}

}  // namespace

void Lane::process(const Target& target, processors::TempFrame& temp, device::Picture on_gpu) {
  if (std::optional<Ending> ending = begin(target, temp, std::move(on_gpu))) {
    end(*std::move(ending), temp);
  }
}

// A face or processor before may have changed the frame when a later one finds that a model gives no numbers; on a GPU
// that is known at the end only.
std::optional<Lane::Ending> Lane::begin(const Target& target, processors::TempFrame& temp, device::Picture on_gpu) {
  const core::Faces selected =
      analysers::select_faces(given_.source_faces, given_.reference_faces, target.faces, engine_.selector());
  device::Picture target_on_gpu;  // beside the frame that is worked on
  std::optional<processors::TempFrame> before;
  placed_on_site_ = begins_on_gpu();
  if (placed_on_site_) {
    before = std::exchange(temp, {});
    if (!on_gpu.empty() && needs_target_on_gpu()) {
      target_on_gpu = site_.picture(on_gpu.size(), on_gpu.channels());
      site_.copy(target_on_gpu, on_gpu);
    }
    temp.frame = on_gpu.empty() ? site_.copy_in(before->frame.view()) : std::move(on_gpu);
    temp.mask = before->mask.empty() ? device::Picture() : site_.copy_in(before->mask.view());
  } else if (temp.frame.empty()) {
    temp.frame = site_.take_out(std::move(on_gpu));
  }
  if (!before && (selected.size() > 1 || processors_.size() > 1 || site_.on_gpu())) {
    before = copy_of(temp);
  }
  try {
    run_processors(target, selected, std::move(target_on_gpu), temp);
  } catch (const runtime::NotFinite&) {
    if (before) {
      temp = std::move(*before);
    }
    throw;
  }
  if (!site_.on_gpu()) {
    return std::nullopt;
  }
  Ending ending;
  ending.before_ = std::move(*before);
  ending.edited_ = std::exchange(temp, {});
  if (placed_on_site_) {
    for (device::Picture* picture : {&ending.edited_.frame, &ending.edited_.mask}) {
      *picture = picture->empty() ? device::Picture() : site_.fetch(std::move(*picture));
    }
  }
  ending.finite_ = engine_.pool().fetch_finite(device_id_);
  ending.mark_ = site_.mark();
  return ending;
}

void Lane::end(Ending ending, processors::TempFrame& temp) const {
  temp = std::move(ending.before_);
  site_.wait(ending.mark_);
  ending.finite_.check();
  temp = {};
  temp.frame = site_.landed(std::move(ending.edited_.frame));
  if (!ending.edited_.mask.empty()) {
    temp.mask = site_.landed(std::move(ending.edited_.mask));
  }
}

void Lane::run_processors(const Target& target, const core::Faces& selected, device::Picture target_on_gpu,
                          processors::TempFrame& temp) {
  processors::FrameFacts facts;
  facts.voice = target.voice;
  for (const Opened& opened : processors_) {
    place(temp, opened.on_site);
    // A processor before may have enlarged the frame. spec: portrait-frame-processors.md 1.2
    facts.selected = scaled(selected, target.size, temp.frame.size());
    facts.target = opened.needs_target ? target.frame : core::ConstImageView();
    if (opened.needs_target && opened.on_site && site_.on_gpu()) {
      if (target_on_gpu.empty()) {
        target_on_gpu = site_.copy_in(target.frame);
      }
      facts.target = target_on_gpu;
    }
    opened.processor->process_frame(facts, temp);
  }
}

void Lane::place(processors::TempFrame& temp, bool on_site) {
  if (on_site == placed_on_site_ || !site_.on_gpu()) {
    return;
  }
  for (device::Picture* picture : {&temp.frame, &temp.mask}) {
    if (!picture->empty()) {
      *picture = on_site ? site_.copy_in(picture->view()) : device::Picture(site_.take_out(std::move(*picture)));
    }
  }
  placed_on_site_ = on_site;
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

}  // namespace facegraph::pipeline
