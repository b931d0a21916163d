// Whole files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace facegraph::core {

// The bytes of a file. Throws Error(kFailed) with the system's reason when they cannot be read to the end.
std::string read_file(const std::filesystem::path& path);

// Its bytes; 0 where the system cannot say.
std::uintmax_t size_or_zero(const std::filesystem::path& path);

}  // namespace facegraph::core
