#include "pipeline/workflows/lane.hpp"

#include <utility>

#include "core/base/log.hpp"
#include "ops/face/face.hpp"
#include "ops/site/frame.hpp"
#include "runtime/session/not_finite.hpp"

namespace facegraph::pipeline {

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
    const GivenSources& sources = given.sources.get();
    for (const auto& processor : engine.processors()) {
      const bool works_on_site = processor->works_on_site();
      processors_.push_back({processor->open(works_on_site ? context : on_host, sources), works_on_site,
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

std::size_t Lane::frames_together() const {
  return engine_.pool().same_together() == runtime::Same::kClose ? engine_.frames_at_once() : 1;
}

bool Lane::needs_target(bool edits_it) const {
  const bool has_it = edits_it && begins_on_gpu();  // a copy of what is edited, before it is
  return std::any_of(processors_.begin(), processors_.end(),
                     [&](const Opened& opened) { return opened.needs_target && !(has_it && opened.on_site); });
}

std::vector<Lane::Analysed> Lane::analyse(std::span<media::SourceFrame* const> frames) {
  std::vector<Analysed> found(frames.size());
  if (!analyser_) {
    return found;
  }
  std::vector<core::ConstImageView> views;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    found[i].on_gpu = bring(*frames[i]);
    views.push_back(found[i].on_gpu.empty() ? frames[i]->on_host().view() : found[i].on_gpu.view());
  }
  std::vector<core::Faces> faces = analyser_->analyse_on_site(views);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    found[i].faces = std::move(faces[i]);
  }
  return found;
}

namespace {

core::Faces scaled(const core::Faces& faces, core::Size from, core::Size to) {
  core::Faces result;
  for (const core::Face& face : faces) {
    result.push_back(ops::scale_face(face, static_cast<double>(to.width) / from.width,
                                     static_cast<double>(to.height) / from.height));
  }
  return result;
}

}  // namespace

void Lane::process(Edit& edit) {
  const std::span<Edit> one(&edit, 1);
  if (std::optional<Ending> ending = begin(one)) {
    end(*std::move(ending), one);
  }
}

// A face or processor before may have changed a frame when a later one finds that a model gives no numbers; on a GPU
// that is known at the end only.
std::optional<Lane::Ending> Lane::begin(std::span<Edit> edits) {
  placed_on_site_ = begins_on_gpu();
  std::vector<Begun> frames;
  for (Edit& edit : edits) {
    frames.push_back(place_first(edit));
  }
  try {
    run_processors(frames);
  } catch (const runtime::NotFinite&) {
    for (Begun& frame : frames) {
      if (frame.before) {
        frame.edit->temp = std::move(*frame.before);
      }
    }
    throw;
  }
  if (!site_.on_gpu()) {
    return std::nullopt;
  }
  Ending ending = fetch(frames);
  if (!std::exchange(expects_another_, true)) {
    site_.expect_another();
  }
  return ending;
}

Lane::Begun Lane::place_first(Edit& edit) const {
  Begun begun{.edit = &edit};
  begun.selected = analysers::select_faces(given_.sources.get().faces, given_.reference_faces, edit.target.faces,
                                           engine_.selector());
  processors::TempFrame& temp = edit.temp;
  if (placed_on_site_) {
    begun.before = std::exchange(temp, {});
    temp.frame = edit.on_gpu.empty() ? site_.copy_in(begun.before->frame.view()) : std::exchange(edit.on_gpu, {});
    temp.mask = begun.before->mask.empty() ? device::Picture() : site_.copy_in(begun.before->mask.view());
    if (edit.target.frame.empty() && needs_target_on_gpu()) {
      begun.target_on_gpu = site_.picture(temp.frame.size(), temp.frame.channels());
      site_.copy(begun.target_on_gpu, temp.frame);
    }
    return begun;
  }
  if (temp.frame.empty()) {
    temp.frame = site_.take_out(std::exchange(edit.on_gpu, {}));
  }
  if (begun.selected.size() > 1 || processors_.size() > 1 || site_.on_gpu()) {
    begun.before = copy_of(temp);
  }
  return begun;
}

void Lane::run_processors(std::span<Begun> frames) {
  for (const Opened& opened : processors_) {
    place(frames, opened.on_site);
    std::vector<processors::FrameFacts> facts;
    for (Begun& frame : frames) {
      facts.push_back(facts_for(opened, frame));
    }
    std::vector<processors::FrameProcessor::Work> work;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      work.push_back({&facts[i], &frames[i].edit->temp});
    }
    opened.processor->process_frames(work);
  }
}

processors::FrameFacts Lane::facts_for(const Opened& opened, Begun& frame) const {
  const Target& target = frame.edit->target;
  processors::FrameFacts facts;
  facts.voice = target.voice;
  // A processor before may have enlarged the frame. spec: portrait-frame-processors.md 1.2
  facts.selected = scaled(frame.selected, target.size, frame.edit->temp.frame.size());
  facts.target = opened.needs_target ? target.frame : core::ConstImageView();
  if (opened.needs_target && opened.on_site && site_.on_gpu()) {
    if (frame.target_on_gpu.empty()) {
      frame.target_on_gpu = site_.copy_in(target.frame);
    }
    facts.target = frame.target_on_gpu;
  }
  return facts;
}

void Lane::place(std::span<Begun> frames, bool on_site) {
  if (on_site == placed_on_site_ || !site_.on_gpu()) {
    return;
  }
  for (Begun& frame : frames) {
    processors::TempFrame& temp = frame.edit->temp;
    for (device::Picture* picture : {&temp.frame, &temp.mask}) {
      if (!picture->empty()) {
        *picture = on_site ? site_.copy_in(picture->view()) : device::Picture(site_.take_out(std::move(*picture)));
      }
    }
  }
  placed_on_site_ = on_site;
}

Lane::Ending Lane::fetch(std::span<Begun> frames) const {
  Ending ending;
  for (Begun& frame : frames) {
    Ending::Frame& ended = ending.frames_.emplace_back();
    ended.before = std::move(*frame.before);
    ended.edited = std::exchange(frame.edit->temp, {});
    if (placed_on_site_) {
      if (ended.edited.frame.size() == frame.edit->target.i420) {
        ended.edited = {ops::i420(site_, ended.edited.frame), {}};
      }
      for (device::Picture* picture : {&ended.edited.frame, &ended.edited.mask}) {
        *picture = picture->empty() ? device::Picture() : site_.fetch(std::move(*picture));
      }
    }
  }
  ending.finite_ = engine_.pool().fetch_finite(device_id_);
  ending.mark_ = site_.mark();
  return ending;
}

void Lane::end(Ending ending, std::span<Edit> edits) const {
  for (std::size_t i = 0; i < edits.size(); ++i) {
    edits[i].temp = std::move(ending.frames_[i].before);
  }
  site_.wait(ending.mark_);
  ending.finite_.check();
  for (std::size_t i = 0; i < edits.size(); ++i) {
    processors::TempFrame& edited = ending.frames_[i].edited;
    edits[i].temp = {site_.landed(std::move(edited.frame)),
                     edited.mask.empty() ? core::Image() : site_.landed(std::move(edited.mask))};
  }
}

}  // namespace facegraph::pipeline
