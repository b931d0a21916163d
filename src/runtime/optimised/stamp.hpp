// Whether the files of a folder are still those that were written: by size and time of change, without reading them.
#pragma once

#include <filesystem>

namespace facegraph::runtime {

// Brings the folder's files onto the disk and notes them in one more file. Throws std::system_error.
void stamp(const std::filesystem::path& folder);

// False too where there is no such folder, or no stamp.
bool is_stamped(const std::filesystem::path& folder);

}  // namespace facegraph::runtime
