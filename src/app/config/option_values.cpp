#include "app/config/option_values.hpp"

namespace facegraph::app {
namespace {

using core::Option;

core::OptionValue value_of(const Option& option, const Given& given, const core::OptionValues& values) {
  if (!option.sanitise || given.origin.empty()) {
    return core::parse_option(option, given.tokens, values, given.written);
  }
  Option as_written = option;  // the reference sanitises what the command line says, not its files
  as_written.sanitise = false;
  as_written.range.reset();
  return core::parse_option(as_written, given.tokens, values, given.written);
}

}  // namespace

core::OptionValues option_values(const OptionTables& tables, const GivenOptions& given) {
  core::OptionValues values;
  for (const std::vector<Option>* table : tables) {
    for (const Option& option : *table) {
      const auto found = given.find(option.name);
      values.set(option.name,
                 found == given.end() ? core::default_of(option, values) : value_of(option, found->second, values));
    }
  }
  return values;
}

}  // namespace facegraph::app
