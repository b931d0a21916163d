#include "pipeline/workflows/segment_folder.hpp"

#include <algorithm>
#include <span>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "media/file/output_file.hpp"

namespace facegraph::pipeline {

namespace fs = std::filesystem;

namespace {

// Empty when there is no such file.
std::string text_of(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error) || error ? core::read_file(file) : "";
}

}  // namespace

SegmentFolder::SegmentFolder(fs::path folder, std::string extension)
    : folder_(std::move(folder)), extension_(std::move(extension)) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) {
    core::fail(core::ErrorCode::kFailed, "{}: the folder for segments cannot be made: {}", folder_.string(),
               error.message());
  }
  // A line per segment: its size, then the point after it. Times are written as their bits.
  std::istringstream lines(text_of(list()));
  std::uintmax_t size = 0;
  Point point;
  std::string origin;
  std::string first_time;
  while (lines >> size >> point.next_frame >> origin >> first_time >> point.complete &&
         core::size_or_zero(next()) == size) {
    point.origin = std::stod(origin);
    point.first_time = std::stod(first_time);
    segments_.push_back(next());
    point_ = point;
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
    if (entry.path() != list() && std::find(segments_.begin(), segments_.end(), entry.path()) == segments_.end()) {
      fs::remove(entry.path(), error);
    }
  }
}

fs::path SegmentFolder::next() const {
  return folder_ / fmt::format("{:06}{}", segments_.size(), extension_);
}

void SegmentFolder::add(const Point& point) {
  // Only the lines of segments that are there: what follows them was left by another run.
  std::istringstream before(text_of(list()));
  std::string text;
  std::string line;
  for (std::size_t i = 0; i < segments_.size() && std::getline(before, line); ++i) {
    text += line;
    text += '\n';
  }
  text += fmt::format("{} {} {:a} {:a} {:d}\n", core::size_or_zero(next()), point.next_frame, point.origin,
                      point.first_time, point.complete);
  media::OutputFile file(list());
  file.write(std::as_bytes(std::span(text)));
  file.commit();
  segments_.push_back(next());
  point_ = point;
}

}  // namespace facegraph::pipeline
