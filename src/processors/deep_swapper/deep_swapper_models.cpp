#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/error.hpp"
#include "core/options/nearest_name.hpp"
#include "processors/deep_swapper/deep_swapper.hpp"

namespace facegraph::processors {

namespace fs = std::filesystem;

namespace {

constexpr const char* kExtension = ".dfm";
constexpr const char* kCustomScope = "custom/";

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name.starts_with("__");
}

std::string advice(const fs::path& folder, const std::vector<std::string>& names) {
  return fmt::format(
      "put a .dfm file that you have the right to use into {} as SCOPE/NAME.dfm and name it with --deep-swapper-model "
      "SCOPE/NAME; found there: {}",
      folder.string(), names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
}

}  // namespace

std::vector<std::string> deep_swapper_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code unreadable;
  for (const fs::directory_entry& scope : fs::directory_iterator(folder, unreadable)) {
    if (!scope.is_directory() || is_hidden(scope.path())) {
      continue;
    }
    for (const fs::directory_entry& file : fs::directory_iterator(scope.path(), unreadable)) {
      if (file.path().extension() == kExtension && file.is_regular_file() && !is_hidden(file.path())) {
        names.push_back(scope.path().filename().string() + "/" + file.path().stem().string());
      }
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

models::ModelFile deep_swapper_model(const std::string& name, const fs::path& folder) {
  const std::vector<std::string> names = deep_swapper_names(folder);
  if (name.empty()) {
    core::fail(core::ErrorCode::kUsage, "deep_swapper: no model is named; {}", advice(folder, names));
  }
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    core::fail(core::ErrorCode::kUsage, "deep_swapper: there is no model '{}'{}; {}", name,
               core::suggestion(name, names), advice(folder, names));
  }
  return {.name = name,
          .release = models::kUserRelease,
          .licence = "the user's own",
          .extension = kExtension,
          .hash_optional = name.starts_with(kCustomScope)};
}

}  // namespace facegraph::processors
