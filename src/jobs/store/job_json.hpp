// The reference's job files, byte for byte: four blanks of indentation, one element per line, everything beyond ASCII
// escaped. spec: application.md 5.2
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "jobs/store/job.hpp"

namespace facegraph::jobs {

// The text in pieces, as it may be half a gigabyte. Bytes of a path that are no UTF-8 are kept as the reference keeps
// them: \udc80 to \udcff.
void write_job(const Job& job, const std::function<void(std::string_view)>& write);

// None for a text that is no job: no JSON, one of the four top-level keys missing, a step of another form.
std::optional<Job> job_from(std::string text);

// One line of JSON for a step's arguments: equal exactly when they are.
std::string args_text(const StepArgs& args);

}  // namespace facegraph::jobs
