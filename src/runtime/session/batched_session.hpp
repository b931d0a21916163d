// One model for several parts: tiles or faces of a frame, frames of a video. A run of 2, 4 or 8 takes them together
// where the model allows it and each part gets what it gets alone, tried on noise; else they go one after the other.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// What a part of several is to get. kBits: the very bits that it gets alone; a file that takes one part takes one.
// kClose: last bits may differ, by kLargestDifference (choice/form_choice.hpp) of an output's range at most; a file
// that takes one part is rewritten for several.
enum class Same : std::uint8_t { kBits, kClose };

class BatchedSession {
 public:
  // A session with those inputs (InferencePool::open), its outputs checked. Kept and called again when several parts
  // wait for the first time.
  using Open = std::function<Session(const std::vector<InputSpec>& inputs)>;
  // Writes what a session's inputs hold in every run; kept, too.
  using Settle = std::function<void(Session& session)>;

  BatchedSession() = default;
  // one: the inputs of one part, whose first dimension is 1. most: parts of one run, 1 to go one by one. Throws as
  // `open`.
  BatchedSession(Open open, std::vector<InputSpec> one, std::int64_t most, Settle settle = {}, Same same = Same::kBits);

  // To run next when that many parts wait, before its inputs are written: one for Session::batch() of them, 1, 2, 4 or
  // 8. Session::batched_inputs() hold a part each, the others count for all. A session of several is opened and tried
  // when it would be taken for the first time, so that a video of single faces does without its memory. What cannot be
  // opened or run, differs, or takes as long as fewer at a time on a GPU is not taken: the report of the session of one
  // says why. Throws Error(kDeviceLost).
  Session& for_parts(std::size_t waiting);
  // Parts of the largest run that may be tried.
  std::size_t most() const { return most_; }

 private:
  struct Several {
    std::size_t parts = 0;
    bool tried = false;
    std::optional<Session> session = {};  // none: not taken
    double us_per_part = 0;               // 0: not measured
  };

  // Inputs that hold a part each: those that the file leaves open; none: those that it can be rewritten for.
  bool holds_parts(const InputSpec& input) const;
  void try_several(Several& several);
  std::string reason_against(Several& several, Session& session, BatchTrial& trial);
  Session open_several(std::size_t parts) const;
  double us_of_fewer(std::size_t parts);

  Open open_;
  Settle settle_;
  std::vector<InputSpec> one_specs_;
  Same same_ = Same::kBits;
  std::size_t most_ = 1;
  Session one_;
  std::array<Several, 3> several_{{{8}, {4}, {2}}};  // the largest first
};

}  // namespace facegraph::runtime
