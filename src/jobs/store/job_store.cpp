#include "jobs/store/job_store.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/log.hpp"
#include "jobs/store/job_clock.hpp"
#include "jobs/store/job_json.hpp"
#include "jobs/store/run_record.hpp"
#include "media/file/output_file.hpp"

namespace facegraph::jobs {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr const char* kResume = "resume";
constexpr const char* kRunning = "running";
constexpr const char* kExtension = ".json";

std::string now_text() {
  return time_text(std::chrono::system_clock::now());
}

// None for a file that is none of a job. Throws for one that cannot be read.
std::optional<Job> job_in(const fs::path& path) {
  return job_from(core::read_file(path));
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> entries;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    entries.push_back(entry.path());
  }
  return entries;
}

}  // namespace

JobStore::JobStore(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  for (const JobStatus status : kJobStatuses) {
    fs::create_directories(folder_ / name_of(status), error);
    if (error) {
      core::fail(ErrorCode::kFailed, "{}: the folder for jobs cannot be made: {}; choose another with --jobs-path",
                 folder_.string(), error.message());
    }
  }
  const media::FileLock held = lock();
  recover();
}

fs::path JobStore::path_of(const std::string& id, JobStatus status) const {
  return folder_ / name_of(status) / (id + kExtension);
}

fs::path JobStore::resume_folder(const std::string& id) const {
  return folder_ / kResume / id;
}

