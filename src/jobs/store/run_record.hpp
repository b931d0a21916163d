// What a run leaves beside the job files, so that a later one can go on from it: which steps are done, with which
// arguments, and what their files were. A folder per job; the job's JSON stays as the reference knows it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace facegraph::jobs {

class RunRecord {
 public:
  struct Step {
    std::string fingerprint;     // of arguments and inputs
    std::filesystem::path file;  // absolute
    std::string digest;          // of the file; empty: the step was begun only
    bool operator==(const Step&) const = default;
  };

  // Reads what is there; a line that is none counts as absent. Throws Error(kFailed): the record cannot be read.
  explicit RunRecord(std::filesystem::path folder);

  const std::map<std::size_t, Step>& steps() const { return steps_; }
  // Written to the disk before it returns. Throws Error(kFailed).
  void set(std::size_t index, const Step& step);

  // Where an unfinished step keeps what it has; need not exist.
  std::filesystem::path step_folder(std::size_t index) const;
  void discard_step_folder(std::size_t index) const;

  // Whether the step's file is still the one that was recorded for these arguments and inputs.
  bool holds(std::size_t index, const std::string& fingerprint) const;

  // Removes every step's file and the folder.
  void discard();

 private:
  std::filesystem::path list() const { return folder_ / "steps"; }

  std::filesystem::path folder_;
  std::map<std::size_t, Step> steps_;
};

}  // namespace facegraph::jobs
