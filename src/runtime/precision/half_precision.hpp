// A model's arithmetic in half precision: fp16 halves the weights, and tensor cores multiply it faster.
#pragma once

#include <filesystem>

namespace facegraph::runtime {

// Reads the ONNX file `from` and writes the same model to `to`, which is replaced: fp32 weights and what flows between
// nodes become fp16, inputs and outputs keep their types. Nodes that lose too much stay in fp32 between casts: sums of
// many values (means, norms, their squares and roots), sampling positions, and nodes with constants beyond fp16's
// range. Throws Error(kFailed) with the reason for a model that cannot be rewritten: control flow, weights in other
// files, more than 2 GB.
void write_half_precision(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace facegraph::runtime
