// One run from options to output file: what headless-run does, and what a job step will do.
#pragma once

#include <filesystem>
#include <optional>

#include "core/base/progress.hpp"
#include "core/base/stop.hpp"
#include "core/options/option.hpp"
#include "pipeline/workflows/report.hpp"

namespace facegraph::pipeline {

class Engine;
struct RunOptions;

// Where a job's step keeps its files.
struct StepFiles {
  std::filesystem::path result;         // instead of the output path, which the job's end makes of it
  std::filesystem::path resume_folder;  // for what an interrupted run leaves for the next
};

// Values of every option of headless-run. Returns when the output, or a step's result, lies under its final name.
// Throws core::Error: kUsage, kFailed, kRefused (conditions not met, content gate), kOutOfMemory, or kStopped when
// `stop` was requested; then nothing lies under the final name that was not there before.
RunReport run_headless(const core::OptionValues& values, const core::StopToken& stop, core::Progress& progress,
                       const std::optional<StepFiles>& files = std::nullopt);

// The same on models that stay loaded from run to run: of the options that the engine was made for, target, output and
// frame rate may change. Model files are not looked at.
RunReport run_headless(const Engine& engine, const RunOptions& options, const core::StopToken& stop,
                       core::Progress& progress);

}  // namespace facegraph::pipeline
