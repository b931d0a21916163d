#include "models/download/sources.hpp"

#include <cstdlib>
#include <sstream>

#include <fmt/format.h>

namespace facegraph::models {

namespace {

struct Provider {
  std::string name;
  std::string variable;
  std::string bases;  // separated by spaces
  std::string path;
};

const std::vector<Provider>& providers() {
  static const std::vector<Provider> table{
      {"github", "FACEGRAPH_GITHUB_URLS", "https://github.com",
       "/facefusion/facefusion-assets/releases/download/{release}/{file}"},
      {"huggingface", "FACEGRAPH_HUGGINGFACE_URLS", "https://huggingface.co https://hf-mirror.com",
       "/facefusion/{release}/resolve/main/{file}"},
  };
  return table;
}

}  // namespace

std::string Source::url(const std::string& release, const std::string& file) const {
  return base + fmt::format(fmt::runtime(path), fmt::arg("release", release), fmt::arg("file", file));
}

const std::vector<std::string>& download_providers() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Provider& provider : providers()) {
      all.push_back(provider.name);
    }
    return all;
  }();
  return names;
}

std::vector<Source> sources_of(const std::vector<std::string>& wanted) {
  std::vector<Source> sources;
  for (const std::string& name : wanted) {
    for (const Provider& provider : providers()) {
      if (provider.name != name) {
        continue;
      }
      const char* replaced = std::getenv(provider.variable.c_str());
      std::istringstream bases(replaced != nullptr && *replaced != '\0' ? replaced : provider.bases);
      for (std::string base; bases >> base;) {
        sources.push_back({base, provider.path});
      }
    }
  }
  return sources;
}

}  // namespace facegraph::models
