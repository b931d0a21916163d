#include "app/cli/job_commands.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/text_table.hpp"
#include "app/config/step_args.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "jobs/runner/job_runner.hpp"
#include "jobs/store/job_clock.hpp"
#include "jobs/store/job_id.hpp"
#include "jobs/store/job_store.hpp"

namespace facegraph::app {
namespace {

using core::ErrorCode;
using jobs::JobStatus;
using jobs::JobStore;

JobStore store_of(const Invocation& call) {
  return JobStore(call.values.string("jobs-path"));
}

std::string id_of(const Invocation& call) {
  return jobs::job_id_of(call.values.string("job-id"));
}

long long index_of(const Invocation& call) {
  return call.values.integer("step-index");
}

jobs::StepArgs args_of(const Invocation& call) {
  return step_args(call.tables, call.values);
}

std::string ago(const std::optional<std::string>& date) {
  if (!date) {
    return "None";
  }
  const std::optional<jobs::TimePoint> time = jobs::time_from(*date);
  return time ? jobs::time_ago(*time, std::chrono::system_clock::now()) : *date;
}

void for_every_job(const std::vector<std::string>& ids, const Invocation& call, const std::string& kind,
                   const std::function<void(const std::string&)>& action) {
  if (ids.empty()) {
    core::fail(ErrorCode::kFailed, "there are no {}jobs in {}", kind, call.values.string("jobs-path"));
  }
  jobs::for_all(ids, call.values.flag("halt-on-error"), action);
}

}  // namespace

void job_list(const Invocation& call) {
  const std::string name = call.values.string("job-status");
  std::vector<std::vector<std::string>> rows;
  for (const jobs::StoredJob& stored : store_of(call).list(jobs::job_status_of(name))) {
    rows.push_back({stored.id, std::to_string(stored.job.steps.size()), ago(stored.job.date_created),
                    ago(stored.job.date_updated), name});
  }
  if (rows.empty()) {
    core::fail(ErrorCode::kFailed, "there are no {} jobs in {}", name, call.values.string("jobs-path"));
  }
  print_table({"job id", "steps", "date created", "date updated", "job status"}, rows);
}

void job_create(const Invocation& call) {
  const std::string id = id_of(call);
  store_of(call).create(id);
  core::log_info("jobs", "job {} created", id);
}

void job_submit(const Invocation& call) {
  const std::string id = id_of(call);
  store_of(call).submit(id);
  core::log_info("jobs", "job {} submitted", id);
}

void job_submit_all(const Invocation& call) {
  JobStore store = store_of(call);
  for_every_job(store.ids(JobStatus::kDrafted), call, "drafted ",
                [&store](const std::string& id) { store.submit(id); });
  core::log_info("jobs", "all drafted jobs submitted");
}

void job_delete(const Invocation& call) {
  const std::string id = id_of(call);
  store_of(call).remove(id);
  core::log_info("jobs", "job {} deleted", id);
}

void job_delete_all(const Invocation& call) {
  JobStore store = store_of(call);
  std::vector<std::string> ids;
  for (const JobStatus status : {JobStatus::kDrafted, JobStatus::kQueued, JobStatus::kFailed, JobStatus::kCompleted}) {
    const std::vector<std::string> more = store.ids(status);
    ids.insert(ids.end(), more.begin(), more.end());
  }
  for_every_job(ids, call, "", [&store](const std::string& id) { store.remove(id); });
  core::log_info("jobs", "all jobs deleted");
}

void job_add_step(const Invocation& call) {
  const std::string id = id_of(call);
  store_of(call).edit(id, [&](jobs::Job& job) { jobs::append_step(job, args_of(call)); });
  core::log_info("jobs", "step added to job {}", id);
}

void job_remix_step(const Invocation& call) {
  const std::string id = id_of(call);
  store_of(call).edit(id, [&](jobs::Job& job) { jobs::remix_step(job, id, index_of(call), args_of(call)); });
  core::log_info("jobs", "step {} of job {} remixed", index_of(call), id);
}

void job_insert_step(const Invocation& call) {
  const std::string id = id_of(call);
  store_of(call).edit(id, [&](jobs::Job& job) { jobs::insert_step(job, id, index_of(call), args_of(call)); });
  core::log_info("jobs", "step inserted into job {} at {}", id, index_of(call));
}

void job_remove_step(const Invocation& call) {
  const std::string id = id_of(call);
  store_of(call).edit(id, [&](jobs::Job& job) { jobs::remove_step(job, id, index_of(call)); });
  core::log_info("jobs", "step {} removed from job {}", index_of(call), id);
}

}  // namespace facegraph::app
