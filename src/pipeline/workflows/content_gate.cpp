#include "pipeline/workflows/content_gate.hpp"

#include "core/base/error.hpp"

namespace facegraph::pipeline {

namespace {

[[noreturn]] void refuse() {
  core::fail(core::ErrorCode::kRefused, "the content analyser refuses the target: it seems to show nudity");
}

}  // namespace

void gate_image(const Engine& engine, core::ConstImageView image) {
  if (analysers::ContentAnalyser(engine.context()).analyse(image)) {
    refuse();
  }
}

void gate_video(const Engine& engine, const std::filesystem::path& path, const media::VideoInfo& info,
                media::FrameRange range, const core::StopToken& stop, core::Progress& progress) {
  analysers::ContentAnalyser analyser(engine.context());
  range.every = analysers::sampling_step(info.frame_rate.value());
  const auto source = media::open_video(path, range);
  const std::int64_t frames = range.end.value_or(info.frame_total) - range.start;
  progress.begin("analysing", (frames + range.every - 1) / range.every);
  std::int64_t examined = 0;
  std::int64_t flagged = 0;
  while (const auto frame = source->read()) {
    stop.check();
    ++examined;
    flagged += analyser.analyse(frame->image) ? 1 : 0;
    progress.advance();
  }
  progress.end();
  if (analysers::is_video_flagged(flagged, examined)) {
    refuse();
  }
}

}  // namespace facegraph::pipeline
