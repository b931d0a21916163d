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

// Adds one. Threads of a warp that count the same add together, once: pictures have places of one colour.
FACEGRAPH_HD inline void count_in(unsigned& counter) {
#if defined(__CUDA_ARCH__)
  const unsigned same = __match_any_sync(__activemask(), reinterpret_cast<unsigned long long>(&counter));
  if (static_cast<int>(threadIdx.x % 32) == __ffs(static_cast<int>(same)) - 1) {
    atomicAdd(&counter, static_cast<unsigned>(__popc(same)));
  }
#else
  ++counter;
#endif
}

FACEGRAPH_HD inline void lower_to(int& value, int other) {
#if defined(__CUDA_ARCH__)
  atomicMin(&value, other);
#else
  value = other < value ? other : value;
#endif
}

}  // namespace facegraph::ops
