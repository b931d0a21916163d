#include "pipeline/workflows/face_window.hpp"

#include <utility>
#include <vector>

#include "analysers/tracker/tracker.hpp"

namespace facegraph::pipeline {

std::optional<TargetFrame> FaceWindow::read() {
  while (!ended_ && frames_.size() <= amount_) {
    if (auto frame = source_()) {
      frames_.push_back(*std::move(frame));
    } else {
      ended_ = true;
    }
  }
  if (frames_.empty()) {
    return std::nullopt;
  }
  core::Faces faces = tracked();
  TargetFrame current = std::move(frames_.front());
  frames_.pop_front();
  before_.push_back(std::exchange(current.faces, std::move(faces)).value());
  if (before_.size() > amount_) {
    before_.pop_front();
  }
  return current;
}

core::Faces FaceWindow::tracked() const {
  std::vector<core::Faces> window(2 * amount_ + 1);
  for (std::size_t i = 0; i < before_.size(); ++i) {
    window[amount_ - before_.size() + i] = before_[i];
  }
  for (std::size_t i = 0; i < frames_.size(); ++i) {
    window[amount_ + i] = frames_[i].faces.value();
  }
  return analysers::track_faces(window, score_);
}

}  // namespace facegraph::pipeline
