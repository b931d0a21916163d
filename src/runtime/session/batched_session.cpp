#include "runtime/session/batched_session.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "runtime/choice/form_choice.hpp"
#include "runtime/session/batch_trial.hpp"

namespace facegraph::runtime {

namespace {

// Last bits are far below; an item that others change is changed by as much as they differ.
constexpr double kLargestBesideItems = 0.1;

bool is_one_of(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Every lane finds out the same.
void log_once(std::string line) {
  static std::mutex mutex;
  static std::set<std::string> said;
  const std::lock_guard lock(mutex);
  if (said.insert(line).second) {
    core::log_debug("runtime", "{}", line);
  }
}

}  // namespace

BatchedSession::BatchedSession(Open open, std::vector<InputSpec> one, std::int64_t most, Settle settle, Same same)
    : open_(std::move(open)),
      settle_(std::move(settle)),
      one_specs_(std::move(one)),
      same_(same),
      one_(open_(one_specs_)) {
  for (const std::size_t parts : {8, 4, 2}) {
    const bool is_wanted = several_.empty() || same_ == Same::kBits;
    // All parts count by the first input.
    if (is_wanted && static_cast<std::int64_t>(parts) <= most && holds_parts(one_specs_.front())) {
      several_.push_back({.parts = parts});
    }
  }
  most_ = several_.empty() ? 1 : several_.front().parts;
  if (same_ == Same::kClose && !several_.empty()) {
    try_several(several_.front());
  }
  settle_all();
}

Session& BatchedSession::for_parts(std::size_t waiting) {
  for (Several& several : several_) {
    if (several.parts <= std::min(waiting, most_)) {
      if (!several.tried) {
        try_several(several);
        settle_all();  // the trial wrote over it
      }
      if (several.session) {
        return *several.session;
      }
    }
  }
  if (one_.get_ready()) {
    settle_all();
  }
  return one_;
}

void BatchedSession::settle_all() {
  if (!settle_) {
    return;
  }
  settle_(one_);
  for (Several& several : several_) {
    if (several.session) {
      settle_(*several.session);
    }
  }
}

double BatchedSession::allowed_difference() const {
  return same_ == Same::kBits ? 0 : kLargestDifference;
}

std::optional<BatchTrial> BatchedSession::known_trial(std::size_t parts) const {
  for (const BatchTrial& trial : one_.batches()) {
    if (same_ == Same::kClose && trial.items == parts && trial.allowed == allowed_difference() && !trial.passing) {
      return trial;
    }
  }
  return std::nullopt;
}

void BatchedSession::try_several(Several& several) {
  const std::optional<BatchTrial> known = known_trial(several.parts);
  BatchTrial trial = known.value_or(BatchTrial{.items = several.parts, .allowed = allowed_difference()});
  several.tried = true;
  bool opened = false;
  try {
    if (trial.against.empty()) {
      Session session = open_several(several.parts);
      opened = true;
      trial.against = known ? "" : reason_against(several, session, trial);
      if (trial.against.empty()) {
        several.session = std::move(session);
      }
    }
  } catch (const core::Error& error) {
    if (error.code() == core::ErrorCode::kDeviceLost) {
      throw;
    }
    trial.against = error.what();
    trial.passing = opened || error.code() != core::ErrorCode::kFailed;
    if (!opened && error.code() == core::ErrorCode::kFailed) {
      most_ = 1;  // nor can others
    }
  }
  if (same_ == Same::kClose && !several.session) {
    most_ = 1;
  }
  log_once(trial.against.empty() ? fmt::format("{} runs {} at a time, results differ by {:.2g} % of their range",
                                               one_.name(), several.parts, trial.difference * 100)
           : most_ == 1          ? fmt::format("{} runs one by one: {}", one_.name(), trial.against)
                        : fmt::format("{} does not run {} at a time: {}", one_.name(), several.parts, trial.against));
  one_.note_batch(trial);
}

bool BatchedSession::holds_parts(const InputSpec& input) const {
  const std::vector<std::string>& open = one_.batched_inputs();
  const bool may_be_rewritten = same_ == Same::kClose && input.shape.size() >= 2 && input.shape.front() == 1;
  return open.empty() ? may_be_rewritten : is_one_of(open, input.name);
}

Session BatchedSession::open_several(std::size_t parts) const {
  std::vector<InputSpec> inputs = one_specs_;
  for (InputSpec& input : inputs) {
    if (holds_parts(input)) {
      input.shape.front() = static_cast<std::int64_t>(parts);
    }
  }
  return open_(inputs);
}

// Empty: it is taken.
std::string BatchedSession::reason_against(Several& several, Session& session, BatchTrial& trial) {
  one_.get_ready();
  const BatchDifference found = difference_of_batch(one_, session, one_specs_);
  const double difference = found.of_range;
  if (!std::isfinite(difference)) {
    return "its results hold NaN, infinity or other whole numbers than one by one";
  }
  trial.difference = difference;
  const double largest = trial.allowed;
  if (difference > largest) {
    return fmt::format("its results differ by {:.2g} % of their range from one by one, {:.2g} % are allowed",
                       difference * 100, largest * 100);
  }
  if (found.of_items > kLargestBesideItems) {
    return fmt::format("its results differ from one by one by {:.2g} % of what those of other items do",
                       found.of_items * 100);
  }
  several.us_per_part = session.time_run() / static_cast<double>(several.parts);
  trial.us_per_item = several.us_per_part;
  const double fewer = us_of_fewer(several.parts);
  if (several.us_per_part > 0 && fewer > 0 && several.us_per_part >= fewer) {
    return fmt::format("a part takes {:.0f} us, {:.0f} us with fewer at a time", several.us_per_part, fewer);
  }
  return {};
}

// The least of a part in smaller runs; 0: not measured.
double BatchedSession::us_of_fewer(std::size_t parts) {
  double least = one_.time_run();
  for (const Several& several : several_) {
    if (several.parts < parts && several.session && several.us_per_part > 0) {
      least = std::min(least, several.us_per_part);
    }
  }
  return least;
}

}  // namespace facegraph::runtime
