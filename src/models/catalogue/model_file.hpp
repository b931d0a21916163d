// A model file. The tables stand with the modules that use the models.
#pragma once

#include <string>

namespace facegraph::models {

struct ModelFile {
  std::string name;     // file stem, "inswapper_128"; also the name in messages
  std::string release;  // of the reference's assets, "models-3.0.0"; "embedded": comes with facegraph; "user": the
                        // user's own, offered for download by nobody
  std::string licence;  // as published by its maker
  std::string extension = ".onnx";
  bool hash_optional = false;  // whole even without a .hash beside it

  std::string file_name() const { return name + extension; }
};

inline constexpr const char* kUserRelease = "user";

inline bool is_users(const ModelFile& file) {
  return file.release == kUserRelease;
}

}  // namespace facegraph::models
