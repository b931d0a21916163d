#include "app/cli/text_table.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/json_log.hpp"

namespace facegraph::app {
namespace {

using Cells = std::vector<std::string>;

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0U) != 0x80U; }));
}

std::string line_of(const Cells& cells, const std::vector<std::size_t>& widths) {
  Cells padded;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    padded.push_back(cells[i] + std::string(widths[i] - width_of(cells[i]), ' '));
  }
  return fmt::format("| {} |\n", fmt::join(padded, " | "));
}

}  // namespace

std::string text_table(const Cells& headers, const std::vector<Cells>& rows) {
  std::vector<std::size_t> widths(headers.size());
  Cells dashes;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    widths[i] = width_of(headers[i]);
    for (const Cells& row : rows) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
    dashes.emplace_back(widths[i], '-');
  }
  const std::string separator = fmt::format("+-{}-+\n", fmt::join(dashes, "-+-"));
  std::string text = separator + line_of(headers, widths) + separator;
  for (const Cells& row : rows) {
    text += line_of(row, widths);
  }
  return text + separator;
}

void print_table(const Cells& headers, const std::vector<Cells>& rows) {
  if (!logs_json()) {
    std::fputs(text_table(headers, rows).c_str(), stderr);
    return;
  }
  for (const Cells& row : rows) {
    std::fputs((json_row(headers, row) + "\n").c_str(), stderr);
  }
}

}  // namespace facegraph::app
