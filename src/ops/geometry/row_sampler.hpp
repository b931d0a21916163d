// The inner loop of warp_affine and paste_back: one output row, or a part of it. Internal to ops.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "ops/geometry/warp.hpp"

namespace facegraph::ops {

// T: uint8_t, float or double; kChannels: 1 to 4. Looks at `in`, which must outlive it.
template <typename T, int kChannels>
class RowSampler {
 public:
  // matrix maps `in` to the output, as in warp_affine.
  RowSampler(core::ConstImageView in, const core::Affine& matrix, Border border);

  // Writes output pixels begin .. end - 1 of row y to out[0] onwards.
  void sample(T* out, int y, int begin, int end) const;

 private:
  static constexpr int kBlock = 64;

  // Tap positions of up to kBlock consecutive output pixels.
  struct Block {
    std::array<std::int32_t, kBlock> x;
    std::array<std::int32_t, kBlock> y;
    std::array<float, kBlock> fx;
    std::array<float, kBlock> fy;
    int count;
  };

  void locate(Block& block, int y, int begin) const;
  bool is_inside(const Block& block, int i) const;
  bool is_outside(const Block& block) const;
  const T* tap(int x, int y) const;
  void sample_inside(T* out, const Block& block, int begin, int end) const;
  void sample_border(T* out, const Block& block, int begin, int end) const;

  core::ConstImageView in_;
  std::array<double, 6> inverse_;
  Border border_;
};

}  // namespace facegraph::ops
