// A frame of the target on its way to the lanes that process it.
#pragma once

#include <functional>
#include <optional>

#include "core/types/face.hpp"
#include "media/decode/frame_source.hpp"

namespace facegraph::pipeline {

struct TargetFrame : media::SourceFrame {
  std::optional<core::Faces> faces = {};  // those found on it; unset: nobody has looked yet
  bool unchanged = false;                 // it passes as it is: looking for faces, a model gave NaN or infinity
};

// Gives frames in order, none at the end. One thread pulls.
using FramePull = std::function<std::optional<TargetFrame>()>;

}  // namespace facegraph::pipeline
