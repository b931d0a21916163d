// What block programs (launch.cuh) share of a block, and two of them in one launch.
#pragma once

#include "core/base/host_device.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

struct NothingShared {};

template <typename Program>
struct SharedOfProgram {
  using Type = NothingShared;
};
template <typename Program>
requires requires {
  typename Program::Shared;
}
struct SharedOfProgram<Program> {
  using Type = typename Program::Shared;
};
template <typename Program>
using SharedOf = typename SharedOfProgram<Program>::Type;

template <typename Program, typename Block>
FACEGRAPH_HD void run_on_block(const Program& program, const Block& block, int index, SharedOf<Program>& shared) {
  if constexpr (requires { typename Program::Shared; }) {
    program(block, index, shared);
  } else {
    program(block, index);
  }
}

// Programs that need nothing of each other: that of the first `firsts` indices, and that of the others.
template <typename First, typename Second>
struct SideBySide {
  First first;
  int firsts;
  Second second;

  union Shared {
    SharedOf<First> first;
    SharedOf<Second> second;
  };

  int blocks() const { return firsts + second.blocks(); }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int index, Shared& shared) const {
    if (index < firsts) {
      run_on_block(first, block, index, shared.first);
    } else {
      run_on_block(second, block, index - firsts, shared.second);
    }
  }
};

template <typename First, typename Second>
SideBySide<First, Second> beside(const First& first, const Second& second) {
  return {first, first.blocks(), second};
}

// A pixel program as a block program, so that others can run beside it.
template <typename Program>
struct PixelsInBlocks {
  Program program;
  core::Size size;

  static constexpr int kPixels = 256;  // of a block

  int blocks() const { return (size.width * size.height + kPixels - 1) / kPixels; }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int index) const {
    const int first = index * kPixels;
    const int rest = size.width * size.height - first;
    block.for_each(rest < kPixels ? rest : kPixels,
                   [&](int i) { program((first + i) % size.width, (first + i) / size.width); });
  }
};

// For where nothing is done beside.
struct NoProgram {
  int blocks() const { return 0; }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& /*block*/, int /*index*/) const {}
};

}  // namespace facegraph::ops
