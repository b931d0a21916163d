// Defaults of options from a configuration file. spec: application.md 3
#pragma once

#include <string>
#include <vector>

#include "app/config/option_values.hpp"

namespace facegraph::app {

struct Configuration {
  std::string name;                   // of the file that was read; empty: none
  GivenOptions given;                 // what it sets; keys without a value are left out
  std::vector<std::string> warnings;  // one line each: unknown names, files that cannot be read
};

// path: of --config-path; empty: facegraph.ini in the current folder, or facefusion.ini where there is none. A file
// that is absent sets nothing; one that was named or cannot be read is warned about. Throws Error(kUsage), with the
// line, for what is no ini file. Values are not checked: option_values does.
Configuration read_configuration(const std::string& path, const OptionTables& tables);

}  // namespace facegraph::app
