// Names that follow from a job's id. spec: application.md 5.1, 5.4
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace facegraph::jobs {

// The name itself if it is made of letters, digits and '-' with at least one of the former, else its SHA-1.
std::string job_id_of(const std::string& name);

// "headless-2026-01-31-12-34-56": prefix and local time.
std::string timed_job_name(const std::string& prefix);

// Where a step keeps its result until the job is finished: beside the output, with id and index in the name. None when
// the output has no stem or no extension.
std::optional<std::filesystem::path> step_output_path(const std::string& id, std::size_t index,
                                                      const std::filesystem::path& output);

}  // namespace facegraph::jobs
