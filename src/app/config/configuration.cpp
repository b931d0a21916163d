#include "app/config/configuration.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "app/config/ini_file.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/options/nearest_name.hpp"

namespace facegraph::app {
namespace {

namespace fs = std::filesystem;
using core::Option;

constexpr std::array kUsualNames{"facegraph.ini", "facefusion.ini"};

std::string usual_file() {
  std::error_code ignored;
  const auto found = std::find_if(kUsualNames.begin(), kUsualNames.end(),
                                  [&ignored](const char* name) { return fs::exists(name, ignored); });
  return found == kUsualNames.end() ? "" : *found;
}

std::vector<std::string> tokens_of(const Option& option, const std::string& value) {
  if (!option.is_list()) {
    return {value};
  }
  std::istringstream words(value);
  return {std::istream_iterator<std::string>(words), {}};
}

class Reader {
 public:
  Reader(const IniFile& file, const OptionTables& tables, Configuration& result)
      : file_(file), tables_(tables), result_(result) {}

  void read() {
    for (const IniFile::Section& section : file_.sections()) {
      const std::vector<const Option*> options = options_of(section.name);
      if (options.empty()) {
        warn(section.line,
             fmt::format("unknown section [{}]{}", section.name,
                         core::suggestion(section.name, names([](const Option& o) { return o.section; }))));
        continue;
      }
      for (const IniFile::Entry& entry : section.entries) {
        take(section, entry, options, true);
      }
      for (const IniFile::Entry& entry : file_.defaults()) {
        take(section, entry, options, false);
      }
    }
  }

 private:
  void take(const IniFile::Section& section, const IniFile::Entry& entry, const std::vector<const Option*>& options,
            bool own) {
    const auto found = std::find_if(options.begin(), options.end(),
                                    [&entry](const Option* option) { return option->key() == entry.key; });
    if (found == options.end()) {
      if (own) {
        warn_unknown(section, entry);
      }
      return;
    }
    const std::string value = file_.value_of(section, entry);
    if (value.find_first_not_of(" \t\r\n\f\v") == std::string::npos) {
      return;
    }
    const std::string origin = fmt::format("{}:{}", file_.name(), entry.line);
    result_.given.try_emplace((*found)->name, Given{.tokens = tokens_of(**found, value),
                                                    .written = fmt::format("{}: {}", origin, entry.key),
                                                    .origin = origin});
  }

  void warn_unknown(const IniFile::Section& section, const IniFile::Entry& entry) {
    for (const std::vector<Option>* table : tables_) {
      for (const Option& option : *table) {
        if (option.key() == entry.key && !option.section.empty()) {
          warn(entry.line, fmt::format("'{}' has no effect in [{}]; it belongs into [{}]", entry.key, section.name,
                                       option.section));
          return;
        }
      }
    }
    warn(entry.line, fmt::format("unknown key '{}'{}", entry.key,
                                 core::suggestion(entry.key, names([](const Option& o) { return o.key(); }))));
  }

  std::vector<const Option*> options_of(const std::string& section) const {
    std::vector<const Option*> options;
    for (const std::vector<Option>* table : tables_) {
      for (const Option& option : *table) {
        if (!option.section.empty() && option.section == section) {
          options.push_back(&option);
        }
      }
    }
    return options;
  }

  template <typename Name>
  std::vector<std::string> names(const Name& name) const {
    std::vector<std::string> result;
    for (const std::vector<Option>* table : tables_) {
      for (const Option& option : *table) {
        if (!option.section.empty()) {
          result.push_back(name(option));
        }
      }
    }
    return result;
  }

  void warn(int line, const std::string& what) {
    result_.warnings.push_back(fmt::format("{}:{}: {}", file_.name(), line, what));
  }

  const IniFile& file_;
  const OptionTables& tables_;
  Configuration& result_;
};

}  // namespace

Configuration read_configuration(const std::string& path, const OptionTables& tables) {
  Configuration result;
  const std::string file = path.empty() ? usual_file() : path;
  if (file.empty()) {
    return result;
  }
  std::string text;
  try {
    text = core::read_file(file);
  } catch (const core::Error& error) {
    result.warnings.push_back(fmt::format("{}; the built-in defaults are used", error.what()));
    return result;
  }
  result.name = file;
  Reader(IniFile(file, text), tables, result).read();
  return result;
}

}  // namespace facegraph::app
