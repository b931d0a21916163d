#include "app/cli/json_log.hpp"

#include <array>
#include <chrono>
#include <ctime>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace facegraph::app {
namespace {

using Json = nlohmann::ordered_json;

bool json_is_on = false;  // set before other threads are there

std::string utc_time() {
  using namespace std::chrono;
  const system_clock::time_point now = system_clock::now();
  const std::time_t seconds = system_clock::to_time_t(now);
  std::tm parts = {};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return fmt::format("{}.{:03}Z", text.data(), duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000);
}

Json message(core::LogLevel level, std::string_view module, const std::string& text) {
  static constexpr std::array kNames{"error", "warn", "info", "debug"};
  return {{"time", utc_time()},
          {"level", kNames.at(static_cast<std::size_t>(level))},
          {"module", module},
          {"message", text}};
}

std::string written(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void set_json_log(bool on) {
  json_is_on = on;
  core::set_log_format(on ? &json_line : nullptr);
}

bool logs_json() {
  return json_is_on;
}

std::string json_line(core::LogLevel level, std::string_view module, const std::string& text) {
  return written(message(level, module, text));
}

std::string json_progress(const core::Progress::Phase& phase, const std::string& text) {
  Json object = message(core::LogLevel::kInfo, "progress", text);
  object["phase"] = phase.label;
  object["done"] = phase.done;
  object["total"] = phase.total;
  return written(object);
}

std::string json_row(const std::vector<std::string>& headers, const std::vector<std::string>& cells) {
  Json object = message(core::LogLevel::kInfo, "table", fmt::format("{}", fmt::join(cells, " | ")));
  for (std::size_t i = 0; i < headers.size(); ++i) {
    object[headers[i]] = cells[i];
  }
  return written(object);
}

}  // namespace facegraph::app
