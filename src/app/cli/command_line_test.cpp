#include "app/cli/command_line.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "app/config/option_tables.hpp"

namespace facegraph::app {
namespace {

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome run(const std::vector<std::string>& arguments) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run_command_line(arguments);
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

// Usage, then exactly one error line.
void expect_usage_error(const std::vector<std::string>& arguments, const std::string& message) {
  const Outcome outcome = run(arguments);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(outcome.err.ends_with("[FACEGRAPH.CLI] " + message + "\n")) << outcome.err;
  const std::string before = outcome.err.substr(0, outcome.err.find("[FACEGRAPH."));
  EXPECT_LE(std::count(before.begin(), before.end(), '\n'), 1) << outcome.err;
}

TEST(CommandLine, WithoutCommandShowsHelp) {
  for (const std::vector<std::string>& line : std::vector<std::vector<std::string>>{{}, {"-h"}, {"--help"}, {"--he"}}) {
    const Outcome outcome = run(line);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_NE(outcome.out.find("headless-run"), std::string::npos) << outcome.out;
    EXPECT_EQ(outcome.err, "");
  }
}

TEST(CommandLine, Version) {
  for (const char* question : {"-v", "--version"}) {
    const Outcome outcome = run({question});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_TRUE(outcome.out.starts_with("facegraph ")) << outcome.out;
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
  }
}

TEST(CommandLine, HelpOfACommandNamesEveryOption) {
  const Outcome outcome = run({"headless-run", "--help"});
  EXPECT_EQ(outcome.code, 0);
  for (const std::vector<core::Option>* table : headless_run_tables()) {
    for (const core::Option& option : *table) {
      EXPECT_NE(outcome.out.find("--" + option.name + " "), std::string::npos) << option.name;
      EXPECT_FALSE(option.help.empty()) << option.name;
    }
  }
}

TEST(CommandLine, UsageErrors) {
  expect_usage_error(
      {"headles-run"},
      "unknown command 'headles-run': expected headless-run, doctor, benchmark-graphs; did you mean 'headless-run'?");
  expect_usage_error({"--verbose"}, "unknown option '--verbose': expected a command, --help or --version");
  expect_usage_error({"headless-run", "--log-levle", "info"},
                     "unknown option '--log-levle'; did you mean '--log-level'?");
  expect_usage_error({"headless-run", "--log-level", "loud"},
                     "--log-level: expected one of error, warn, info, debug, found 'loud'");
  expect_usage_error({"headless-run", "--log-level", "in\nfo"},
                     "--log-level: expected one of error, warn, info, debug, found 'in fo'; did you mean 'info'?");
}

TEST(CommandLine, TheModelSetDecidesWhateverItsPlace) {
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"headless-run", "--face-swapper-model", "inswapper_128", "--model-set", "embedded"},
        std::vector<std::string>{"headless-run", "--model-set", "embedded", "--face-swapper-model", "inswapper_128"}}) {
    expect_usage_error(line,
                       "--face-swapper-model: expected one of embedded_swapper_128 with --model-set embedded, found "
                       "'inswapper_128'");
  }
}

TEST(OptionTables, NamesAndLettersAreUnique) {
  std::vector<std::string> names;
  std::string letters;
  for (const std::vector<core::Option>* table : headless_run_tables()) {
    for (const core::Option& option : *table) {
      names.push_back(option.name);
      letters += option.short_name != 0 ? std::string(1, option.short_name) : "";
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(std::count(names.begin(), names.end(), names[i]), 1) << names[i];
  }
  EXPECT_EQ(letters, "sto");
}

}  // namespace
}  // namespace facegraph::app
