// What tells one version of a model file from another: part of the names and keys of what is kept for it.
#pragma once

#include <filesystem>
#include <string>

namespace facegraph::runtime {

// The checksum that lies beside every official model, else size and time of the file; empty where there is no file.
std::string content_key(const std::filesystem::path& model);

}  // namespace facegraph::runtime
