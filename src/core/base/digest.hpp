// Digests as lower-case hex digits: names made from texts, and whether a file is still the one that was written.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace facegraph::core {

std::string sha1_of(std::string_view text);    // 40 digits
std::string sha256_of(std::string_view text);  // 64 digits
// Throws Error(kFailed) for a file that cannot be read to its end.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace facegraph::core
