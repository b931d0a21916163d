// How an option is described. Every module keeps one table of Options; command line, configuration files, job keys,
// help and web form are generated from the tables and from nothing else.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace facegraph::core {

enum class OptionKind { kString, kInteger, kFloat, kFlag, kStringList, kIntegerList };

// kStep options are frozen into every job step; kJob ones are taken from the running command.
enum class OptionScope { kStep, kJob };

// A grid: the value must be one of low, low+step, ..., high (floats rounded to two decimals).
struct OptionRange {
  double low = 0;
  double high = 0;
  double step = 1;
};

using OptionValue = std::variant<std::monostate, std::string, long long, double, bool, std::vector<std::string>,
                                 std::vector<long long>>;

class OptionValues;

struct Option {
  std::string name;     // "face-detector-model"; the key in files is the same with underscores
  char short_name = 0;  // 's' for -s
  OptionKind kind = OptionKind::kString;
  std::string section = {};  // of the configuration file; empty: not in it
  OptionScope scope = OptionScope::kStep;
  std::string help = {};
  OptionValue default_value = {};  // monostate: unset
  std::vector<std::string> choices = {};
  // Choices that depend on another option's value, which stands before this one. The default is default_value where
  // they have it, else the first of them. None: the option cannot be given.
  std::vector<std::string> (*dependent_choices)(const OptionValues&) = nullptr;
  std::string depends_on = {};  // that other option; messages name it with its value
  std::optional<OptionRange> range = {};
  // List elements that are no integer or out of range become the range's minimum (the reference's margins and
  // paddings).
  bool sanitise = false;
  int max_values = 0;  // of a list; 0: no limit

  std::string key() const;  // name with underscores
  bool is_list() const { return kind == OptionKind::kStringList || kind == OptionKind::kIntegerList; }
};

// Parsed values by option name. Reading a missing name: Error(kFailed), a programming mistake.
class OptionValues {
 public:
  void set(const std::string& name, OptionValue value) { values_[name] = std::move(value); }
  bool contains(const std::string& name) const { return values_.contains(name); }
  bool is_set(const std::string& name) const;
  const OptionValue& at(const std::string& name) const;

  const std::string& string(const std::string& name) const;
  long long integer(const std::string& name) const;
  double number(const std::string& name) const;
  bool flag(const std::string& name) const;
  const std::vector<std::string>& strings(const std::string& name) const;
  const std::vector<long long>& integers(const std::string& name) const;

 private:
  std::map<std::string, OptionValue> values_;
};

// Turns the tokens given for an option into its value. Throws Error(kUsage) that names the option, what it takes and
// what was found. `values` holds the options before it, for dependent choices. `written`: how messages call it; empty:
// "--name".
OptionValue parse_option(const Option& option, std::span<const std::string> tokens, const OptionValues& values,
                         const std::string& written = {});

// The value of an option that was not given.
OptionValue default_of(const Option& option, const OptionValues& values);

// The choices in force.
std::vector<std::string> choices_of(const Option& option, const OptionValues& values);

// "[0.0..1.0:0.05]" or "a, b, c": for help and messages.
std::string describe_domain(const Option& option, const OptionValues& values);

// What the choices in force depend on: " with --model-set embedded"; empty for those that depend on nothing.
std::string condition_of(const Option& option, const OptionValues& values);

// The value as one would write it on the command line; empty when unset.
std::string to_text(const OptionValue& value);

// CSS order: 1 value -> all four; 2 -> (a,b,a,b); 3 -> (a,b,c,b); 4 as is. Throws Error(kUsage) for other counts.
std::vector<long long> expand_sides(std::string_view name, std::span<const long long> values);

}  // namespace facegraph::core
