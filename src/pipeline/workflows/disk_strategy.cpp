#include "pipeline/workflows/disk_strategy.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "media/image/image_file.hpp"
#include "pipeline/flow/ordered_flow.hpp"

namespace facegraph::pipeline {

namespace {

// The same work on every thread.
template <typename Out, typename In>
std::vector<std::function<std::function<Out(In)>()>> workers(int threads, std::function<Out(In)> work) {
  return {static_cast<std::size_t>(threads), [work] { return work; }};
}

}  // namespace

void DiskStrategy::extract(const FramePull& frames, core::Size size, std::int64_t expected) const {
  progress_.begin("extracting", expected);
  const std::function<bool(TargetFrame)> write = [&](const TargetFrame& frame) {
    files_.write(frame.number, media::scale_image(frame.image, size));
    return true;
  };
  OrderedFlow<TargetFrame, bool>(2 * threads_, stop_).run(frames, workers(threads_, write), [&](bool) {
    progress_.advance();
  });
}

void DiskStrategy::merge(const std::vector<FileFrame>& frames, VideoOutput& output) const {
  struct Picture {
    FileFrame frame;
    core::Image image;
  };
  progress_.begin("merging", static_cast<long long>(frames.size()));
  const auto next = [&, at = frames.begin()]() mutable {
    return at == frames.end() ? std::nullopt : std::optional(*at++);
  };
  const std::function<Picture(FileFrame)> read = [&](FileFrame frame) {
    return Picture{frame, files_.read(frame.number)};
  };
  OrderedFlow<FileFrame, Picture>(2 * threads_, stop_).run(next, workers(threads_, read), [&](const Picture& picture) {
    output.write(picture.image, picture.frame.number, picture.frame.time);
    progress_.advance();
  });
}

}  // namespace facegraph::pipeline
