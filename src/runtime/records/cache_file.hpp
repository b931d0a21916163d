// A small file that several processes read and change: whoever reads it finds a whole one.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace facegraph::runtime {

// None where there is no such file, or it cannot be read.
std::optional<std::string> read_cache_file(const std::filesystem::path& path);

// Replaces the file's content ("" where there is none) by change(content), on the disk when this returns; its folder is
// made. Processes that change files of one folder do so one after the other, where the file system can lock. Throws
// std::system_error, and leaves the file as it was, when it cannot be written.
void change_cache_file(const std::filesystem::path& path,
                       const std::function<std::string(const std::string& content)>& change);

}  // namespace facegraph::runtime
