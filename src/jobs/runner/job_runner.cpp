#include "jobs/runner/job_runner.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "jobs/store/job_id.hpp"
#include "jobs/store/job_json.hpp"
#include "media/file/output_file.hpp"
#include "media/media.hpp"

namespace facegraph::jobs {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using core::ErrorCode;

// A job's file is written again after a step only when that costs less than this share of the time: a job of a hundred
// thousand steps is a large file. The record of the run is complete at any time.
constexpr int kWriteShare = 20;

std::vector<std::string> inputs_of(const StepArgs& args) {
  std::vector<std::string> inputs{text_arg(args, "target_path")};
  const core::OptionValue* sources = find_arg(args, "source_paths");
  if (const auto* paths = sources == nullptr ? nullptr : std::get_if<std::vector<std::string>>(sources)) {
    inputs.insert(inputs.end(), paths->begin(), paths->end());
  }
  return inputs;
}

// Tells a file that was replaced since.
std::string state_of(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  const auto time = error ? fs::file_time_type() : fs::last_write_time(file, error);
  return error ? "absent" : fmt::format("{} {}", size, time.time_since_epoch().count());
}

fs::path result_of(const std::string& id, std::size_t index, const StepArgs& args) {
  const fs::path output = text_arg(args, "output_path");
  const std::optional<fs::path> result = step_output_path(id, index, output);
  if (!result) {
    core::fail(ErrorCode::kFailed, "step {} of job {}: --output-path is '{}', expected a file name with an extension",
               index, id, output.string());
  }
  return *result;
}

// The steps' results by the output they belong to, in the order of first use.
std::vector<std::pair<std::string, std::vector<fs::path>>> results_by_output(const std::string& id, const Job& job) {
  std::vector<std::pair<std::string, std::vector<fs::path>>> groups;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < job.steps.size(); ++i) {
    const std::string output = text_arg(job.steps[i].args, "output_path");
    const auto [place, is_new] = places.try_emplace(output, groups.size());
    if (is_new) {
      groups.push_back({output, {}});
    }
    groups[place->second].second.push_back(result_of(id, i, job.steps[i].args));
  }
  return groups;
}

bool all_are(media::MediaKind kind, const std::vector<fs::path>& files) {
  return std::all_of(files.begin(), files.end(), [kind](const fs::path& file) { return media::kind_of(file) == kind; });
}

}  // namespace

void JobRunner::run(const std::string& id) {
  run_from(id, JobStatus::kQueued);
}

void JobRunner::retry(const std::string& id) {
  run_from(id, JobStatus::kFailed);
}

void JobRunner::run_from(const std::string& id, JobStatus from) {
  const std::optional<JobStatus> status = store_.status_of(id);
  if (status != from) {
    core::fail(ErrorCode::kFailed, "job {} cannot be run: expected a {} job, {}", id, name_of(from),
               status ? fmt::format("it is {}", name_of(*status)) : "there is none of this id");
  }
  const std::optional<media::FileLock> claim = store_.claim(id);
  if (!claim) {
    core::fail(ErrorCode::kFailed, "job {} cannot be run: another process runs it", id);
  }
  Run run = begin(id, from);
  try {
    store_.move(id, JobStatus::kQueued);
    execute(run);
    store_.move(id, JobStatus::kCompleted);
  } catch (const std::exception&) {
    give_up(run);
    throw;
  }
  // Completed is completed: what is removed now, a later command removes if this one dies.
  run.record.discard();
}

JobRunner::Run JobRunner::begin(const std::string& id, JobStatus from) {
  try {
    std::optional<Job> job = store_.find(id);
    if (!job || store_.status_of(id) != from) {
      core::fail(ErrorCode::kFailed, "job {} cannot be run: its file is no job file", id);
    }
    return {id, *std::move(job), RunRecord(store_.resume_folder(id))};
  } catch (const core::Error&) {
    store_.release(id);
    throw;
  }
}

