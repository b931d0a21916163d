#include "pipeline/workflows/content_gate.hpp"

#include "core/base/error.hpp"

namespace facegraph::pipeline {

namespace {

[[noreturn]] void refuse() { core::fail(core::ErrorCode::kRefused, "the content analyser refuses the target: it seems to show nudity"); }

}  // namespace

void gate_image(const Engine& engine, core::ConstImageView image) {
  if (analysers::ContentAnalyser(engine.context()).analyse(image)) {
    refuse();
  }
}

void gate_video(const Engine& engine, const std::filesystem::path& path, const media::VideoInfo& info, const media::FrameRange& range,
                const core::StopToken& stop, core::Progress& progress) {
  analysers::ContentAnalyser analyser(engine.context());
  const auto source = media::open_video(path, range);
  progress.begin("analysing", range.end.value_or(info.frame_total) - range.start);
  std::int64_t examined = 0;
  std::int64_t flagged = 0;
  while (const auto frame = source->read()) {
    if (stop.requested()) {
      core::fail(core::ErrorCode::kStopped, "stopped");
    }
    if (analysers::is_sampled(frame->number, info.frame_rate.value())) {
      ++examined;
      flagged += analyser.analyse(frame->image) ? 1 : 0;
    }
    progress.advance();
  }
  progress.end();
  if (analysers::is_video_flagged(flagged, examined)) {
    refuse();
  }
}

}  // namespace facegraph::pipeline
