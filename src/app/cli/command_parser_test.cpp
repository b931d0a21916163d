#include "app/cli/command_parser.hpp"

#include <gtest/gtest.h>

#include "app/cli/option_names.hpp"
#include "core/base/error.hpp"

namespace facegraph::app {
namespace {

using core::Option;
using core::OptionKind;
using Strings = std::vector<std::string>;
using Integers = std::vector<long long>;

Strings sizes(const core::OptionValues& values) {
  return values.string("swapper-model") == "inswapper_128" ? Strings{"128x128", "256x256"} : Strings{"256x256"};
}

const std::vector<Option> kPaths{
    {.name = "source-paths", .short_name = 's', .kind = OptionKind::kStringList, .section = "paths"},
    {.name = "target-path", .short_name = 't', .section = "paths"},
    {.name = "output-path", .short_name = 'o', .section = "paths", .help = "File to be written"},
};
const std::vector<Option> kSwapper{
    {.name = "swapper-model",
     .section = "processors",
     .default_value = "hyperswap_1a_256",
     .choices = {"hyperswap_1a_256", "inswapper_128"}},
    {.name = "swapper-pixel-boost", .section = "processors", .dependent_choices = sizes, .depends_on = "swapper-model"},
    {.name = "swapper-weight",
     .kind = OptionKind::kFloat,
     .section = "processors",
     .default_value = 0.5,
     .range = core::OptionRange{0, 1, 0.05}},
    {.name = "margin",
     .kind = OptionKind::kIntegerList,
     .default_value = Integers{0, 0, 0, 0},
     .range = core::OptionRange{0, 100, 1},
     .sanitise = true},
    {.name = "frame", .kind = OptionKind::kInteger},
    {.name = "frame-rate", .kind = OptionKind::kFloat},
    {.name = "halt", .kind = OptionKind::kFlag, .default_value = false},
};
const OptionTables kTables{&kPaths, &kSwapper};

core::OptionValues parse(const Strings& arguments) {
  return option_values(kTables, parse_line(arguments, kTables).given);
}

std::string usage_error(const Strings& arguments) {
  try {
    parse(arguments);
  } catch (const core::Error& error) {
    EXPECT_EQ(error.code(), core::ErrorCode::kUsage);
    return error.what();
  }
  return "accepted";
}

TEST(ParseCommand, DefaultsWhereNothingIsGiven) {
  const core::OptionValues values = parse({});
  EXPECT_FALSE(values.is_set("target-path"));
  EXPECT_FALSE(values.is_set("source-paths"));
  EXPECT_EQ(values.string("swapper-model"), "hyperswap_1a_256");
  EXPECT_EQ(values.string("swapper-pixel-boost"), "256x256");
  EXPECT_EQ(values.integers("margin"), Integers({0, 0, 0, 0}));
  EXPECT_FALSE(values.flag("halt"));
}

TEST(ParseCommand, AllSpellingsOfAnOption) {
  for (const Strings& spelling : std::vector<Strings>{{"--output-path", "a.png"},
                                                      {"--output-path=a.png"},
                                                      {"--output-p", "a.png"},
                                                      {"--o=a.png"},
                                                      {"-o", "a.png"},
                                                      {"-oa.png"},
                                                      {"-o=a.png"}}) {
    EXPECT_EQ(parse(spelling).string("output-path"), "a.png") << spelling[0];
  }
}

TEST(ParseCommand, ACompleteNameIsNotAShortenedOne) {
  EXPECT_EQ(parse({"--frame", "3"}).integer("frame"), 3);
  EXPECT_EQ(parse({"--frame-r", "3"}).number("frame-rate"), 3.0);
}

TEST(ParseCommand, ListsAreGreedyUntilTheNextOption) {
  const core::OptionValues values = parse({"-s", "a.png", "b c.png", "-", "-t", "t.mp4", "--halt", "-o", "o.mp4"});
  EXPECT_EQ(values.strings("source-paths"), Strings({"a.png", "b c.png", "-"}));
  EXPECT_EQ(values.string("target-path"), "t.mp4");
  EXPECT_EQ(values.string("output-path"), "o.mp4");
  EXPECT_TRUE(values.flag("halt"));
}

TEST(ParseCommand, TheLastOccurrenceWins) {
  const core::OptionValues values = parse({"-s", "a", "b", "-t", "1", "-s", "c", "--swapper-weight=0.2", "-t", "2",
                                           "--swapper-weight", "1", "--halt", "--halt"});
  EXPECT_EQ(values.strings("source-paths"), Strings({"c"}));
  EXPECT_EQ(values.string("target-path"), "2");
  EXPECT_EQ(values.number("swapper-weight"), 1.0);
}

TEST(ParseCommand, NegativeNumbersAreValues) {
  EXPECT_EQ(parse({"--frame", "-1"}).integer("frame"), -1);
  EXPECT_EQ(parse({"--frame-rate", "-.5"}).number("frame-rate"), -0.5);
  EXPECT_EQ(parse({"--margin", "-1", "7", "-2.5"}).integers("margin"), Integers({0, 7, 0}));
}

TEST(ParseCommand, ValuesAreTakenLiterally) {
  for (const char* value : {"[a,b]", "{}", "", "a=b", "%s", "\xff\xfe.png", "with blank", "headless-run"}) {
    EXPECT_EQ(parse({"-s", value, "-t", value}).strings("source-paths"), Strings({value}));
    EXPECT_EQ(parse({"-s", "x", value, "-t", value}).strings("source-paths"), Strings({"x", value}));
    EXPECT_EQ(parse({"-s", "x", "-t", value}).string("target-path"), value);
    EXPECT_EQ(parse({std::string("--target-path=") + value}).string("target-path"), value);
  }
  EXPECT_EQ(parse({"--target-path=--halt"}).string("target-path"), "--halt");
  EXPECT_EQ(parse({"--target-path=a -b=c"}).string("target-path"), "a -b=c");
}

TEST(ParseCommand, PositionalsStandBeforeOrBehindOptions) {
  const std::vector<Option> positionals{{.name = "job-id"}, {.name = "step-index", .kind = OptionKind::kInteger}};
  for (const Strings& line : std::vector<Strings>{{"a", "-1"},
                                                  {"a", "-1", "-s", "x", "y"},
                                                  {"-t", "x", "a", "--halt", "-1"},
                                                  {"-t=x", "--halt", "a", "-1"},
                                                  {"-t", "x", "--", "a", "-1"}}) {
    const ParsedLine parsed = parse_line(line, kTables, positionals);
    const core::OptionValues values = option_values({&positionals}, parsed.given);
    EXPECT_EQ(values.string("job-id"), "a");
    EXPECT_EQ(values.integer("step-index"), -1);
  }
  const auto error = [&positionals](const Strings& line) {
    try {
      option_values({&positionals}, parse_line(line, kTables, positionals).given);
    } catch (const core::Error& raised) {
      return std::string(raised.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(error({}), "job_id: expected a text, found the end of the line");
  EXPECT_EQ(error({"a"}), "step_index: expected an integer, found the end of the line");
  EXPECT_EQ(error({"-s", "x", "a", "1"}), "job_id: expected a text, found the end of the line") << "lists are greedy";
  EXPECT_EQ(error({"a", "first"}), "step_index: expected an integer, found 'first'");
  EXPECT_EQ(error({"a", "1", "2"}), "unexpected '2': expected an option");
}

TEST(ParseCommand, DependentChoicesFollowTheModelWhereverItStands) {
  EXPECT_EQ(
      parse({"--swapper-pixel-boost", "128x128", "--swapper-model", "inswapper_128"}).string("swapper-pixel-boost"),
      "128x128");
  EXPECT_EQ(usage_error({"--swapper-pixel-boost", "128x128"}),
            "--swapper-pixel-boost: expected one of 256x256 with --swapper-model hyperswap_1a_256, found '128x128'");
}

TEST(ParseCommand, WrongLinesAreNamed) {
  EXPECT_EQ(usage_error({"--swaper-model", "x"}), "unknown option '--swaper-model'; did you mean '--swapper-model'?");
  EXPECT_EQ(usage_error({"--swaper-model=x"}), "unknown option '--swaper-model=x'; did you mean '--swapper-model'?");
  EXPECT_EQ(usage_error({"-x"}), "unknown option '-x'");
  EXPECT_EQ(usage_error({"--skip-download"}), "unknown option '--skip-download'");
  EXPECT_EQ(usage_error({"--swapper", "x"}),
            "option '--swapper' is ambiguous: it could be --swapper-model, --swapper-pixel-boost, --swapper-weight");
  EXPECT_EQ(usage_error({"-t"}), "--target-path: expected a value, found the end of the line");
  EXPECT_EQ(usage_error({"-t", "--halt"}), "--target-path: expected a value, found '--halt'");
  EXPECT_EQ(usage_error({"-s", "-t", "x"}), "--source-paths: expected a value, found '-t'");
  EXPECT_EQ(usage_error({"--halt=yes"}), "--halt: expected no value, found 'yes'");
  EXPECT_EQ(usage_error({"--swapper-weight", "0.51"}), "--swapper-weight: expected [0.0..1.0:0.05], found '0.51'");
  for (const Strings& line : std::vector<Strings>{{"stray"}, {"-t", "a", "stray"}, {"--halt", "stray"}, {"--", "-t"}}) {
    const std::string message = usage_error(line);
    EXPECT_NE(message.find(line.back()), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(ParseCommand, HelpIsAskedForWhereverItStands) {
  EXPECT_TRUE(parse_line(Strings{"-h"}, kTables).help);
  EXPECT_TRUE(parse_line(Strings{"-t", "x", "--help"}, kTables).help);
  EXPECT_TRUE(parse_line(Strings{"-s", "x", "--hel", "--frame", "no number"}, kTables).help);
  EXPECT_FALSE(parse_line(Strings{}, kTables).help);
}

TEST(CommandHelp, ShowsPositionals) {
  const std::vector<Option> positionals{{.name = "job-id", .help = "name of the job"}};
  const std::string help = command_help("facegraph job-create", "Create a job", kTables, positionals);
  for (const char* part : {"Usage: facegraph job-create [OPTIONS] job_id", "name of the job", "takes a text"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << "\n" << help;
  }
}

TEST(CommandHelp, ShowsSectionsDomainsAndDefaults) {
  const std::string help = command_help("facegraph headless-run", "Process one file", kTables);
  for (const char* part :
       {"Usage: facegraph headless-run [OPTIONS]", "\nPaths:\n", "\nProcessors:\n", "-o,--output-path VALUE",
        "File to be written", "-s,--source-paths VALUE...",
        "takes hyperswap_1a_256, inswapper_128; default: hyperswap_1a_256", "takes [0.0..1.0:0.05]; default: 0.5",
        "takes 256x256 with --swapper-model hyperswap_1a_256; default: 256x256", "default: 0 0 0 0", "default: unset",
        "-h,--help"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << "\n" << help;
  }
}

}  // namespace
}  // namespace facegraph::app
