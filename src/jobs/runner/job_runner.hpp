// Runs the steps of a job and puts their results together. spec: application.md 5.5
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "jobs/store/job_store.hpp"
#include "jobs/store/run_record.hpp"

namespace facegraph::jobs {

struct StepTask {
  const StepArgs& args;
  std::size_t index;
  std::size_t count;                    // of the job's steps
  std::filesystem::path result;         // file to be written, whole or not at all
  std::filesystem::path resume_folder;  // keeps what an interrupted step has; made by who needs it
};

// What a runner needs of the rooms above and beside it. Both throw core::Error.
struct RunnerWork {
  std::function<void(const StepTask&)> process;
  // Joins videos without encoding them again; the output appears when it is complete.
  std::function<void(const std::vector<std::filesystem::path>& parts, const std::filesystem::path& output)> join;
  // Whatever besides a step's arguments and inputs decides its result: results of another text are not reused.
  std::string settings = {};
};

class JobRunner {
 public:
  JobRunner(JobStore& store, RunnerWork work) : store_(store), work_(std::move(work)) {}

  // A queued job; afterwards it is completed, or failed and the step's error goes on to the caller. Error(kFailed) for
  // jobs that are not queued or run elsewhere.
  void run(const std::string& id);
  // The same for a failed job. Steps whose results are still there are not done again.
  void retry(const std::string& id);

 private:
  struct Run {
    std::string id;
    Job job;
    RunRecord record;
    std::chrono::steady_clock::time_point next_write = {};
  };

  void run_from(const std::string& id, JobStatus from);
  Run begin(const std::string& id, JobStatus from);  // a claimed job
  void execute(Run& run);
  void run_step(Run& run, std::size_t index, const std::string& fingerprint);
  void finalise(const Run& run) const;
  void give_up(Run& run);
  void save(Run& run, bool now);
  std::string fingerprint_of(const StepArgs& args) const;

  JobStore& store_;
  RunnerWork work_;
};

// The action on every id. Errors are logged; the first one ends it when `halt` is set, the others are counted and
// thrown as one Error(kFailed) at the end. A stop ends it at once.
void for_all(const std::vector<std::string>& ids, bool halt, const std::function<void(const std::string&)>& action);

}  // namespace facegraph::jobs
