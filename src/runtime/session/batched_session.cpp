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
  for (const Several& several : several_) {
    // All parts count by the first input.
    if (most_ == 1 && static_cast<std::int64_t>(several.parts) <= most && holds_parts(one_specs_.front())) {
      most_ = several.parts;
    }
  }
  if (settle_) {
    settle_(one_);
  }
}

Session& BatchedSession::for_parts(std::size_t waiting) {
  for (Several& several : several_) {
    if (several.parts <= std::min(waiting, most_)) {
      if (!std::exchange(several.tried, true)) {
        try_several(several);
      }
      if (several.session) {
        return *several.session;
      }
    }
  }
  return one_;
}

void BatchedSession::try_several(Several& several) {
  BatchTrial trial{.items = several.parts};
  bool opened = false;
  try {
    Session session = open_several(several.parts);
    opened = true;
    trial.against = reason_against(several, session, trial);
    if (trial.against.empty()) {
      several.session = std::move(session);
    }
  } catch (const core::Error& error) {
    if (error.code() == core::ErrorCode::kDeviceLost) {
      throw;
    }
    trial.against = error.what();
    if (!opened && error.code() == core::ErrorCode::kFailed) {
      most_ = 1;  // nor can others
    }
  }
  log_once(trial.against.empty() ? fmt::format("{} runs {} at a time, results differ by {:.2g} % of their range",
                                               one_.name(), several.parts, trial.difference * 100)
           : most_ == 1          ? fmt::format("{} runs one by one: {}", one_.name(), trial.against)
                        : fmt::format("{} does not run {} at a time: {}", one_.name(), several.parts, trial.against));
  one_.note_batch(trial);
  if (settle_) {  // the trial wrote over it
    settle_(one_);
    if (several.session) {
      settle_(*several.session);
    }
  }
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
  const BatchDifference found = difference_of_batch(one_, session, one_specs_);
  const double difference = found.of_range;
  if (!std::isfinite(difference)) {
    return "its results hold NaN, infinity or other whole numbers than one by one";
  }
  trial.difference = difference;
  const double largest = same_ == Same::kBits ? 0 : kLargestDifference;
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
