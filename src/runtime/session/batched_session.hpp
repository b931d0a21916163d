// One model for several parts: tiles or faces of a frame, frames of a video. A run of 2, 4 or 8 takes them together
// where the model allows it and each part gets what it gets alone, tried on noise; else they go one after the other.
// When a run of several is opened and tried depends on who asked for it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// What a part of several is to get. kBits, where nobody asked for runs of several: the very bits that it gets alone; a
// file that takes one part takes one. Each size is opened and tried when it would be taken for the first time, so that
// a video of single faces does without its memory. kClose, where somebody did: last bits may differ, by
// kLargestDifference (choice/form_choice.hpp) of an output's range at most; a file that takes one part is rewritten for
// several. There is one size, the largest; it is opened at once, so that no frame waits for it later, and tried unless
// an earlier run has.
enum class Same : std::uint8_t { kBits, kClose };

class BatchedSession {
 public:
  // A session with those inputs (InferencePool::open), its outputs checked. Kept and called again for several parts.
  using Open = std::function<Session(const std::vector<InputSpec>& inputs)>;
  // Writes what a session's inputs hold in every run; kept, too.
  using Settle = std::function<void(Session& session)>;

  BatchedSession() = default;
  // one: the inputs of one part, whose first dimension is 1. most: parts of one run, 1 to go one by one. Throws as
  // `open`.
  BatchedSession(Open open, std::vector<InputSpec> one, std::int64_t most, Settle settle = {}, Same same = Same::kBits);

  // To run next when that many parts wait, before its inputs are written: one for Session::batch() of them, 1, 2, 4 or
  // 8. Session::batched_inputs() hold a part each, the others count for all. What cannot be opened or run, differs, or
  // takes as long as fewer at a time on a GPU is not taken: the report of the session of one says why. Throws
  // Error(kDeviceLost).
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
  double allowed_difference() const;
  std::optional<BatchTrial> known_trial(std::size_t parts) const;
  void try_several(Several& several);
  void settle_all();
  std::string reason_against(Several& several, Session& session, BatchTrial& trial);
  Session open_several(std::size_t parts) const;
  double us_of_fewer(std::size_t parts);

  Open open_;
  Settle settle_;
  std::vector<InputSpec> one_specs_;
  Same same_ = Same::kBits;
  std::size_t most_ = 1;
  Session one_;
  std::vector<Several> several_;  // the largest first
};

}  // namespace facegraph::runtime
