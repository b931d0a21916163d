// A folder of jobs as the reference keeps it: JSON files in folders named by status. spec: application.md 5.1, 5.3
//
// Several processes may work on one folder: every call takes the folder's lock, and a file is replaced as a whole or
// not at all, also when the power fails. What the reference does not know lies in the folder "resume" beside the four.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "jobs/store/job.hpp"
#include "media/file/file_lock.hpp"

namespace facegraph::jobs {

struct StoredJob {
  std::string id;
  Job job;
};

class JobStore {
 public:
  // Makes the folders. Jobs that a process was running when it died go to failed, what finished jobs left is removed.
  // Throws Error(kFailed).
  explicit JobStore(std::filesystem::path folder);

  // All ids that a file is there for, oldest change first. What follows throws Error(kFailed) for files that cannot be
  // read.
  std::vector<std::string> ids(JobStatus status) const;
  // The valid ones of them.
  std::vector<StoredJob> list(JobStatus status) const;
  std::optional<Job> find(const std::string& id) const;
  std::optional<JobStatus> status_of(const std::string& id) const;

  // These take a job's id (job_id_of), report on failure what was expected, and refuse jobs that are being run. Error
  // code kFailed.
  void create(const std::string& id);
  // An unused id that begins with this one, created at the same time.
  std::string create_next(const std::string& id);
  void submit(const std::string& id);
  void remove(const std::string& id);
  void edit(const std::string& id, const std::function<void(Job&)>& change);

  // For who runs jobs. The claim keeps others away from the job; none when another process has it. Released when the
  // run has come to its end, whatever that is: a claim that is neither held nor released tells of a process that died.
  std::optional<media::FileLock> claim(const std::string& id);
  void release(const std::string& id);
  void write(const std::string& id, Job& job);  // sets date_updated
  void move(const std::string& id, JobStatus to);
  std::filesystem::path resume_folder(const std::string& id) const;

 private:
  media::FileLock lock() const { return media::FileLock::wait(folder_ / ".lock"); }
  std::filesystem::path path_of(const std::string& id, JobStatus status) const;
  // These expect the lock to be held.
  std::optional<JobStatus> folder_of(const std::string& id) const;
  JobStatus existing(const std::string& id) const;          // throws
  Job read(const std::string& id, JobStatus status) const;  // throws
  void write_to(const std::string& id, JobStatus status, const Job& job);
  void check_idle(const std::string& id) const;  // throws
  bool being_run(const std::string& id) const;
  void move_file(const std::string& id, JobStatus from, JobStatus to);
  void release_claim(const std::string& id) const;
  void recover();
  void recover(const std::string& id);           // throws
  void fail_interrupted(const std::string& id);  // throws

  std::filesystem::path folder_;
};

}  // namespace facegraph::jobs
