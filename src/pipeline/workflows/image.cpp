#include <chrono>
#include <future>

#include "media/image/image_file.hpp"
#include "media/provenance/read_provenance.hpp"
#include "pipeline/workflows/content_gate.hpp"
#include "pipeline/workflows/resolution.hpp"
#include "pipeline/workflows/unchanged_frames.hpp"
#include "pipeline/workflows/workflows.hpp"

namespace facegraph::pipeline {

RunReport run_image(const Engine& engine, const RunOptions& options, const FindSources& find_sources,
                    const core::StopToken& stop, core::Progress& progress) {
  std::promise<GivenSources> sources;
  sources.set_value(find_sources());
  Given given{.sources = sources.get_future().share()};
  RunReport report;
  const core::Image picture = media::read_image(options.target_path, media::ReadMode::kAlpha);
  const processors::TempFrame target = split_alpha(picture);
  const auto before_gate = std::chrono::steady_clock::now();
  gate_image(engine, target.frame);
  report.verdict = std::chrono::steady_clock::now();
  report.gate_seconds = std::chrono::duration<double>(report.verdict - before_gate).count();
  stop.check();

  UnchangedFrames unchanged;
  const std::string what = options.target_path.filename().string();
  core::Faces faces;
  const bool analysed = unchanged.guard(what, [&] {
    if (engine.needs().target_faces) {
      faces = analysers::FaceAnalyser(engine.context(), engine.face_analyser(), engine.target_facts())
                  .analyse(target.frame);
    }
  });
  given.reference_faces = faces;  // a picture is its own reference frame
  progress.begin("processing", 1);
  const core::Size output = output_resolution(picture.size(), options.output.image_scale);
  Lane::Edit edit;
  edit.target.faces = faces;
  edit.target.size = target.frame.size();
  edit.target.frame = target.frame;
  edit.temp = split_alpha(media::scale_image(picture, temp_resolution(picture.size(), output)));
  if (analysed) {
    Lane lane(engine, given);
    unchanged.guard(what, [&] { lane.process(edit); });
  }
  report.first_frame = std::chrono::steady_clock::now();
  progress.advance();
  progress.end();
  stop.check();
  media::write_image(options.result_path, media::scale_image(join_alpha(std::move(edit.temp)), output),
                     options.output.image_quality, engine.provenance(media::read_provenance(options.target_path)));

  report.frames = 1;
  report.unchanged = unchanged.count();
  report.models = engine.pool().use();
  report.graphs = engine.pool().graph_reports();
  return report;
}

}  // namespace facegraph::pipeline
