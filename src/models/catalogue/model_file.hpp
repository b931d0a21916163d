// A model file. The tables stand with the modules that use the models.
#pragma once

#include <string>

namespace facegraph::models {

struct ModelFile {
  std::string name;     // file stem, "inswapper_128"; also the name in messages
  std::string release;  // of the reference's assets, "models-3.0.0"; "embedded": comes with facegraph
  std::string licence;  // as published by its maker
  std::string extension = ".onnx";

  std::string file_name() const { return name + extension; }
};

}  // namespace facegraph::models
