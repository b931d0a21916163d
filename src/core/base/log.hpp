// The log sink: lines on stderr. Thread safe. Libraries log here and never print.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace facegraph::core {

enum class LogLevel { kError, kWarn, kInfo, kDebug };

void set_log_level(LogLevel level);
LogLevel log_level();
void log_line(LogLevel level, std::string_view module, const std::string& text);

// Makes a line of its parts; nullptr: "[FACEGRAPH.MODULE] text".
using LogFormat = std::string (*)(LogLevel level, std::string_view module, const std::string& text);
void set_log_format(LogFormat format);

// Called with every line that would be printed, instead of printing; an empty function restores stderr. For tests and
// for the progress bar, which has to lift itself off the terminal line before a message is printed.
using LogHook = void (*)(LogLevel level, const std::string& line);
void set_log_hook(LogHook hook);

template <typename... Args>
void log(LogLevel level, std::string_view module, fmt::format_string<Args...> format, Args&&... args) {
  if (level <= log_level()) {
    log_line(level, module, fmt::format(format, std::forward<Args>(args)...));
  }
}

template <typename... Args>
void log_error(std::string_view module, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kError, module, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_warn(std::string_view module, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kWarn, module, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_info(std::string_view module, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kInfo, module, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_debug(std::string_view module, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::kDebug, module, format, std::forward<Args>(args)...);
}

}  // namespace facegraph::core
