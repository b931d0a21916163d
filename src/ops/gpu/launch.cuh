// Starts the two kinds of programs that our kernels are, on a stream; returns at once. A program is a copyable struct
// whose call operator is FACEGRAPH_HD: a GPU made of host memory runs the same struct there. Without a CUDA compiler
// that is the only kind of GPU, and the .cu files are plain C++.
//
// Pixel program: program(x, y) for every pixel of a picture, in any order, side by side.
// Block program: program(block, index) for every index; the threads of one block work on an index together. All they
// do together is block.for_each(count, body): body(i) for every i below count, side by side; what one for_each has
// written the next one sees. They share global memory, and where a program names a type Shared one of it,
// uninitialised, near to them: program(block, index, shared).
#pragma once

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/gpu/block_programs.hpp"
#include "ops/gpu/host_programs.hpp"

namespace facegraph::ops {

#if defined(__CUDACC__)

constexpr int kPixelBlockWidth = 32;
constexpr int kPixelBlockHeight = 8;
constexpr int kBlockThreads = 256;

template <typename Program>
__global__ void run_pixels(int width, int height, Program program) {
  const int x = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int y = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  if (x < width && y < height) {
    program(x, y);
  }
}

struct DeviceBlock {
  template <typename Body>
  __device__ void for_each(int count, Body body) const {
    for (int i = static_cast<int>(threadIdx.x); i < count; i += static_cast<int>(blockDim.x)) {
      body(i);
    }
    __syncthreads();
  }
};

template <typename Program>
__global__ void __launch_bounds__(kBlockThreads) run_block(Program program) {
  __shared__ SharedOf<Program> shared;
  run_on_block(program, DeviceBlock{}, static_cast<int>(blockIdx.x), shared);
}

template <typename Program>
void launch_pixels(const device::Stream& stream, core::Size size, const Program& program) {
  const dim3 block(kPixelBlockWidth, kPixelBlockHeight);
  const dim3 grid((static_cast<unsigned>(size.width) + block.x - 1) / block.x,
                  (static_cast<unsigned>(size.height) + block.y - 1) / block.y);
  run_pixels<<<grid, block, 0, static_cast<cudaStream_t>(stream.handle())>>>(size.width, size.height, program);
}

template <typename Program>
void launch_blocks(const device::Stream& stream, int count, const Program& program) {
  run_block<<<static_cast<unsigned>(count), kBlockThreads, 0, static_cast<cudaStream_t>(stream.handle())>>>(program);
}

#else

template <typename Program>
void launch_pixels(const device::Stream&, core::Size, const Program&) {}
template <typename Program>
void launch_blocks(const device::Stream&, int, const Program&) {}

#endif

// what: the operator's name, for the error's text.
template <typename Program>
void for_each_pixel(const device::Stream& stream, const char* what, core::Size size, const Program& program) {
  if (size.width <= 0 || size.height <= 0) {
    return;
  }
  if (stream.gpu().on_host()) {
    run_pixels_on_host(size, program);
    return;
  }
  launch_pixels(stream, size, program);
  stream.gpu().check_launch(what);
}

template <typename Program>
void for_each_block(const device::Stream& stream, const char* what, int count, const Program& program) {
  if (count <= 0) {
    return;
  }
  if (stream.gpu().on_host()) {
    run_blocks_on_host(count, program);
    return;
  }
  launch_blocks(stream, count, program);
  stream.gpu().check_launch(what);
}

}  // namespace facegraph::ops
