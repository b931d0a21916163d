// Where the official files are published: the providers, their addresses and mirrors. spec: application.md 8.1
#pragma once

#include <string>
#include <vector>

namespace facegraph::models {

// One address that files can be fetched from.
struct Source {
  std::string base;  // "https://huggingface.co"
  std::string path;  // below it: "/facefusion/{release}/resolve/main/{file}"

  std::string url(const std::string& release, const std::string& file) const;
};

// The providers' names.
const std::vector<std::string>& download_providers();

// The sources of these providers, in that order. The environment variables FACEGRAPH_GITHUB_URLS and
// FACEGRAPH_HUGGINGFACE_URLS replace a provider's addresses by others (separated by spaces): mirrors of one's own.
std::vector<Source> sources_of(const std::vector<std::string>& providers);

}  // namespace facegraph::models
