// Integers that many threads of a kernel change. Whatever the order, the results are the same.
#pragma once

#include "core/base/host_device.hpp"

namespace facegraph::ops {

FACEGRAPH_HD inline void add_to(unsigned& counter, unsigned amount) {
#if defined(__CUDA_ARCH__)
  atomicAdd(&counter, amount);
#else
  counter += amount;
#endif
}

FACEGRAPH_HD inline void lower_to(int& value, int other) {
#if defined(__CUDA_ARCH__)
  atomicMin(&value, other);
#else
  value = other < value ? other : value;
#endif
}

FACEGRAPH_HD inline void raise_to(int& value, int other) {
#if defined(__CUDA_ARCH__)
  atomicMax(&value, other);
#else
  value = other > value ? other : value;
#endif
}

}  // namespace facegraph::ops
