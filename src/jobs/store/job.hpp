// What a job is: steps in order, each with frozen arguments and a status. spec: application.md 5.2
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/options/option.hpp"

namespace facegraph::jobs {

enum class JobStatus { kDrafted, kQueued, kCompleted, kFailed };
enum class StepStatus { kDrafted, kQueued, kStarted, kCompleted, kFailed };

// In the order in which a job is looked for.
inline constexpr std::array kJobStatuses{JobStatus::kDrafted, JobStatus::kQueued, JobStatus::kCompleted,
                                         JobStatus::kFailed};

std::string_view name_of(JobStatus status);  // also the name of the folder
std::string_view name_of(StepStatus status);
JobStatus job_status_of(std::string_view name);  // throws Error(kUsage)
std::optional<StepStatus> step_status_of(std::string_view name);

// Option keys ("target_path") and raw values, in the order of the file. Copies share what they do not change: the steps
// of a batch, a hundred thousand perhaps, are alike but for a few arguments.
class StepArgs {
 public:
  using Arg = std::pair<std::string, core::OptionValue>;

  StepArgs() = default;
  StepArgs(std::initializer_list<Arg> args);

  std::size_t size() const { return args_.size(); }
  const Arg& operator[](std::size_t place) const { return *args_[place]; }
  void append(std::string key, core::OptionValue value);
  void replace(std::size_t place, core::OptionValue value);
  // Keeps the other's arguments for its own where they stand at the same place and are equal.
  void share(const StepArgs& other);

 private:
  std::vector<std::shared_ptr<const Arg>> args_;
};

// Null when the key is absent.
const core::OptionValue* find_arg(const StepArgs& args, std::string_view key);
void set_arg(StepArgs& args, const std::string& key, core::OptionValue value);
// A text among the arguments; empty when absent, unset or no text.
std::string text_arg(const StepArgs& args, std::string_view key);

struct JobStep {
  StepArgs args;
  StepStatus status = StepStatus::kDrafted;
};

struct Job {
  std::string version = "1";
  std::string date_created;                 // ISO 8601 with offset
  std::optional<std::string> date_updated;  // of the last change of content; a move is none
  std::vector<JobStep> steps;
};

// The position of a step; negative: the last one. Throws Error(kFailed) unless there is such a step.
std::size_t step_position(const Job& job, const std::string& id, long long index);

void append_step(Job& job, StepArgs args);
// Before the step at the index: with a negative one before the last step.
void insert_step(Job& job, const std::string& id, long long index, StepArgs args);
void remove_step(Job& job, const std::string& id, long long index);
// Appends a step whose target is what the step at the index makes.
void remix_step(Job& job, const std::string& id, long long index, StepArgs args);

}  // namespace facegraph::jobs
