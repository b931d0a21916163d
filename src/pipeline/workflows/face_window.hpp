// Gives every frame the faces that are followed through it and its neighbours. spec: analysis.md 8 step 2, 15.2
#pragma once

#include <deque>
#include <optional>

#include "pipeline/workflows/target_frame.hpp"

namespace facegraph::pipeline {

class FaceWindow {
 public:
  // source: successive frames with their faces. amount: neighbours on each side; where the target has none, nothing is
  // found. score: the tracker's.
  FaceWindow(FramePull source, int amount, double score)
      : source_(std::move(source)), amount_(static_cast<std::size_t>(amount)), score_(score) {}

  // The source's frames in order; holds at most amount + 1 of them.
  std::optional<TargetFrame> read();

 private:
  core::Faces tracked() const;

  FramePull source_;
  std::size_t amount_;
  double score_;
  std::deque<core::Faces> before_;  // of the neighbours that went, at most amount_
  std::deque<TargetFrame> frames_;  // the current one and its neighbours to come
  bool ended_ = false;
};

}  // namespace facegraph::pipeline
