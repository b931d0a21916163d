#include "jobs/batch/batch.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include "core/base/error.hpp"

namespace facegraph::jobs {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

[[noreturn]] void fail_template(const std::string& text, const std::string& why) {
  core::fail(core::ErrorCode::kFailed, "output pattern '{}': {}", text, why);
}

// The formatter would number nameless fields; here only names are meant.
void check_names(const std::string& text, const std::vector<std::string>& known) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') {
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '{') {
      ++i;
      continue;
    }
    const std::size_t end = text.find_first_of(":}", i);
    const std::string name = text.substr(i + 1, end == std::string::npos ? end : end - i - 1);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      fail_template(
          text, fmt::format("'{{{}}}' is no placeholder here; expected one of {{{}}}", name, fmt::join(known, "}, {")));
    }
  }
}

std::string filled(const std::string& text, std::size_t index, const BatchStep& step) {
  try {
    return fmt::format(fmt::runtime(text), fmt::arg("index", index),
                       fmt::arg("target_name", step.target.stem().string()),
                       fmt::arg("target_extension", lower(step.target.extension().string())),
                       fmt::arg("source_name", step.source.stem().string()));
  } catch (const fmt::format_error& error) {
    fail_template(text, error.what());
  }
}

}  // namespace

std::vector<fs::path> files_of_pattern(const fs::path& pattern) {
  std::error_code error;
  const fs::path folder = pattern.parent_path();
  if (folder.empty() || !fs::is_directory(folder, error) || fs::is_directory(pattern, error)) {
    return {};
  }
  const std::string names = pattern.filename().string();
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (fnmatch(names.c_str(), entry.path().filename().c_str(), FNM_PERIOD | FNM_NOESCAPE) == 0) {
      files.push_back(folder / entry.path().filename());
    }
  }
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return files;
}

std::vector<BatchStep> batch_steps(const std::vector<fs::path>& sources, const std::vector<fs::path>& targets,
                                   const std::string& output) {
  std::vector<std::string> known{"index", "target_name", "target_extension"};
  if (!sources.empty()) {
    known.emplace_back("source_name");
  }
  check_names(output, known);
  std::vector<BatchStep> steps;
  const auto add = [&](const fs::path& source) {
    for (const fs::path& target : targets) {
      BatchStep step{source, target, {}};
      step.output = filled(output, steps.size(), step);
      steps.push_back(std::move(step));
    }
  };
  if (sources.empty()) {
    add({});
  }
  for (const fs::path& source : sources) {
    add(source);
  }
  return steps;
}

}  // namespace facegraph::jobs
