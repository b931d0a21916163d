// A model for one item, rewritten to take several at once.
#pragma once

#include <filesystem>
#include <span>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// Reads the ONNX file `from` and writes it to `to`, which is replaced, for inputs of these shapes but for the number of
// items, which is open: the first dimension of inputs whose file declares 1 and whose shape here has more. Every output
// has its items along the first dimension, one after the other: where one item has d rows, several have items * d.
// Inputs of one dimension count for all items. What the file folds for one item is written for several: shapes, what is
// spread over items, axes that items share with something else.
//
// False, and nothing written, where the file leaves the number of items open already. Throws Error(kFailed) with the
// reason for a model that cannot be rewritten: control flow, convolutions whose weights depend on the input, operators
// that nobody knows here. That items do not change each other is to be tried out afterwards.
bool write_open_batch(const std::filesystem::path& from, const std::filesystem::path& to,
                      std::span<const InputSpec> inputs);

}  // namespace facegraph::runtime
