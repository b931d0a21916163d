#include "app/cli/command_line.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "app/cli/command.hpp"

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

TEST(CommandLine, HelpOfEveryCommandNamesItsOptions) {
  for (const Command& command : commands()) {
    const Outcome outcome = run({command.name, "--help"});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_NE(outcome.out.find("Usage: facegraph " + command.name + " "), std::string::npos) << outcome.out;
    EXPECT_NE(run({}).out.find("\n  " + command.name + " "), std::string::npos) << command.name;
    for (const core::Option& positional : command.positionals) {
      EXPECT_NE(outcome.out.find("  " + positional.key() + " "), std::string::npos) << outcome.out;
    }
    for (const std::vector<core::Option>* table : command.tables()) {
      for (const core::Option& option : *table) {
        EXPECT_NE(outcome.out.find("--" + option.name + " "), std::string::npos) << option.name;
        EXPECT_FALSE(option.help.empty()) << option.name;
      }
    }
  }
}

TEST(CommandLine, ALineThatBeginsWithAnOptionIsAHeadlessRun) {
  EXPECT_EQ(run({"--target-path", "a.png", "--help"}).out, run({"headless-run", "--help"}).out);
  expect_usage_error({"--log-levle", "info"}, "unknown option '--log-levle'; did you mean '--log-level'?");
  expect_usage_error({"--log-level", "info", "doctor"}, "unexpected 'doctor': expected an option");
}

TEST(CommandLine, TheWebPageComesLater) {
  const Outcome outcome = run({"run", "--open-browser"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("later version"), std::string::npos) << outcome.err;
}

TEST(CommandLine, UsageErrors) {
  std::string names;
  for (const Command& command : commands()) {
    names += (names.empty() ? "" : ", ") + command.name;
  }
  expect_usage_error({"headles-run"},
                     "unknown command 'headles-run': expected " + names + "; did you mean 'headless-run'?");
  expect_usage_error({"headless-run", "--skip-download"}, "unknown option '--skip-download'");
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

TEST(OptionTables, NamesAndLettersAreUniqueInEveryCommand) {
  for (const Command& command : commands()) {
    std::vector<std::string> names;
    std::string letters;
    OptionTables tables = command.tables();
    tables.push_back(&command.positionals);
    for (const std::vector<core::Option>* table : tables) {
      for (const core::Option& option : *table) {
        EXPECT_EQ(std::count(names.begin(), names.end(), option.name), 0) << command.name << " " << option.name;
        // config takes everything: there a letter is the first option's that has it
        EXPECT_TRUE(option.short_name == 0 || letters.find(option.short_name) == std::string::npos ||
                    command.name == "config")
            << command.name;
        names.push_back(option.name);
        letters += option.short_name;
      }
    }
  }
}

}  // namespace
}  // namespace facegraph::app
