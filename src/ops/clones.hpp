// FACEGRAPH_CLONES before a hot loop's function: the compiler builds it for several instruction sets, the loader picks
// one. Results are the same for all, because products and sums are never fused (cmake/warnings.cmake). Sanitizers
// cannot run inside the loader's choice.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define FACEGRAPH_CLONES __attribute__((flatten, target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FACEGRAPH_CLONES
#endif
