#include "app/cli/command_parser.hpp"

#include <algorithm>
#include <cctype>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/option_names.hpp"
#include "core/base/error.hpp"

namespace facegraph::app {
namespace {

using core::Option;
using core::OptionKind;

constexpr int kHelpColumn = 42;
constexpr std::size_t kHelpWidth = 76;

// "face_detector" -> "Face detector".
std::string section_title(const Option& option) {
  std::string title = option.section.empty() ? "general" : option.section;
  std::replace(title.begin(), title.end(), '_', ' ');
  title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  return title;
}

std::string wrapped(const std::string& text) {
  std::string lines;
  std::size_t length = 0;
  for (const std::string& word : CLI::detail::split(text, ' ')) {
    const bool first = lines.empty();
    const bool fits = length + 1 + word.size() <= kHelpWidth;
    lines += first ? word : (fits ? " " : "\n") + word;
    length = fits && !first ? length + 1 + word.size() : word.size();
  }
  return lines;
}

// What it does, what it takes, what it is when not given.
std::string description_of(const Option& option, const core::OptionValues& defaults) {
  const std::string standard = core::to_text(defaults.at(option.name));
  const std::string domain = fmt::format("takes {}{}; default: {}", core::describe_domain(option, defaults),
                                         core::condition_of(option, defaults), standard.empty() ? "unset" : standard);
  return wrapped(option.help) + "\n" + wrapped(domain);
}

std::string description_of(const Option& positional) {
  return wrapped(positional.help) + "\n" + wrapped("takes " + core::describe_domain(positional, {}));
}

std::string placeholder(const Option& option) {
  switch (option.kind) {
    case OptionKind::kFlag:
      return "";
    case OptionKind::kStringList:
    case OptionKind::kIntegerList:
      return "VALUE...";
    default:
      return "VALUE";
  }
}

// `given` is filled when the returned parser parses; it must live as long.
void declare(CLI::App& parser, const Option& option, const core::OptionValues& defaults, GivenOptions& given) {
  // The letter is for the help: tokens come with complete names. Where two options have it, it is the first one's.
  const bool lettered = option.short_name != 0 && parser.get_option_no_throw({'-', option.short_name}) == nullptr;
  const std::string names = (lettered ? fmt::format("-{},", option.short_name) : "") + "--" + option.name;
  // Called for each occurrence: the last one wins.
  const CLI::callback_t keep = [&given, name = option.name](const CLI::results_t& tokens) {
    given[name] = {.tokens = tokens};
    return true;
  };
  CLI::Option* declared = parser.add_option(names, keep, description_of(option, defaults));
  declared->group(section_title(option))->option_text(placeholder(option))->trigger_on_parse();
  if (option.kind == OptionKind::kFlag) {
    declared->expected(0);
  } else if (option.is_list()) {
    declared->expected(1, CLI::detail::expected_max_vector_size / 32);  // from 1/16 on, "[a]" would be read as a list
  }
  declared->allow_extra_args(false);
}

void declare_all(CLI::App& parser, const OptionTables& tables, GivenOptions& given) {
  parser.set_help_flag("-h,--help", "show this help and leave")->group("General");
  const core::OptionValues defaults = option_values(tables, {});
  for (const std::vector<Option>* table : tables) {
    for (const Option& option : *table) {
      declare(parser, option, defaults, given);
    }
  }
}

void take_positionals(const std::vector<std::string>& words, const std::vector<Option>& positionals,
                      GivenOptions& given) {
  for (std::size_t i = 0; i < positionals.size(); ++i) {
    if (i == words.size()) {
      core::fail(core::ErrorCode::kUsage, "{}: expected {}, found the end of the line", positionals[i].key(),
                 core::describe_domain(positionals[i], {}));
    }
    given[positionals[i].name] = {.tokens = {words[i]}, .written = positionals[i].key()};
  }
  if (words.size() > positionals.size()) {
    core::fail(core::ErrorCode::kUsage, "unexpected '{}': expected an option", words[positionals.size()]);
  }
}

}  // namespace

ParsedLine parse_line(std::span<const std::string> arguments, const OptionTables& tables,
                      const std::vector<Option>& positionals) {
  ParsedLine line;
  CLI::App parser;
  declare_all(parser, tables, line.given);
  parser.allow_extras();
  std::vector<std::string> expanded = expand_option_names(arguments, tables);
  std::reverse(expanded.begin(), expanded.end());  // as CLI11 wants it
  try {
    parser.parse(expanded);
  } catch (const CLI::CallForHelp&) {
    line.help = true;
    return line;
  } catch (const CLI::ParseError& error) {
    core::fail(core::ErrorCode::kUsage, "{}", error.what());
  }
  std::vector<std::string> words = parser.remaining();
  if (const auto mark = std::find(words.begin(), words.end(), "--"); mark != words.end()) {
    words.erase(mark);  // that no option follows; it is no word itself
  }
  take_positionals(words, positionals, line.given);
  return line;
}

std::string command_help(const std::string& command, const std::string& description, const OptionTables& tables,
                         const std::vector<Option>& positionals) {
  GivenOptions given;
  CLI::App parser(description, command);
  parser.get_formatter()->column_width(kHelpColumn);
  for (const Option& positional : positionals) {
    parser.add_option(positional.key(), CLI::callback_t{}, description_of(positional))->required();
  }
  declare_all(parser, tables, given);
  return parser.help();
}

}  // namespace facegraph::app
