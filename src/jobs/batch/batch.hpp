// One job for many files: patterns, pairs, and names for the outputs. spec: application.md 6
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace facegraph::jobs {

// The files in the pattern's folder whose names match its last component (*, ?, [..]; hidden ones only when the pattern
// begins with a dot), sorted. None when the folder is missing or not named, or the pattern is a folder.
std::vector<std::filesystem::path> files_of_pattern(const std::filesystem::path& pattern);

struct BatchStep {
  std::filesystem::path source;  // empty without sources
  std::filesystem::path target;
  std::filesystem::path output;
};

// Every source with every target, targets inner; without sources every target. In the output's template {index},
// {target_name}, {target_extension} and, with sources, {source_name} are replaced, with format specs as in
// {index:03d}; {{ and }} are braces. Throws Error(kFailed) for a template that cannot be filled.
std::vector<BatchStep> batch_steps(const std::vector<std::filesystem::path>& sources,
                                   const std::vector<std::filesystem::path>& targets, const std::string& output);

}  // namespace facegraph::jobs
