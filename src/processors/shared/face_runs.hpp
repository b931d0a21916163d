// Which faces of a frame go through a model together. The reference works on one after the other, each cut out of the
// frame with those before it pasted; a run of several gives the same where none shows another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/types/face.hpp"
#include "device/site.hpp"
#include "ops/geometry/affine.hpp"
#include "runtime/session/batched_session.hpp"

namespace facegraph::processors {

// How a processor cuts a face out by its five points.
struct FaceCut {
  ops::WarpTemplate name;
  core::Size size;
};

// Faces of one run. A GPU that is idle in part with one face has room for a second; the host has not.
inline std::int64_t faces_at_once(const device::Site& site) {
  return site.on_gpu() ? 2 : 1;
}

// How many of the first faces, at most `most`, can be cut out before any of them is pasted: no crop shows pixels that a
// face before it changes. At least 1; a face that cannot be cut out stands alone.
std::size_t faces_apart(std::span<const core::Face> faces, core::Size frame, const FaceCut& cut, std::size_t most);

// Calls work(faces, session) for as many faces as the session takes, until all are done, in their order.
template <typename Work>
void for_each_run(runtime::BatchedSession& sessions, std::span<const core::Face> faces, core::Size frame,
                  const FaceCut& cut, const Work& work) {
  while (!faces.empty()) {
    runtime::Session& session = sessions.for_parts(faces_apart(faces, frame, cut, sessions.most()));
    work(faces.first(session.batch()), session);
    faces = faces.subspan(session.batch());
  }
}

}  // namespace facegraph::processors
