#include "pipeline/workflows/content_gate.hpp"

#include "analysers/content/content_analyser.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"

namespace facegraph::pipeline {

namespace {

constexpr int kPictures = 2;  // of a GPU's decoder: one that is examined, one to come

[[noreturn]] void refuse() {
  core::fail(core::ErrorCode::kRefused, "the content analyser refuses the target: it seems to show nudity");
}

// Whether the model set can tell; says so if it cannot.
bool can_examine(const Engine& engine) {
  const bool able = !analysers::content_models(engine.model_set()).empty();
  if (!able) {
    core::log_warn("content_analyser", "the embedded model set has no model for the content gate: nothing is examined");
  }
  return able;
}

}  // namespace

void gate_image(const Engine& engine, core::ConstImageView image) {
  if (!can_examine(engine)) {
    return;
  }
  if (analysers::ContentAnalyser(engine.context()).analyse(image)) {
    refuse();
  }
}

void gate_video(const Engine& engine, const std::filesystem::path& path, const media::VideoInfo& info,
                media::FrameRange range, bool on_gpu, const core::StopToken& stop, core::Progress& progress) {
  if (!can_examine(engine)) {
    return;
  }
  range.every = analysers::sampling_step(info.frame_rate.value());
  const std::int64_t frames = range.end.value_or(info.frame_total) - range.start;
  const std::int64_t samples = (frames + range.every - 1) / range.every;
  engine.pool().expect_runs(samples);
  const analysers::Context context = engine.context();
  const auto ahead = engine.pool().load_ahead(engine.gate_models(), context.device_id, runtime::Opens::kAll);
  analysers::ContentAnalyser analyser(context);
  const auto source = media::open_video(path, range, {on_gpu ? engine.decoding_gpu() : nullptr, kPictures});
  progress.begin("analysing", samples);
  std::int64_t examined = 0;
  std::int64_t flagged = 0;
  while (auto frame = source->read()) {
    stop.check();
    ++examined;
    const device::Picture brought = frame->brought_to(context.site);
    flagged += analyser.analyse_on_site(brought.empty() ? frame->on_host().view() : brought.view()) ? 1 : 0;
    progress.advance();
  }
  progress.end();
  if (analysers::is_video_flagged(flagged, examined)) {
    refuse();
  }
}

}  // namespace facegraph::pipeline