std::vector<std::string> JobStore::ids(JobStatus status) const {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  for (const fs::path& path : entries_of(folder_ / name_of(status))) {
    const std::string name = path.filename().string();
    std::error_code error;
    const fs::file_time_type time = fs::last_write_time(path, error);
    if (!error && name.ends_with(kExtension) && !name.starts_with('.')) {
      found.emplace_back(time, path.stem().string());
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> ids;
  for (auto& [time, id] : found) {
    ids.push_back(std::move(id));
  }
  return ids;
}

std::vector<StoredJob> JobStore::list(JobStatus status) const {
  const media::FileLock held = lock();
  std::vector<StoredJob> jobs;
  for (const std::string& id : ids(status)) {
    if (std::optional<Job> job = job_in(path_of(id, status))) {
      jobs.push_back({id, std::move(*job)});
    }
  }
  return jobs;
}

std::optional<Job> JobStore::find(const std::string& id) const {
  const media::FileLock held = lock();
  const std::optional<JobStatus> status = folder_of(id);
  return status ? job_in(path_of(id, *status)) : std::nullopt;
}

std::optional<JobStatus> JobStore::status_of(const std::string& id) const {
  const media::FileLock held = lock();
  return folder_of(id);
}

std::optional<JobStatus> JobStore::folder_of(const std::string& id) const {
  const auto* found = std::find_if(kJobStatuses.begin(), kJobStatuses.end(), [&](JobStatus status) {
    std::error_code error;
    return fs::is_regular_file(path_of(id, status), error);
  });
  return found == kJobStatuses.end() ? std::nullopt : std::optional(*found);
}

JobStatus JobStore::existing(const std::string& id) const {
  const std::optional<JobStatus> status = folder_of(id);
  if (!status) {
    core::fail(ErrorCode::kFailed, "job {} does not exist in {}", id, folder_.string());
  }
  return *status;
}

Job JobStore::read(const std::string& id, JobStatus status) const {
  std::optional<Job> job = job_in(path_of(id, status));
  if (!job) {
    core::fail(ErrorCode::kFailed, "{}: is no job file", path_of(id, status).string());
  }
  return std::move(*job);
}

void JobStore::write_to(const std::string& id, JobStatus status, const Job& job) {
  media::OutputFile file(path_of(id, status));
  write_job(job, [&file](std::string_view text) { file.append(std::as_bytes(std::span(text))); });
  file.commit();
}

bool JobStore::being_run(const std::string& id) const {
  const fs::path path = resume_folder(id) / kRunning;
  return fs::exists(path) && !media::FileLock::try_take(path);
}

void JobStore::check_idle(const std::string& id) const {
  if (being_run(id)) {
    core::fail(ErrorCode::kFailed, "job {} is being run by another process; wait for its end or stop it", id);
  }
}

void JobStore::create(const std::string& id) {
  const media::FileLock held = lock();
  if (const std::optional<JobStatus> status = folder_of(id)) {
    core::fail(ErrorCode::kFailed, "job {} exists already, it is {}; choose another id", id, name_of(*status));
  }
  write_to(id, JobStatus::kDrafted, {.version = "1", .date_created = now_text(), .date_updated = {}, .steps = {}});
}

std::string JobStore::create_next(const std::string& id) {
  const media::FileLock held = lock();
  std::string unused = id;
  for (int number = 2; folder_of(unused); ++number) {
    unused = fmt::format("{}-{}", id, number);
  }
  write_to(unused, JobStatus::kDrafted, {.version = "1", .date_created = now_text(), .date_updated = {}, .steps = {}});
  return unused;
}

void JobStore::submit(const std::string& id) {
  const media::FileLock held = lock();
  const JobStatus status = existing(id);
  if (status != JobStatus::kDrafted) {
    core::fail(ErrorCode::kFailed, "job {} cannot be submitted: expected a drafted job, it is {}", id, name_of(status));
  }
  Job job = read(id, status);
  if (job.steps.empty()) {
    core::fail(ErrorCode::kFailed, "job {} cannot be submitted: it has no steps; add one with job-add-step", id);
  }
  for (JobStep& step : job.steps) {
    step.status = StepStatus::kQueued;
  }
  job.date_updated = now_text();
  write_to(id, status, job);
  move_file(id, status, JobStatus::kQueued);
}

void JobStore::remove(const std::string& id) {
  const media::FileLock held = lock();
  const JobStatus status = existing(id);
  check_idle(id);
  // The job's file goes last: until then the rest can be found again.
  RunRecord(resume_folder(id)).discard();
  std::error_code error;
  if (!fs::remove(path_of(id, status), error)) {
    core::fail(ErrorCode::kFailed, "job {} cannot be deleted: {}", id, error.message());
  }
}

void JobStore::edit(const std::string& id, const std::function<void(Job&)>& change) {
  const media::FileLock held = lock();
  const JobStatus status = existing(id);
  check_idle(id);
  Job job = read(id, status);
  change(job);
  job.date_updated = now_text();
  write_to(id, status, job);
}

std::optional<media::FileLock> JobStore::claim(const std::string& id) {
  const media::FileLock held = lock();
  std::error_code error;
  fs::create_directories(resume_folder(id), error);
  if (error) {
    core::fail(ErrorCode::kFailed, "{}: cannot be made: {}", resume_folder(id).string(), error.message());
  }
  return media::FileLock::try_take(resume_folder(id) / kRunning);
}

void JobStore::write(const std::string& id, Job& job) {
  const media::FileLock held = lock();
  job.date_updated = now_text();
  write_to(id, existing(id), job);
}

void JobStore::move(const std::string& id, JobStatus to) {
  const media::FileLock held = lock();
  move_file(id, existing(id), to);
}

void JobStore::move_file(const std::string& id, JobStatus from, JobStatus to) {
  if (from != to) {
    media::move_durably(path_of(id, from), path_of(id, to));
  }
}

void JobStore::release(const std::string& id) {
  const media::FileLock held = lock();
  release_claim(id);
}

void JobStore::release_claim(const std::string& id) const {
  std::error_code ignored;
  fs::remove(resume_folder(id) / kRunning, ignored);
}

void JobStore::recover() {
  for (const JobStatus status : kJobStatuses) {
    for (const fs::path& path : entries_of(folder_ / name_of(status))) {
      // Nobody else writes while the lock is held: the unfinished file of a process that died.
      if (path.filename().string().starts_with('.')) {
        std::error_code ignored;
        fs::remove(path, ignored);
      }
    }
  }
  for (const fs::path& path : entries_of(folder_ / kResume)) {
    try {
      recover(path.filename().string());
    } catch (const core::Error& error) {
      // A full disk, a file that cannot be read: a later command tries again, and this one can do something else.
      core::log_warn("jobs", "{}", error.what());
    }
  }
}

void JobStore::recover(const std::string& id) {
  if (being_run(id)) {
    return;
  }
  const std::optional<JobStatus> status = folder_of(id);
  const fs::path resume = resume_folder(id);
  if (!status || *status == JobStatus::kCompleted) {
    RunRecord(resume).discard();
  } else if (fs::exists(resume / kRunning)) {
    if (*status == JobStatus::kQueued) {
      fail_interrupted(id);
    }
    release_claim(id);
  }
}

// The process that ran the job has died.
void JobStore::fail_interrupted(const std::string& id) {
  std::optional<Job> job = job_in(path_of(id, JobStatus::kQueued));
  if (!job) {
    return;
  }
  for (JobStep& step : job->steps) {
    step.status = step.status == StepStatus::kStarted ? StepStatus::kFailed : step.status;
  }
  job->date_updated = now_text();
  write_to(id, JobStatus::kQueued, *job);
  move_file(id, JobStatus::kQueued, JobStatus::kFailed);
  core::log_warn("jobs", "job {} was interrupted and is now failed; job-retry goes on with it", id);
}

}  // namespace facegraph::jobs
