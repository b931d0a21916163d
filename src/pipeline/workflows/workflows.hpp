// The two workflows after the checks: picture to picture, video to video. spec: application.md 4.8, 4.9
#pragma once

#include <functional>

#include "core/base/progress.hpp"
#include "core/base/stop.hpp"
#include "media/probe/probe.hpp"
#include "pipeline/workflows/lane.hpp"
#include "pipeline/workflows/report.hpp"

namespace facegraph::pipeline {

// May be called again where a GPU's memory was full.
using FindSources = std::function<GivenSources()>;

// Reads, gates, processes and writes. Beside sources and gate a video's lanes may be opened already, but no frame comes
// to them before the verdict; of several errors that of the sources or the gate is thrown.
RunReport run_image(const Engine& engine, const RunOptions& options, const FindSources& find_sources,
                    const core::StopToken& stop, core::Progress& progress);
RunReport run_video(const Engine& engine, const RunOptions& options, const FindSources& find_sources,
                    const core::StopToken& stop, core::Progress& progress);

}  // namespace facegraph::pipeline
