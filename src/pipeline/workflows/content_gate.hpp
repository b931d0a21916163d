// The gate before every job: a flagged target is refused, and a gate that cannot run refuses too. spec: analysis.md
// section 12. A model set without a gate lets every target pass, with one line in the log.
#pragma once

#include "core/base/progress.hpp"
#include "core/base/stop.hpp"
#include "media/decode/frame_source.hpp"
#include "media/probe/probe.hpp"
#include "pipeline/workflows/engine.hpp"

namespace facegraph::pipeline {

// Both throw Error(kRefused) for a flagged target.
void gate_image(const Engine& engine, core::ConstImageView image);
// on_gpu: the GPU may decode, if there is one.
void gate_video(const Engine& engine, const std::filesystem::path& path, const media::VideoInfo& info,
                media::FrameRange range, bool on_gpu, const core::StopToken& stop, core::Progress& progress);

}  // namespace facegraph::pipeline
