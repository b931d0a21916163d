// Inputs for runs whose results are only compared with one another.
#pragma once

#include "runtime/session/session_state.hpp"

namespace facegraph::runtime {

// The host half: uniform low..high for floats, the same for every call of one seed; integers and flags are 0, which
// every model takes.
void fill_noise(const Tensor& tensor, double low = 0, double high = 1, unsigned seed = 20250117);

}  // namespace facegraph::runtime
