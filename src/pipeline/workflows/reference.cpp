#include "pipeline/workflows/reference.hpp"

#include <algorithm>

#include "media/decode/frame_source.hpp"

namespace facegraph::pipeline {

Reference find_reference(const Engine& engine, const RunOptions& options, const media::VideoInfo& info) {
  if (!engine.needs().target_faces || engine.selector().mode != analysers::SelectorMode::kReference) {
    return {};
  }
  engine.pool().expect_runs(1);
  const std::int64_t number = std::clamp<std::int64_t>(engine.selector().reference_frame_number, 0,
                                                       std::max<std::int64_t>(info.frame_total - 1, 0));
  const core::Image frame = media::read_video_frame(options.target_path, number);
  return {number,
          analysers::FaceAnalyser(engine.context(), engine.face_analyser(), engine.target_facts()).analyse(frame)};
}

}  // namespace facegraph::pipeline
