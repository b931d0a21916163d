#include "core/base/log.hpp"

#include <algorithm>
#include <atomic>
#include <cctype>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace facegraph::core {
namespace {

std::atomic<LogLevel> current_level{LogLevel::kInfo};
std::atomic<LogHook> current_hook{nullptr};

std::string plain_line(LogLevel, std::string_view module, const std::string& text) {
  std::string name(module);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
  return fmt::format("[FACEGRAPH.{}] {}", name, text);
}

std::atomic<LogFormat> current_format{&plain_line};

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = spdlog::stderr_logger_mt("facegraph");
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

}  // namespace

void set_log_level(LogLevel level) {
  current_level = level;
}

LogLevel log_level() {
  return current_level;
}

void set_log_hook(LogHook hook) {
  current_hook = hook;
}

void set_log_format(LogFormat format) {
  current_format = format != nullptr ? format : &plain_line;
}

void log_line(LogLevel level, std::string_view module, const std::string& text) {
  const std::string line = current_format.load()(level, module, text);
  if (const LogHook hook = current_hook) {
    hook(level, line);
  } else {
    logger().info(line);
  }
}

}  // namespace facegraph::core
