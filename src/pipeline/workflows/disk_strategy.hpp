// The workflow strategy disk around the processing: before it all frames become files, after it all files are encoded.
// spec: application.md 4.9
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/progress.hpp"
#include "core/base/stop.hpp"
#include "pipeline/workflows/target_frame.hpp"
#include "pipeline/workflows/temp_frames.hpp"
#include "pipeline/workflows/video_output.hpp"

namespace facegraph::pipeline {

// A frame whose picture lies in a file.
struct FileFrame {
  std::int64_t number = 0;  // in the target
  double time = 0;          // seconds
};

class DiskStrategy {
 public:
  // threads: that write, or read, picture files at once.
  DiskStrategy(const TempFrames& files, int threads, const core::StopToken& stop, core::Progress& progress)
      : files_(files), threads_(threads), stop_(stop), progress_(progress) {}

  // size: of the pictures. expected: number of frames, for the progress.
  void extract(const FramePull& frames, core::Size size, std::int64_t expected) const;
  void merge(const std::vector<FileFrame>& frames, VideoOutput& output) const;

 private:
  const TempFrames& files_;
  int threads_;
  const core::StopToken& stop_;
  core::Progress& progress_;
};

}  // namespace facegraph::pipeline
