// Rounding to float32 where arithmetic goes on in double, as the reference's does.
#pragma once

#include "core/base/host_device.hpp"

namespace facegraph::core {

// What float32 keeps of `value`. Through memory that the compiler cannot see into: the vectoriser of GCC 12 leaves the
// rounding out where several such values are worked on side by side (-O2, -O3).
FACEGRAPH_HD inline double to_float32(double value) {
  auto rounded = static_cast<float>(value);
#if !defined(__CUDA_ARCH__)
  asm volatile("" : "+m"(rounded));
#endif
  return rounded;
}

}  // namespace facegraph::core
