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
  // A session with those inputs, its outputs checked.
  using Open = std::function<Session(const std::vector<InputSpec>& inputs)>;

  BatchedSession() = default;
  // one: the inputs of one part, whose first dimension is 1. most: parts of one run; where a session of several cannot
  // be opened or run they go one by one. Throws as `open`.
  BatchedSession(const Open& open, const std::vector<InputSpec>& one, std::int64_t most);

  // To run next when that many parts wait: one for Session::batch() of them.
  Session& for_parts(std::size_t waiting);

 private:
  Session one_;
  std::optional<Session> several_;
};

}  // namespace facegraph::runtime
