#include "app/cli/config_command.hpp"

#include <string>

#include <fmt/format.h>

namespace facegraph::app {
namespace {

using core::Option;

constexpr const char* kBuiltIn = "built-in";

std::string origin_of(const Option& option, const GivenOptions& given) {
  const auto found = given.find(option.name);
  if (found == given.end()) {
    return kBuiltIn;
  }
  return found->second.origin.empty() ? "command line" : found->second.origin;
}

// As a file needs it: percent signs twice, further lines indented.
std::string file_text(const core::OptionValue& value) {
  std::string text;
  for (const char c : core::to_text(value)) {
    text += c == '%' ? "%%" : c == '\n' ? "\n  " : std::string(1, c);
  }
  return text;
}

void print_section(const std::string& section, const Invocation& call) {
  fmt::print("\n[{}]\n", section);
  std::string origin_before;
  for (const std::vector<Option>* table : call.tables) {
    for (const Option& option : *table) {
      if (option.section != section) {
        continue;
      }
      const std::string origin = origin_of(option, call.given);
      if (origin != origin_before) {
        fmt::print("# {}\n", origin);
        origin_before = origin;
      }
      const std::string text = file_text(call.values.at(option.name));
      fmt::print("{} ={}{}\n", option.key(), text.empty() ? "" : " ", text);
    }
  }
}

}  // namespace

void print_config(const Invocation& call) {
  fmt::print("# Settings in force, each under where it comes from.\n");
  for (const std::string& section : sections_of(call.tables)) {
    print_section(section, call);
  }
}

}  // namespace facegraph::app
