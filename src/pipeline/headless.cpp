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

// 0 where an earlier run had finished all frames.
double seconds_until_first_frame(const RunReport& report, Clock::time_point start) {
  return report.frames == 0 ? 0 : std::chrono::duration<double>(report.first_frame - start).count();
}

// The faces of every source picture, largest first. spec: face-processors.md 1.3 check 2, 5.4
Given find_sources(const Engine& engine, const RunOptions& options, const core::StopToken& stop) {
  Given given;
  const processors::Needs needs = engine.needs();
  if (!needs.target_faces) {
    return given;
  }
  engine.pool().expect_runs(static_cast<std::int64_t>(options.source_paths.size()));
  analysers::FaceAnalyser analyser(engine.context(), engine.face_analyser());
  for (const auto& path : options.source_paths) {
    stop.check();
    if (media::kind_of(path) != media::MediaKind::kImage) {
      continue;
    }
    core::Image image = media::read_image(path, media::ReadMode::kColour);
    const core::Faces faces = analyser.analyse(image);
    given.source_faces.insert(given.source_faces.end(), faces.begin(), faces.end());
    given.sources.pictures.push_back(
        {std::move(image), analysers::sorted(faces, analysers::SelectorOrder::kLargeSmall)});
  }
  if (needs.source_face && given.source_faces.empty()) {
    core::fail(core::ErrorCode::kRefused, "no face found in the source pictures; choose another source");
  }
  return given;
}

}  // namespace

RunReport run_headless(const Engine& engine, const RunOptions& options, const core::StopToken& stop,
                       core::Progress& progress) {
  const Clock::time_point start = Clock::now();
  const media::MediaKind kind = check_paths(options, engine.needs());
  Given given = find_sources(engine, options, stop);
  stop.check();
  RunReport report = kind == media::MediaKind::kImage ? run_image(engine, options, given, stop, progress)
                                                      : run_video(engine, options, given, stop, progress);
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  report.first_frame_seconds = seconds_until_first_frame(report, start);
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
  report.first_frame_seconds = seconds_until_first_frame(report, start);
  return report;
}

}  // namespace facegraph::pipeline
