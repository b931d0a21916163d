// Whether a model's outputs are numbers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// A model gave NaN or infinity. A failure for who analyses a source; a frame of the target passes unchanged.
class NotFinite : public core::Error {
 public:
  explicit NotFinite(const std::string& message) : Error(core::ErrorCode::kFailed, message) {}
};

// Whether all that a lane's models had given was finite, on its way to the host.
class FiniteCheck {
 public:
  FiniteCheck() = default;  // nothing to look at
  // models: those that the mark counts from 1; 0: none.
  FiniteCheck(device::Values<int> mark, std::shared_ptr<const std::vector<std::string>> models)
      : mark_(std::move(mark)), models_(std::move(models)) {}
  // When the site was waited for. Throws NotFinite that names a model.
  void check() const;

 private:
  device::Values<int> mark_;
  std::shared_ptr<const std::vector<std::string>> models_;
};

// Throws NotFinite that names the model and the first tensor with NaN or infinity in its host half.
void check_finite(const std::string& model, std::span<const Tensor> tensors);

}  // namespace facegraph::runtime
