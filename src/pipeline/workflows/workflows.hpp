// The two workflows after the checks: picture to picture, video to video. spec: application.md 4.8, 4.9
#pragma once

#include "core/base/progress.hpp"
#include "core/base/stop.hpp"
#include "media/probe/probe.hpp"
#include "pipeline/workflows/lane.hpp"
#include "pipeline/workflows/report.hpp"

namespace facegraph::pipeline {

// Reads, gates, processes and writes. `given` holds the sources; the reference faces are added here.
RunReport run_image(const Engine& engine, const RunOptions& options, Given& given, const core::StopToken& stop,
                    core::Progress& progress);
RunReport run_video(const Engine& engine, const RunOptions& options, Given& given, const core::StopToken& stop,
                    core::Progress& progress);

}  // namespace facegraph::pipeline
