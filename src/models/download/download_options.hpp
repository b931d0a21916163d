// Options of downloading. spec: application.md 2.1
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/options/option.hpp"

namespace facegraph::models {

const std::vector<core::Option>& download_options();  // download-providers, offline
const std::vector<core::Option>& download_scope_options();

struct TransferLimits {
  std::chrono::milliseconds connect{5000};
  std::chrono::seconds stall{30};           // that long with less than a kilobyte a second
  int attempts = 6;                         // of one file at one source
  std::chrono::milliseconds pause{1000};    // before the second attempt; doubles with each
  std::chrono::milliseconds probe{5000};    // for all sources together: who answers
  std::chrono::milliseconds headway{1000};  // of one source before the next one is asked too
};

struct DownloadOptions {
  std::vector<std::string> providers;  // first: preferred
  bool offline = false;
  TransferLimits limits = {};

  // Offline where no table of the command declares the options.
  static DownloadOptions from(const core::OptionValues& values);
};

}  // namespace facegraph::models
