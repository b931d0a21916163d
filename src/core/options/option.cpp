#include "core/options/option.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/error.hpp"
#include "core/options/nearest_name.hpp"

namespace facegraph::core {
namespace {

template <typename Number>
std::optional<Number> number_of(std::string_view token) {
  if (token.starts_with('+') && !token.starts_with("+-")) {
    token.remove_prefix(1);
  }
  Number value{};
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  const bool whole = error == std::errc{} && end == token.data() + token.size();
  return whole ? std::optional<Number>(value) : std::nullopt;
}

double rounded_to_two_decimals(double value) {
  return std::nearbyint(value * 100.0) / 100.0;
}

// The grid value that is exactly `value`, as the reference's list of allowed values has it.
bool on_grid(const OptionRange& range, double value) {
  if (!(value >= range.low && value <= range.high)) {
    return false;
  }
  const double steps = std::nearbyint((value - range.low) / range.step);
  return value == rounded_to_two_decimals(range.low + steps * range.step);
}

// An option that was given, under the name that messages call it.
struct Given {
  const Option& option;
  const OptionValues& values;
  const std::string name;
};

[[noreturn]] void fail_value(const Given& given, std::string_view found) {
  const std::vector<std::string> choices = choices_of(given.option, given.values);
  fail(ErrorCode::kUsage, "{}: expected {}{}{}, found '{}'{}", given.name, choices.empty() ? "" : "one of ",
       describe_domain(given.option, given.values), condition_of(given.option, given.values), found,
       suggestion(found, choices));
}

std::string parse_string(const Given& given, const std::string& token) {
  const std::vector<std::string> choices = choices_of(given.option, given.values);
  const bool restricted = !choices.empty() || given.option.dependent_choices != nullptr;
  if (restricted && std::find(choices.begin(), choices.end(), token) == choices.end()) {
    fail_value(given, token);
  }
  return token;
}

long long parse_integer(const Given& given, const std::string& token) {
  const Option& option = given.option;
  const std::optional<long long> value = number_of<long long>(token);
  const bool allowed = value && (!option.range || on_grid(*option.range, static_cast<double>(*value)));
  if (!allowed && option.sanitise && option.range) {
    return std::llround(option.range->low);
  }
  const std::vector<std::string> choices = choices_of(option, given.values);
  const bool chosen =
      value && (choices.empty() || std::find(choices.begin(), choices.end(), std::to_string(*value)) != choices.end());
  if (!allowed || !chosen) {
    fail_value(given, token);
  }
  return *value;
}

double parse_float(const Given& given, const std::string& token) {
  const std::optional<double> value = number_of<double>(token);
  const std::optional<OptionRange>& range = given.option.range;
  if (!value || !std::isfinite(*value) || (range && !on_grid(*range, *value))) {
    fail_value(given, token);
  }
  return *value;
}

bool parse_flag(const Given& given, const std::string& token) {
  std::string word(token);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "1" || word == "yes" || word == "true" || word == "on") {
    return true;
  }
  if (word == "0" || word == "no" || word == "false" || word == "off") {
    return false;
  }
  fail_value(given, token);
}

void check_count(const Given& given, std::size_t count) {
  const Option& option = given.option;
  if (count == 0 && option.kind != OptionKind::kFlag) {
    fail(ErrorCode::kUsage, "{}: expected {}, found no value", given.name, describe_domain(option, given.values));
  }
  const std::size_t most = option.is_list() ? static_cast<std::size_t>(option.max_values) : 1;
  if (most > 0 && count > most) {
    fail(ErrorCode::kUsage, "{}: expected at most {} value{}, found {}", given.name, most, most == 1 ? "" : "s", count);
  }
}

std::string float_text(double value) {
  const std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string grid_number(OptionKind kind, double value) {
  const bool whole = kind == OptionKind::kInteger || kind == OptionKind::kIntegerList;
  return whole ? std::to_string(std::llround(value)) : float_text(rounded_to_two_decimals(value));
}

struct ToText {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(long long value) const { return std::to_string(value); }
  std::string operator()(double value) const { return float_text(value); }
  std::string operator()(bool value) const { return value ? "on" : "off"; }
  std::string operator()(const std::vector<std::string>& value) const {
    return fmt::format("{}", fmt::join(value, " "));
  }
  std::string operator()(const std::vector<long long>& value) const { return fmt::format("{}", fmt::join(value, " ")); }
};

template <typename Stored>
const Stored& get(const OptionValues& values, const std::string& name, std::string_view type) {
  const Stored* stored = std::get_if<Stored>(&values.at(name));
  if (stored == nullptr) {
    fail(ErrorCode::kFailed, "option '{}' is read as {} but is {}", name, type,
         values.is_set(name) ? "of another type" : "unset");
  }
  return *stored;
}

}  // namespace

std::string Option::key() const {
  std::string result = name;
  std::replace(result.begin(), result.end(), '-', '_');
  return result;
}

bool OptionValues::is_set(const std::string& name) const {
  return !std::holds_alternative<std::monostate>(at(name));
}

const OptionValue& OptionValues::at(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    fail(ErrorCode::kFailed, "option '{}' is read but no table of this command declares it", name);
  }
  return found->second;
}

