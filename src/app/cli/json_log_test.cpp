#include "app/cli/json_log.hpp"

#include <regex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/cli/progress.hpp"

namespace facegraph::app {
namespace {

TEST(JsonLog, ALineIsOneObject) {
  const std::string line = json_line(core::LogLevel::kWarn, "media", "a \"name\"\nof two lines");
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  const auto object = nlohmann::json::parse(line);
  EXPECT_EQ(object.size(), 4U);
  EXPECT_TRUE(
      std::regex_match(object["time"].get<std::string>(), std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")))
      << line;
  EXPECT_EQ(object["level"], "warn");
  EXPECT_EQ(object["module"], "media");
  EXPECT_EQ(object["message"], "a \"name\"\nof two lines");
}

TEST(JsonLog, BytesThatAreNoTextAreReplaced) {
  const auto object = nlohmann::json::parse(json_line(core::LogLevel::kInfo, "cli", "\xff.png"));
  EXPECT_EQ(object["message"], "\xef\xbf\xbd.png");
}

TEST(JsonLog, AllMessagesFollow) {
  testing::internal::CaptureStderr();
  set_json_log(true);
  core::log_error("cli", "one");
  EXPECT_EQ(progress_style(), ProgressStyle::kJson);
  set_json_log(false);
  core::log_error("cli", "two");
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(said.starts_with("{\"time\":")) << said;
  EXPECT_TRUE(said.ends_with("\"level\":\"error\",\"module\":\"cli\",\"message\":\"one\"}\n[FACEGRAPH.CLI] two\n"))
      << said;
}

TEST(JsonLog, ProgressHasItsNumbers) {
  const auto object = nlohmann::json::parse(
      json_progress({.label = "processing", .done = 3, .total = 12, .start = {}, .end = {}}, "processing 25%"));
  EXPECT_EQ(object["module"], "progress");
  EXPECT_EQ(object["message"], "processing 25%");
  EXPECT_EQ(object["phase"], "processing");
  EXPECT_EQ(object["done"], 3);
  EXPECT_EQ(object["total"], 12);
}

}  // namespace
}  // namespace facegraph::app
