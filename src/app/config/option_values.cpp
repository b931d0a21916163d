#include "app/config/option_values.hpp"

namespace facegraph::app {

core::OptionValues option_values(const OptionTables& tables, const GivenOptions& given) {
  core::OptionValues values;
  for (const std::vector<core::Option>* table : tables) {
    for (const core::Option& option : *table) {
      const auto tokens = given.find(option.name);
      values.set(option.name, tokens == given.end() ? core::default_of(option, values)
                                                    : core::parse_option(option, tokens->second, values));
    }
  }
  return values;
}

}  // namespace facegraph::app
