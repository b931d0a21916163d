// Which faces go through a model together. The reference works on those of a frame one after the other, each cut out of
// the frame with those before it pasted; a run of several gives the same where none shows another. Faces of different
// frames never do.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analysers/shared/runs.hpp"
#include "core/types/face.hpp"
#include "device/site.hpp"
#include "ops/geometry/affine.hpp"
#include "processors/processor.hpp"
#include "runtime/session/batched_session.hpp"

namespace facegraph::processors {

// How a processor cuts a face out by its five points.
struct FaceCut {
  ops::WarpTemplate name;
  core::Size size;
};

// Faces of one run. A GPU that is idle in part with one face has room for a second; the host has not.
inline std::int64_t faces_at_once(const analysers::Context& context) {
  return context.site.on_gpu() ? std::max(2, context.pool.frames_at_once()) : 1;
}

// How many of the first faces, at most `most`, can be cut out before any of them is pasted: no crop shows pixels that a
// face before it changes. At least 1; a face that cannot be cut out stands alone.
std::size_t faces_apart(std::span<const core::Face> faces, core::Size frame, const FaceCut& cut, std::size_t most);

// A face, and the frame that it is on.
struct FacePart {
  const core::Face* face = nullptr;
  const FrameProcessor::Work* frame = nullptr;

  core::ImageView pixels() const { return frame->temp->frame; }
};

// The selected faces of frames, those of each in their order; such that cannot be cut out are left out.
class FaceQueue {
 public:
  FaceQueue(std::span<const FrameProcessor::Work> frames, const FaceCut& cut)
      : frames_(frames), cut_(cut), taken_(frames.size()) {}
  // The next ones, at most `most`, that can be cut out before any of them is pasted; none at the end.
  std::vector<FacePart> next(std::size_t most);

 private:
  std::span<const core::Face> left(std::size_t frame);

  std::span<const FrameProcessor::Work> frames_;
  FaceCut cut_;
  std::vector<std::size_t> taken_;  // of each frame
};

// Calls work(parts, session) for as many parts as the session takes, until all are done, in their order.
template <typename Part, typename Work>
void for_each_run(runtime::BatchedSession& sessions, std::span<const Part> parts, const Work& work) {
  analysers::for_each_run(sessions, parts.size(), [&](runtime::Session& session, std::size_t first) {
    work(parts.subspan(first, session.batch()), session);
  });
}

// The same with all faces of frames.
template <typename Work>
void for_each_run(runtime::BatchedSession& sessions, std::span<const FrameProcessor::Work> frames, const FaceCut& cut,
                  const Work& work) {
  FaceQueue queue(frames, cut);
  for (auto faces = queue.next(sessions.most()); !faces.empty(); faces = queue.next(sessions.most())) {
    for_each_run(sessions, std::span<const FacePart>(faces), work);
  }
}

}  // namespace facegraph::processors
