#include "app/config/step_args.hpp"

#include <array>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "core/base/error.hpp"

namespace facegraph::app {
namespace {

using core::Option;
using core::OptionKind;
using core::OptionScope;
using core::OptionValue;

constexpr std::array kStepGroups{Group::kSource, Group::kTarget, Group::kOutput, Group::kStep};

struct ToTokens {
  std::vector<std::string> operator()(const std::vector<std::string>& values) const { return values; }
  std::vector<std::string> operator()(const std::vector<long long>& values) const {
    std::vector<std::string> tokens;
    for (const long long value : values) {
      tokens.push_back(std::to_string(value));
    }
    return tokens;
  }
  std::vector<std::string> operator()(std::monostate) const { return {}; }
  // A number that a page's slider stored may be a float without a fraction.
  std::vector<std::string> operator()(double value) const {
    const bool whole = integer && value == std::floor(value);
    return {whole ? std::to_string(std::llround(value)) : core::to_text(value)};
  }
  template <typename Scalar>
  std::vector<std::string> operator()(const Scalar& value) const {
    return {core::to_text(value)};
  }

  bool integer;
};

OptionValue value_of(Option option, const OptionValue* stored, const core::OptionValues& values) {
  const bool integer = option.kind == OptionKind::kInteger;
  const std::vector<std::string> tokens =
      stored == nullptr ? std::vector<std::string>{} : std::visit(ToTokens{integer}, *stored);
  if (tokens.empty()) {
    return core::default_of(option, values);
  }
  if (option.sanitise) {
    // Done when the value was read from the command line; those of configuration files are as they are.
    option.sanitise = false;
    option.range.reset();
  }
  try {
    return core::parse_option(option, tokens, values, "step argument " + option.key());
  } catch (const core::Error& error) {
    throw core::Error(core::ErrorCode::kFailed, error.what());
  }
}

}  // namespace

jobs::StepArgs step_args(const OptionTables& tables, const core::OptionValues& values) {
  jobs::StepArgs args;
  for (const std::vector<Option>* table : tables) {
    for (const Option& option : *table) {
      if (option.scope == OptionScope::kStep) {
        args.append(option.key(), values.at(option.name));
      }
    }
  }
  return args;
}

core::OptionValues step_values(const jobs::StepArgs& args, const core::OptionValues& command) {
  core::OptionValues values = command;
  for (const std::vector<Option>* table : tables_of(kStepGroups)) {
    for (const Option& option : *table) {
      if (option.scope == OptionScope::kStep) {
        values.set(option.name, value_of(option, jobs::find_arg(args, option.key()), values));
      }
    }
  }
  return values;
}

}  // namespace facegraph::app
