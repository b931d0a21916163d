// Reads one tensor out of an ONNX file without a parser library: ONNX Runtime gives no access to initializers and may
// drop one that no node consumes. Field numbers: onnx.proto3 (ModelProto.graph 7, GraphProto.initializer 5, TensorProto
// dims 1, data_type 2, float_data 4, raw_data 9).
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace facegraph::models {

struct Initializer {
  std::vector<std::int64_t> dims;
  std::vector<float> values;  // float16 is widened
};

// The last entry of the graph's initializer list, in file order. Throws Error(kFailed) naming the file when there is
// none, when it is not float32 or float16, or when the file is damaged.
Initializer last_initializer(const std::filesystem::path& path);

}  // namespace facegraph::models
