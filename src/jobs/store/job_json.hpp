// The reference's job files, byte for byte: four blanks of indentation, one element per line, everything beyond ASCII
// escaped. spec: application.md 5.2
#pragma once

#include <optional>
#include <string>

#include "jobs/store/job.hpp"

namespace facegraph::jobs {

// Bytes of a path that are no UTF-8 are kept as the reference keeps them: \udc80 to \udcff.
std::string job_text(const Job& job);

// None for a text that is no job: no JSON, one of the four top-level keys missing, a step of another form.
std::optional<Job> job_from(const std::string& text);

// One line of JSON for a step's arguments: equal exactly when they are.
std::string args_text(const StepArgs& args);

}  // namespace facegraph::jobs
