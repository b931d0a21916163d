// Tables as the reference prints them. spec: application.md 5.6
#pragma once

#include <string>
#include <vector>

namespace facegraph::app {

// Lines with their ends: separator, headers, separator, rows, separator. Every row has as many cells as there are
// headers. Widths count characters of UTF-8.
std::string text_table(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows);

// On stderr, whatever the log level; where messages are JSON, as one such line for each row, with the headers as keys.
void print_table(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows);

}  // namespace facegraph::app
