#include "jobs/store/job.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/error.hpp"
#include "jobs/store/job_id.hpp"

namespace facegraph::jobs {
namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 4> kJobNames{"drafted", "queued", "completed", "failed"};
constexpr std::array<std::string_view, 5> kStepNames{"drafted", "queued", "started", "completed", "failed"};

// The number of arguments when the key is absent.
std::size_t place_of(const StepArgs& args, std::string_view key) {
  std::size_t place = 0;
  while (place < args.size() && args[place].first != key) {
    ++place;
  }
  return place;
}

}  // namespace

std::string_view name_of(JobStatus status) {
  return kJobNames.at(static_cast<std::size_t>(status));
}

std::string_view name_of(StepStatus status) {
  return kStepNames.at(static_cast<std::size_t>(status));
}

JobStatus job_status_of(std::string_view name) {
  const auto* found = std::find(kJobNames.begin(), kJobNames.end(), name);
  if (found == kJobNames.end()) {
    core::fail(core::ErrorCode::kUsage, "job status: expected one of {}, found '{}'", fmt::join(kJobNames, ", "), name);
  }
  return static_cast<JobStatus>(found - kJobNames.begin());
}

std::optional<StepStatus> step_status_of(std::string_view name) {
  const auto* found = std::find(kStepNames.begin(), kStepNames.end(), name);
  return found == kStepNames.end() ? std::nullopt : std::optional(static_cast<StepStatus>(found - kStepNames.begin()));
}

StepArgs::StepArgs(std::initializer_list<Arg> args) {
  for (const Arg& arg : args) {
    append(arg.first, arg.second);
  }
}

void StepArgs::append(std::string key, core::OptionValue value) {
  args_.push_back(std::make_shared<const Arg>(std::move(key), std::move(value)));
}

void StepArgs::replace(std::size_t place, core::OptionValue value) {
  args_[place] = std::make_shared<const Arg>(args_[place]->first, std::move(value));
}

void StepArgs::share(const StepArgs& other) {
  for (std::size_t i = 0; i < std::min(size(), other.size()); ++i) {
    if (*args_[i] == *other.args_[i]) {
      args_[i] = other.args_[i];
    }
  }
}

const core::OptionValue* find_arg(const StepArgs& args, std::string_view key) {
  const std::size_t place = place_of(args, key);
  return place == args.size() ? nullptr : &args[place].second;
}

void set_arg(StepArgs& args, const std::string& key, core::OptionValue value) {
  const std::size_t place = place_of(args, key);
  if (place == args.size()) {
    args.append(key, std::move(value));
  } else {
    args.replace(place, std::move(value));
  }
}

std::string text_arg(const StepArgs& args, std::string_view key) {
  const core::OptionValue* value = find_arg(args, key);
  const std::string* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? "" : *text;
}

std::size_t step_position(const Job& job, const std::string& id, long long index) {
  const auto count = static_cast<long long>(job.steps.size());
  const long long position = index < 0 ? count - 1 : index;
  if (position < 0 || position >= count) {
    core::fail(core::ErrorCode::kFailed, "job {} has no step {}: it has {} step{}{}", id, index, count,
               count == 1 ? "" : "s", count == 0 ? "" : fmt::format(", 0 to {}", count - 1));
  }
  return static_cast<std::size_t>(position);
}

void append_step(Job& job, StepArgs args) {
  job.steps.push_back({std::move(args), StepStatus::kDrafted});
}

void insert_step(Job& job, const std::string& id, long long index, StepArgs args) {
  const auto position = static_cast<std::ptrdiff_t>(step_position(job, id, index));
  job.steps.insert(job.steps.begin() + position, {std::move(args), StepStatus::kDrafted});
}

void remove_step(Job& job, const std::string& id, long long index) {
  job.steps.erase(job.steps.begin() + static_cast<std::ptrdiff_t>(step_position(job, id, index)));
}

void remix_step(Job& job, const std::string& id, long long index, StepArgs args) {
  const std::size_t position = step_position(job, id, index);
  const auto made = step_output_path(id, position, text_arg(job.steps[position].args, "output_path"));
  set_arg(args, "target_path", made ? core::OptionValue(made->string()) : core::OptionValue());
  append_step(job, std::move(args));
}

}  // namespace facegraph::jobs
