// The frame of a video whose faces the target's are compared with.
#pragma once

#include <cstdint>

#include "core/types/face.hpp"
#include "media/probe/probe.hpp"
#include "pipeline/options/pipeline_options.hpp"
#include "pipeline/workflows/engine.hpp"

namespace facegraph::pipeline {

// Its faces, and its number: they need not be found again.
struct Reference {
  std::int64_t number = -1;
  core::Faces faces;
};

// None where the selector asks for no reference.
Reference find_reference(const Engine& engine, const RunOptions& options, const media::VideoInfo& info);

}  // namespace facegraph::pipeline
