// Whether a model's outputs are numbers.
#pragma once

#include <span>
#include <string>

#include "core/base/error.hpp"
#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// A model gave NaN or infinity. A failure for who analyses a source; a frame of the target passes unchanged.
class NotFinite : public core::Error {
 public:
  explicit NotFinite(const std::string& message) : Error(core::ErrorCode::kFailed, message) {}
};

// Throws NotFinite that names the model and the first tensor with NaN or infinity in its host half.
void check_finite(const std::string& model, std::span<const Tensor> tensors);

}  // namespace facegraph::runtime
