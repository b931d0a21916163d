#include "models/download/download_options.hpp"

#include "models/download/sources.hpp"

namespace facegraph::models {

using core::Option;
using core::OptionKind;
using core::OptionScope;

const std::vector<Option>& download_options() {
  static const std::vector<Option> table{
      {.name = "download-providers",
       .kind = OptionKind::kStringList,
       .section = "download",
       .scope = OptionScope::kJob,
       .help = "where missing official models are fetched from, the preferred one first",
       .default_value = download_providers(),
       .choices = download_providers()},
      {.name = "offline",
       .kind = OptionKind::kFlag,
       .section = "download",
       .scope = OptionScope::kJob,
       .help = "fetch nothing: say which models are missing and where to put them",
       .default_value = false},
  };
  return table;
}

const std::vector<Option>& download_scope_options() {
  static const std::vector<Option> table{
      {.name = "download-scope",
       .section = "download",
       .scope = OptionScope::kJob,
       .help = "how much to fetch; both are the same here, as no model of a named person is listed",
       .default_value = std::string("lite"),
       .choices = {"lite", "full"}},
  };
  return table;
}

DownloadOptions DownloadOptions::from(const core::OptionValues& values) {
  if (!values.contains("download-providers")) {
    return {.providers = {}, .offline = true};
  }
  return {.providers = values.strings("download-providers"), .offline = values.flag("offline")};
}

}  // namespace facegraph::models
