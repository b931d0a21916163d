// A model whose file leaves dimensions open, written for the shapes of one session. ONNX Runtime computes what depends
// on open ones (Shape, and what Resize makes of it) on the CPU; in the channels-last layout it puts an operator of the
// GPU in between, so that the model cannot be captured (seen with scrfd_2.5g). With known dimensions all that is
// constants.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// A file's own note about itself, under this key: the inputs and outputs whose first dimension was open, a line each.
constexpr const char* kOpenBefore = "facegraph.open_before";

// Reads the ONNX file `from` and writes it to `to`, which is replaced, with its inputs as in these shapes. False, and
// nothing written, where no dimension of theirs is open. Throws Error(kFailed) with the reason for a file that is no
// ONNX model below 2 GB.
bool write_fixed_inputs(const std::filesystem::path& from, const std::filesystem::path& to,
                        std::span<const InputSpec> inputs);

}  // namespace facegraph::runtime
