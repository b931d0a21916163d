// Messages as lines of JSON: time (UTC), level, module, message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/log.hpp"
#include "core/base/progress.hpp"

namespace facegraph::app {

// For all messages from now on.
void set_json_log(bool on);
bool logs_json();

// One object without a line end. Bytes that are no UTF-8 become replacement characters.
std::string json_line(core::LogLevel level, std::string_view module, const std::string& text);

// The same for how far a run has come, with phase, done and total.
std::string json_progress(const core::Progress::Phase& phase, const std::string& text);

// The same for a row of a table, with its cells under the headers.
std::string json_row(const std::vector<std::string>& headers, const std::vector<std::string>& cells);

}  // namespace facegraph::app
