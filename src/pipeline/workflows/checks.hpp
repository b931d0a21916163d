// What is looked at before anything is loaded. spec: face-processors.md 1.3, application.md 4.6
#pragma once

#include "media/media.hpp"
#include "pipeline/options/pipeline_options.hpp"
#include "processors/processor.hpp"

namespace facegraph::pipeline {

// Source pictures, target, output folder and extension; output is not an input; workflow mode. Throws Error(kRefused),
// one line. Returns what the target is.
media::MediaKind check_paths(const RunOptions& options, const processors::Needs& needs);

}  // namespace facegraph::pipeline
