// One model for the parts of a frame, tiles or faces: several in one run where the file leaves the batch open and a run
// of several gives every part the bits that it gets alone, tried on noise; else one after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

class BatchedSession {
 public:
  // A session with those inputs, its outputs checked. Kept and called again when several parts wait for the first time.
  using Open = std::function<Session(const std::vector<InputSpec>& inputs)>;
  // Writes what a session's inputs hold in every run; kept, too.
  using Settle = std::function<void(Session& session)>;

  BatchedSession() = default;
  // one: the inputs of one part, whose first dimension is 1. most: parts of one run, 1 to go one by one. Throws as
  // `open`.
  BatchedSession(Open open, std::vector<InputSpec> one, std::int64_t most, Settle settle = {});

  // To run next when that many parts wait, before its inputs are written: one for Session::batch() of them. A session
  // of several is opened and tried when it would be taken for the first time, so that a video of single faces does
  // without its memory; where it cannot be opened or run, parts go one by one. Throws Error(kDeviceLost).
  Session& for_parts(std::size_t waiting);
  std::size_t most() const { return static_cast<std::size_t>(most_); }

 private:
  void open_several();

  Open open_;
  Settle settle_;
  std::vector<InputSpec> one_specs_;
  std::int64_t most_ = 1;
  bool tried_ = false;
  Session one_;
  std::optional<Session> several_;
};

}  // namespace facegraph::runtime
