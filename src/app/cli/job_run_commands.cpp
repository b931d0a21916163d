#include "app/cli/job_run_commands.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/cli/progress.hpp"
#include "app/cli/stop_signals.hpp"
#include "app/config/step_args.hpp"
#include "app/report/run_report.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "jobs/batch/batch.hpp"
#include "jobs/runner/job_runner.hpp"
#include "jobs/store/job_id.hpp"
#include "jobs/store/job_store.hpp"
#include "media/concat/concat.hpp"
#include "media/file/temp_folder.hpp"
#include "pipeline/headless.hpp"

namespace facegraph::app {
namespace {

using core::ErrorCode;
using jobs::JobStatus;

// A jobs folder and a runner that processes steps with the command's own options.
class Runs {
 public:
  explicit Runs(const Invocation& call)
      : call_(call), store_(call.values.string("jobs-path")), runner_(store_, work_of(call)) {
    media::remove_abandoned_temp_folders(call.values.string("temp-path"));
  }

  jobs::JobStore& store() { return store_; }
  jobs::JobRunner& runner() { return runner_; }
  const std::optional<pipeline::RunReport>& last_report() const { return report_; }

  // A new job of these steps, run at once. The id begins with the prefix.
  void run_new(const std::string& prefix, const std::function<std::vector<jobs::StepArgs>()>& make_steps) {
    const std::string id = store_.create_next(jobs::timed_job_name(prefix));
    std::vector<jobs::StepArgs> steps = make_steps();
    store_.edit(id, [&steps](jobs::Job& job) {
      for (jobs::StepArgs& args : steps) {
        jobs::append_step(job, std::move(args));
      }
    });
    store_.submit(id);
    runner_.run(id);
  }

 private:
  jobs::RunnerWork work_of(const Invocation& call) {
    return {.process = [this](const jobs::StepTask& task) { process(task); },
            .join = [](const auto& parts, const auto& output) { media::concat_videos(parts, output); },
            .settings = fmt::format("{} {} {}", FACEGRAPH_VERSION, call.values.string("model-set"),
                                    call.values.string("precision"))};
  }

  void process(const jobs::StepTask& task) {
    core::Progress progress;
    const ProgressDisplay display(progress, progress_style());
    report_ = pipeline::run_headless(step_values(task.args, call_.values), signals_.token(), progress,
                                     pipeline::StepFiles{task.result, task.resume_folder});
    core::log_debug("jobs", "{}", report_table(*report_));
  }

  const Invocation& call_;
  StopSignals signals_;
  jobs::JobStore store_;
  jobs::JobRunner runner_;
  std::optional<pipeline::RunReport> report_;
};

// What a step was asked is no mistake on this command line.
void as_failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const core::Error& error) {
    throw core::Error(error.code() == ErrorCode::kUsage ? ErrorCode::kFailed : error.code(), error.what());
  }
}

void run_one(const Invocation& call, const std::string& doing, void (jobs::JobRunner::*work)(const std::string&)) {
  const std::string id = jobs::job_id_of(call.values.string("job-id"));
  Runs runs(call);
  core::log_info("jobs", "{} job {}", doing, id);
  as_failure([&] { (runs.runner().*work)(id); });
  core::log_info("jobs", "job {} succeeded", id);
}

void run_all(const Invocation& call, const std::string& doing, JobStatus status,
             void (jobs::JobRunner::*work)(const std::string&)) {
  Runs runs(call);
  const std::vector<std::string> ids = runs.store().ids(status);
  if (ids.empty()) {
    core::fail(ErrorCode::kFailed, "there are no {} jobs in {}", jobs::name_of(status),
               call.values.string("jobs-path"));
  }
  core::log_info("jobs", "{} all {} jobs", doing, jobs::name_of(status));
  jobs::for_all(ids, call.values.flag("halt-on-error"),
                [&](const std::string& id) { as_failure([&] { (runs.runner().*work)(id); }); });
  core::log_info("jobs", "all {} jobs succeeded", jobs::name_of(status));
}

std::vector<std::filesystem::path> files_of(const Invocation& call, const std::string& option) {
  return call.values.is_set(option) ? jobs::files_of_pattern(call.values.string(option))
                                    : std::vector<std::filesystem::path>{};
}

std::vector<jobs::StepArgs> batch_args(const Invocation& call) {
  const std::vector<std::filesystem::path> sources = files_of(call, "source-pattern");
  const std::vector<std::filesystem::path> targets = files_of(call, "target-pattern");
  if (targets.empty()) {
    core::fail(ErrorCode::kFailed,
               "no targets: --target-pattern matches no file; expected folder/name, * ? [ ] in the "
               "name only");
  }
  if (!call.values.is_set("output-pattern")) {
    core::fail(ErrorCode::kFailed, "no outputs: --output-pattern is not set; expected for example out/{{index}}.png");
  }
  if (sources.empty() && call.values.is_set("source-pattern")) {
    core::log_warn("jobs", "--source-pattern matches no file: the targets are processed without sources");
  }
  const jobs::StepArgs shared = step_args(call.tables, call.values);
  std::vector<jobs::StepArgs> steps;
  for (const jobs::BatchStep& step : jobs::batch_steps(sources, targets, call.values.string("output-pattern"))) {
    jobs::StepArgs args = shared;
    if (!step.source.empty()) {
      jobs::set_arg(args, "source_paths", std::vector<std::string>{step.source.string()});
    }
    jobs::set_arg(args, "target_path", step.target.string());
    jobs::set_arg(args, "output_path", step.output.string());
    steps.push_back(std::move(args));
  }
  return steps;
}

}  // namespace

void headless_run(const Invocation& call) {
  if (call.values.is_set("report")) {
    check_report_path(call.values.string("report"));
  }
  Runs runs(call);
  runs.run_new("headless", [&call] { return std::vector<jobs::StepArgs>(1, step_args(call.tables, call.values)); });
  if (call.values.is_set("report")) {
    write_report(call.values.string("report"), *runs.last_report());
  }
}

void batch_run(const Invocation& call) {
  Runs runs(call);
  as_failure([&] { runs.run_new("batch", [&call] { return batch_args(call); }); });
}

void job_run(const Invocation& call) {
  run_one(call, "running", &jobs::JobRunner::run);
}

void job_run_all(const Invocation& call) {
  run_all(call, "running", JobStatus::kQueued, &jobs::JobRunner::run);
}

void job_retry(const Invocation& call) {
  run_one(call, "retrying", &jobs::JobRunner::retry);
}

void job_retry_all(const Invocation& call) {
  run_all(call, "retrying", JobStatus::kFailed, &jobs::JobRunner::retry);
}

}  // namespace facegraph::app