const std::string& OptionValues::string(const std::string& name) const {
  return get<std::string>(*this, name, "a string");
}
long long OptionValues::integer(const std::string& name) const {
  return get<long long>(*this, name, "an integer");
}
double OptionValues::number(const std::string& name) const {
  return get<double>(*this, name, "a number");
}
bool OptionValues::flag(const std::string& name) const {
  return get<bool>(*this, name, "a flag");
}
const std::vector<std::string>& OptionValues::strings(const std::string& name) const {
  return get<std::vector<std::string>>(*this, name, "a list of strings");
}
const std::vector<long long>& OptionValues::integers(const std::string& name) const {
  return get<std::vector<long long>>(*this, name, "a list of integers");
}

OptionValue parse_option(const Option& option, std::span<const std::string> tokens, const OptionValues& values,
                         const std::string& written) {
  const Given given{option, values, written.empty() ? "--" + option.name : written};
  check_count(given, tokens.size());
  switch (option.kind) {
    case OptionKind::kString:
      return parse_string(given, tokens[0]);
    case OptionKind::kInteger:
      return parse_integer(given, tokens[0]);
    case OptionKind::kFloat:
      return parse_float(given, tokens[0]);
    case OptionKind::kFlag:
      return tokens.empty() || parse_flag(given, tokens[0]);
    case OptionKind::kStringList: {
      std::vector<std::string> list;
      for (const std::string& token : tokens) {
        list.push_back(parse_string(given, token));
      }
      return list;
    }
    case OptionKind::kIntegerList: {
      std::vector<long long> list;
      for (const std::string& token : tokens) {
        list.push_back(parse_integer(given, token));
      }
      return list;
    }
  }
  fail(ErrorCode::kFailed, "option '{}' has no valid kind", option.name);
}

OptionValue default_of(const Option& option, const OptionValues& values) {
  if (option.dependent_choices == nullptr || option.is_list()) {
    return option.default_value;
  }
  const std::vector<std::string> choices = option.dependent_choices(values);
  if (std::find(choices.begin(), choices.end(), to_text(option.default_value)) != choices.end()) {
    return option.default_value;
  }
  return choices.empty() ? OptionValue{} : OptionValue{choices.front()};
}

std::vector<std::string> choices_of(const Option& option, const OptionValues& values) {
  return option.dependent_choices != nullptr ? option.dependent_choices(values) : option.choices;
}

std::string describe_domain(const Option& option, const OptionValues& values) {
  const std::vector<std::string> choices = choices_of(option, values);
  if (!choices.empty()) {
    return fmt::format("{}", fmt::join(choices, ", "));
  }
  if (option.dependent_choices != nullptr) {
    return "no value";
  }
  if (option.range) {
    return fmt::format("[{}..{}:{}]", grid_number(option.kind, option.range->low),
                       grid_number(option.kind, option.range->high), grid_number(option.kind, option.range->step));
  }
  switch (option.kind) {
    case OptionKind::kInteger:
      return "an integer";
    case OptionKind::kFloat:
      return "a number";
    case OptionKind::kFlag:
      return "on or off";
    case OptionKind::kIntegerList:
      return "integers";
    case OptionKind::kString:
    case OptionKind::kStringList:
      break;
  }
  return "a text";
}

std::string condition_of(const Option& option, const OptionValues& values) {
  return values.contains(option.depends_on)
             ? fmt::format(" with --{} {}", option.depends_on, to_text(values.at(option.depends_on)))
             : "";
}

std::string to_text(const OptionValue& value) {
  return std::visit(ToText{}, value);
}

std::vector<long long> expand_sides(std::string_view name, std::span<const long long> values) {
  switch (values.size()) {
    case 1:
      return {values[0], values[0], values[0], values[0]};
    case 2:
      return {values[0], values[1], values[0], values[1]};
    case 3:
      return {values[0], values[1], values[2], values[1]};
    case 4:
      return {values.begin(), values.end()};
    default:
      fail(ErrorCode::kUsage, "--{}: expected 1 to 4 values (top right bottom left), found {}", name, values.size());
  }
}

}  // namespace facegraph::core
