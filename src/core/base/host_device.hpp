// Marks functions that CUDA kernels call too. Whoever compiles without nvcc sees nothing of it.
#pragma once

#if defined(__CUDACC__)
#define FACEGRAPH_HD __host__ __device__
#else
#define FACEGRAPH_HD
#endif