std::string JobRunner::fingerprint_of(const StepArgs& args) const {
  std::string text = fmt::format("{}\n{}", work_.settings, args_text(args));
  for (const std::string& input : inputs_of(args)) {
    text += fmt::format("\n{}", state_of(input));
  }
  return core::sha256_of(text);
}

void JobRunner::execute(Run& run) {
  std::vector<JobStep>& steps = run.job.steps;
  std::set<std::string> renewed;  // results of steps that are done again
  std::vector<bool> held(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::vector<std::string> inputs = inputs_of(steps[i].args);
    const bool stale = std::any_of(inputs.begin(), inputs.end(),
                                   [&renewed](const std::string& input) { return renewed.contains(input); });
    held[i] = !stale && run.record.holds(i, fingerprint_of(steps[i].args));
    steps[i].status = held[i] ? StepStatus::kCompleted : StepStatus::kQueued;
    if (!held[i]) {
      const auto result = step_output_path(run.id, i, text_arg(steps[i].args, "output_path"));
      renewed.insert(result ? result->string() : "");
    }
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (held[i]) {
      core::log_info("jobs", "step {} of {} is done already", i + 1, steps.size());
    } else {
      run_step(run, i, fingerprint_of(steps[i].args));
    }
  }
  save(run, true);
  finalise(run);
}

void JobRunner::run_step(Run& run, std::size_t index, const std::string& fingerprint) {
  JobStep& step = run.job.steps[index];
  core::log_info("jobs", "step {} of {}", index + 1, run.job.steps.size());
  step.status = StepStatus::kStarted;
  save(run, false);
  try {
    const fs::path result = result_of(run.id, index, step.args);
    const auto before = run.record.steps().find(index);
    if (before != run.record.steps().end()) {
      if (before->second.digest.empty()) {
        media::remove_abandoned_files(result);
      }
      if (before->second.fingerprint != fingerprint) {
        run.record.discard_step_folder(index);
      }
    }
    run.record.set(index, {fingerprint, fs::absolute(result), ""});
    work_.process({step.args, index, run.job.steps.size(), result, run.record.step_folder(index)});
    run.record.set(index, {fingerprint, fs::absolute(result), core::sha256_of_file(result)});
    run.record.discard_step_folder(index);
  } catch (const std::exception&) {
    step.status = StepStatus::kFailed;
    throw;
  }
  step.status = StepStatus::kCompleted;
  save(run, false);
}

void JobRunner::save(Run& run, bool now) {
  const Clock::time_point start = Clock::now();
  if (!now && start < run.next_write) {
    return;
  }
  store_.write(run.id, run.job);
  const Clock::time_point end = Clock::now();
  run.next_write = end + kWriteShare * (end - start);
}

// Also on a full disk: then the file keeps its statuses, and is moved all the same.
void JobRunner::give_up(Run& run) {
  try {
    save(run, true);
  } catch (const core::Error& error) {
    core::log_warn("jobs", "{}", error.what());
  }
  store_.move(run.id, JobStatus::kFailed);
  store_.release(run.id);
}

void JobRunner::finalise(const Run& run) const {
  for (const auto& [output, parts] : results_by_output(run.id, run.job)) {
    if (parts.size() > 1 && all_are(media::MediaKind::kVideo, parts)) {
      media::remove_abandoned_files(output);
      work_.join(parts, output);
    } else if (parts.size() == 1 || all_are(media::MediaKind::kImage, parts)) {
      for (const fs::path& part : parts) {
        media::move_durably(part, output);  // of several pictures the last one stays
      }
    }
  }
}

void for_all(const std::vector<std::string>& ids, bool halt, const std::function<void(const std::string&)>& action) {
  std::size_t failed = 0;
  for (const std::string& id : ids) {
    try {
      action(id);
    } catch (const core::Error& error) {
      if (halt || error.code() == ErrorCode::kStopped) {
        throw;
      }
      core::log_error("jobs", "{}", error.what());
      ++failed;
    }
  }
  if (failed > 0) {
    core::fail(ErrorCode::kFailed, "{} of {} jobs failed", failed, ids.size());
  }
}

}  // namespace facegraph::jobs
