// A video in segments, each a file of its own: what is finished stays finished when the run ends early.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace facegraph::pipeline {

class SegmentFolder {
 public:
  // Where the work stands after a segment. Times are those of the target, seconds.
  struct Point {
    std::int64_t next_frame = 0;  // number in the target of the first frame that is missing
    double origin = 0;            // of the first frame that was read
    double first_time = 0;        // of the first frame that was written
    bool complete = false;        // no frame is missing
  };

  // extension: of the segments' files, with the dot. Makes the folder; takes up the segments that lie there whole, and
  // removes others. Throws Error(kFailed).
  SegmentFolder(std::filesystem::path folder, std::string extension);

  const std::vector<std::filesystem::path>& segments() const { return segments_; }
  const std::optional<Point>& point() const { return point_; }  // none: nothing is finished

  // The file to write the next segment to, under its final name when it is whole.
  std::filesystem::path next() const;
  // That file is written. On the disk before it returns. Throws Error(kFailed).
  void add(const Point& point);

 private:
  std::filesystem::path list() const { return folder_ / "segments"; }

  std::filesystem::path folder_;
  std::string extension_;
  std::vector<std::filesystem::path> segments_;
  std::optional<Point> point_;
};

}  // namespace facegraph::pipeline
