// Runs the programs of kernels on the host: what a GPU made of host memory does (device::Gpu::on_host), and tests of a
// program alone. Backwards, so that a program that leans on the order of its own loop shows.
#pragma once

#include "core/base/host_device.hpp"
#include "core/types/image.hpp"
#include "ops/gpu/block_programs.hpp"

namespace facegraph::ops {

template <typename Program>
void run_pixels_on_host(core::Size size, const Program& program) {
  for (int y = size.height - 1; y >= 0; --y) {
    for (int x = size.width - 1; x >= 0; --x) {
      program(x, y);
    }
  }
}

struct HostBlock {
  template <typename Body>
  FACEGRAPH_HD void for_each(int count, Body body) const {
    for (int i = count - 1; i >= 0; --i) {
      body(i);
    }
  }
};

template <typename Program>
void run_blocks_on_host(int count, const Program& program) {
  for (int index = count - 1; index >= 0; --index) {
    SharedOf<Program> shared;
    run_on_block(program, HostBlock{}, index, shared);
  }
}

}  // namespace facegraph::ops
