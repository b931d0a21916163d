// What an analyser or processor needs to open its models: the pool, the files, and the device of its lane.
#pragma once

#include <string>
#include <vector>

#include "models/catalogue/model_file.hpp"
#include "models/store/store.hpp"
#include "runtime/pool/inference_pool.hpp"

namespace facegraph::analysers {

struct Context {
  runtime::InferencePool& pool;
  const models::Store& store;
  int device_id = 0;
  // Where the pictures lie that who is opened with this works on: those of pool.site(device_id), or the host's.
  device::Site site = {};

  // module: the reference's module name, part of the pool's key ("face_detector").
  runtime::Session open(const std::string& module, const models::ModelFile& file,
                        const std::vector<runtime::InputSpec>& inputs,
                        runtime::Role role = runtime::Role::kPixels) const {
    return pool.open(module, {.name = file.name, .path = store.path(file), .role = role}, inputs, device_id);
  }
  // Of a network whose results choose what is worked on: it is never in half precision.
  runtime::Session open_deciding(const std::string& module, const models::ModelFile& file,
                                 const std::vector<runtime::InputSpec>& inputs) const {
    return open(module, file, inputs, runtime::Role::kDecides);
  }
};

}  // namespace facegraph::analysers
