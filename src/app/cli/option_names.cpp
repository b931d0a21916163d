#include "app/cli/option_names.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/error.hpp"
#include "core/options/nearest_name.hpp"

namespace facegraph::app {
namespace {

using core::ErrorCode;
using core::fail;
using core::Option;
using core::OptionKind;

struct Match {
  const Option* option;
  std::optional<std::string> value;  // what was written after "=" or right behind the letter
};

// "-1", "-.5": what the reference takes for a negative number.
bool is_negative_number(std::string_view token) {
  token.remove_prefix(1);
  const auto digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const std::size_t point = token.find('.');
  const std::string_view whole = token.substr(0, point);
  if (point == std::string_view::npos) {
    return !whole.empty() && std::all_of(whole.begin(), whole.end(), digit);
  }
  const std::string_view fraction = token.substr(point + 1);
  return std::all_of(whole.begin(), whole.end(), digit) && !fraction.empty() &&
         std::all_of(fraction.begin(), fraction.end(), digit);
}

class OptionNames {
 public:
  explicit OptionNames(const OptionTables& tables) {
    static const Option help{.name = "help", .short_name = 'h', .kind = OptionKind::kFlag};
    options_.push_back(&help);
    for (const std::vector<Option>* table : tables) {
      for (const Option& option : *table) {
        options_.push_back(&option);
      }
    }
  }

  // Nothing when the token is a value. Throws for what looks like an option and is none.
  std::optional<Match> match(const std::string& token) const {
    if (token.size() < 2 || token[0] != '-' || token == "--") {
      return std::nullopt;
    }
    const std::optional<Match> found = token[1] == '-' ? match_long(token) : match_short(token);
    if (!found && !is_negative_number(token) && token.find(' ') == std::string::npos) {
      fail(ErrorCode::kUsage, "unknown option '{}'{}", token, core::suggestion(written_name(token), long_names()));
    }
    return found;
  }

 private:
  static std::string written_name(const std::string& token) { return token.substr(0, token.find('=')); }

  std::vector<std::string> long_names() const {
    std::vector<std::string> names;
    for (const Option* option : options_) {
      names.push_back("--" + option->name);
    }
    return names;
  }

  std::optional<Match> match_long(const std::string& token) const {
    const std::string name = written_name(token).substr(2);
    std::vector<const Option*> candidates;
    for (const Option* option : options_) {
      if (option->name == name) {
        candidates = {option};
        break;
      }
      if (!name.empty() && option->name.starts_with(name)) {
        candidates.push_back(option);
      }
    }
    if (candidates.empty()) {
      return std::nullopt;
    }
    if (candidates.size() > 1) {
      std::vector<std::string> names;
      for (const Option* candidate : candidates) {
        names.push_back("--" + candidate->name);
      }
      fail(ErrorCode::kUsage, "option '--{}' is ambiguous: it could be {}", name, fmt::join(names, ", "));
    }
    const std::size_t equals = token.find('=');
    return Match{candidates[0], equals == std::string::npos ? std::nullopt : std::optional(token.substr(equals + 1))};
  }

  std::optional<Match> match_short(const std::string& token) const {
    for (const Option* option : options_) {
      if (option->short_name == token[1]) {
        const std::size_t value = token.size() > 2 && token[2] == '=' ? 3 : 2;
        return Match{option, token.size() == 2 ? std::nullopt : std::optional(token.substr(value))};
      }
    }
    return std::nullopt;
  }

  std::vector<const Option*> options_;
};

}  // namespace

std::vector<std::string> expand_option_names(std::span<const std::string> arguments, const OptionTables& tables) {
  const OptionNames names(tables);
  std::vector<std::string> expanded;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--") {
      expanded.insert(expanded.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
      break;
    }
    const std::optional<Match> match = names.match(arguments[i]);
    expanded.push_back(match ? "--" + match->option->name : arguments[i]);
    if (!match) {
      continue;
    }
    if (match->option->kind == OptionKind::kFlag) {
      if (match->value) {
        fail(ErrorCode::kUsage, "--{}: expected no value, found '{}'", match->option->name, *match->value);
      }
    } else if (match->value) {
      expanded.push_back(*match->value);
    } else if (i + 1 == arguments.size() || arguments[i + 1] == "--" || names.match(arguments[i + 1])) {
      fail(ErrorCode::kUsage, "--{}: expected a value, found {}", match->option->name,
           i + 1 == arguments.size() ? "the end of the line" : fmt::format("'{}'", arguments[i + 1]));
    }
  }
  return expanded;
}

}  // namespace facegraph::app
