// Size and checksums of the official files that are known beforehand. spec: model-files.md
#pragma once

#include <string_view>

#include "models/catalogue/model_file.hpp"

namespace facegraph::models {

struct Identity {
  std::string_view name;
  long long bytes = 0;
  std::string_view crc32;  // eight lower-case hex digits, as in the `.hash` file; empty: not known
  std::string_view sha256;
};

// nullptr: nothing is known of it.
const Identity* identity_of(const ModelFile& file);

}  // namespace facegraph::models
