#include "pipeline/headless.hpp"

#include <chrono>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "media/image/image_file.hpp"
#include "media/media.hpp"
#include "models/download/download_options.hpp"
#include "pipeline/workflows/checks.hpp"
#include "pipeline/workflows/engine.hpp"
#include "pipeline/workflows/workflows.hpp"

namespace facegraph::pipeline {

namespace {

using Clock = std::chrono::steady_clock;

// No first frame where an earlier run had finished all of them.
void count_from(Clock::time_point start, RunReport& report) {
  const auto seconds = [&](Clock::time_point point) { return std::chrono::duration<double>(point - start).count(); };
  report.verdict_seconds = seconds(report.verdict);
  report.first_frame_seconds = report.frames == 0 ? 0 : seconds(report.first_frame);
}

// The faces of every source picture, largest first. spec: face-processors.md 1.3 check 2, 5.4
GivenSources find_sources(const Engine& engine, const RunOptions& options, const core::StopToken& stop) {
  GivenSources sources;
  const processors::Needs needs = engine.needs();
  if (!needs.target_faces) {
    return sources;
  }
  engine.pool().expect_runs(static_cast<std::int64_t>(options.source_paths.size()));
  const analysers::Context context = engine.context();
  const auto ahead =
      engine.pool().load_ahead(engine.lane_models(LaneWork::kAnalyse), context.device_id, runtime::Opens::kAll);
  analysers::FaceAnalyser analyser(context, engine.face_analyser());
  for (const auto& path : options.source_paths) {
    stop.check();
    if (media::kind_of(path) != media::MediaKind::kImage) {
      continue;
    }
    core::Image image = media::read_image(path, media::ReadMode::kColour);
    const core::Faces faces = analyser.analyse(image);
    sources.faces.insert(sources.faces.end(), faces.begin(), faces.end());
    sources.pictures.push_back({std::move(image), analysers::sorted(faces, analysers::SelectorOrder::kLargeSmall)});
  }
  if (needs.source_face && sources.faces.empty()) {
    core::fail(core::ErrorCode::kRefused, "no face found in the source pictures; choose another source");
  }
  stop.check();
  return sources;
}

}  // namespace

RunReport run_headless(const Engine& engine, const RunOptions& options, const core::StopToken& stop,
                       core::Progress& progress) {
  const Clock::time_point start = Clock::now();
  const media::MediaKind kind = check_paths(options, engine.needs());
  const FindSources sources = [&] { return find_sources(engine, options, stop); };
  RunReport report = kind == media::MediaKind::kImage ? run_image(engine, options, sources, stop, progress)
                                                      : run_video(engine, options, sources, stop, progress);
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  count_from(start, report);
  report.from_cache = engine.pool().started_from_cache();
  core::log_info("headless", "{} written in {:.2f} seconds", options.output_path.string(), elapsed.count());
  return report;
}

RunReport run_headless(const core::OptionValues& values, const core::StopToken& stop, core::Progress& progress,
                       const std::optional<StepFiles>& files) {
  const Clock::time_point start = Clock::now();
  RunOptions options = RunOptions::from(values);
  if (files) {
    options.result_path = files->result;
    options.resume_folder = files->resume_folder;
  }
  const Engine engine(values, options);
  check_paths(options, engine.needs());  // before the files of the models, which take long
  engine.provide_models(models::DownloadOptions::from(values), stop, progress);
  RunReport report = run_headless(engine, options, stop, progress);
  count_from(start, report);
  return report;
}

}  // namespace facegraph::pipeline
