#include "ops/geometry/row_sampler.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "ops/clones.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/geometry/warp_formula.hpp"

namespace facegraph::ops {

namespace {

// Up to four u8 channels in one word; three are read with the byte after them.
template <int kChannels>
std::uint32_t load_pixel(const std::uint8_t* pixel) {
  std::uint32_t word = 0;
  std::memcpy(&word, pixel, kChannels == 3 ? 4 : kChannels);
  return word;
}

// The four taps of a block's pixels, each pixel's channels packed in a word: then the arithmetic is one loop over
// pixels that compilers vectorise.
template <int kBlock>
struct PackedTaps {
  std::array<std::uint32_t, kBlock> p00;
  std::array<std::uint32_t, kBlock> p01;
  std::array<std::uint32_t, kBlock> p10;
  std::array<std::uint32_t, kBlock> p11;
};

inline float channel_of(std::uint32_t word, int channel) {
  return static_cast<float>(static_cast<std::int32_t>((word >> (8 * channel)) & 255U));
}

template <int kChannels, int kBlock>
void interpolate(std::uint32_t* words, const PackedTaps<kBlock>& taps, const float* fx, const float* fy) {
  for (int i = 0; i < kBlock; ++i) {
    std::uint32_t word = 0;
    for (int c = 0; c < kChannels; ++c) {
      const float value = bilinear(channel_of(taps.p00[i], c), channel_of(taps.p01[i], c), channel_of(taps.p10[i], c),
                                   channel_of(taps.p11[i], c), fx[i], fy[i]);
      word |= (round_half_even(value) & 255U) << (8 * c);
    }
    words[i] = word;
  }
}

// Three-byte pixels are written four bytes at a time: the next pixel overwrites the fourth, the last is written
// exactly.
template <int kChannels>
void store_pixels(std::uint8_t* out, const std::uint32_t* words, int begin, int end) {
  for (int i = begin; i < end; ++i) {
    std::memcpy(out + i * kChannels, &words[i], kChannels == 3 && i + 1 < end ? 4 : kChannels);
  }
}

}  // namespace

template <typename T, int kChannels>
RowSampler<T, kChannels>::RowSampler(core::ConstImageView in, const core::Affine& matrix, Border border)
    : in_(in), inverse_(invert(matrix).m), border_(border) {}

template <typename T, int kChannels>
FACEGRAPH_CLONES void RowSampler<T, kChannels>::sample(T* out, int y, int begin, int end) const {
  Block block{};
  for (int x = begin; x < end; x += kBlock) {
    block.count = std::min(kBlock, end - x);
    locate(block, y, x);
    if (border_ == Border::kConstant && is_outside(block)) {
      std::fill_n(out, block.count * kChannels, T{0});
    } else {
      // Positions are monotonic along a row, so those inside are consecutive.
      int first = 0;
      while (first < block.count && !is_inside(block, first)) {
        ++first;
      }
      int last = block.count;
      while (last > first && !is_inside(block, last - 1)) {
        --last;
      }
      sample_border(out, block, 0, first);
      sample_inside(out, block, first, last);
      sample_border(out, block, last, block.count);
    }
    out += block.count * kChannels;
  }
}

template <typename T, int kChannels>
void RowSampler<T, kChannels>::locate(Block& block, int y, int begin) const {
  // Whole blocks, so that the loops have a fixed length; positions beyond the count are never used.
  if constexpr (std::is_same_v<T, double>) {
    const double offset_x = fixed_row_offset(inverse_[1] * y + inverse_[2]);
    const double offset_y = fixed_row_offset(inverse_[4] * y + inverse_[5]);
    for (int i = 0; i < kBlock; ++i) {
      const TapPosition x_tap = fixed_tap_position(begin + i, inverse_[0], offset_x, in_.width);
      const TapPosition y_tap = fixed_tap_position(begin + i, inverse_[3], offset_y, in_.height);
      block.x[i] = x_tap.index;
      block.fx[i] = x_tap.fraction;
      block.y[i] = y_tap.index;
      block.fy[i] = y_tap.fraction;
    }
  } else {
    std::array<float, 6> inverse{};
    std::transform(inverse_.begin(), inverse_.end(), inverse.begin(), [](double v) { return static_cast<float>(v); });
    const float offset_x = static_cast<float>(y) * inverse[1] + inverse[2];
    const float offset_y = static_cast<float>(y) * inverse[4] + inverse[5];
    for (int i = 0; i < kBlock; ++i) {
      const TapPosition x_tap = tap_position(begin + i, inverse[0], offset_x, in_.width);
      const TapPosition y_tap = tap_position(begin + i, inverse[3], offset_y, in_.height);
      block.x[i] = x_tap.index;
      block.fx[i] = x_tap.fraction;
      block.y[i] = y_tap.index;
      block.fy[i] = y_tap.fraction;
    }
  }
}

template <typename T, int kChannels>
bool RowSampler<T, kChannels>::is_inside(const Block& block, int i) const {
  // Both taps of an axis inside; a pixel of three channels is loaded with the value after it and must not be the last.
  const int right = in_.width - (kChannels == 3 ? 3 : 2);
  return block.x[i] >= 0 && block.x[i] <= right && block.y[i] >= 0 && block.y[i] <= in_.height - 2;
}

template <typename T, int kChannels>
bool RowSampler<T, kChannels>::is_outside(const Block& block) const {
  const int last = block.count - 1;
  const auto beyond = [&](const auto& positions, int side) {
    return std::max(positions[0], positions[last]) < -1 || std::min(positions[0], positions[last]) >= side;
  };
  return beyond(block.x, in_.width) || beyond(block.y, in_.height);
}

template <typename T, int kChannels>
const T* RowSampler<T, kChannels>::tap(int x, int y) const {
  static constexpr std::array<T, kChannels> kOutside{};
  if (border_ == Border::kConstant && (x < 0 || y < 0 || x >= in_.width || y >= in_.height)) {
    return kOutside.data();
  }
  return in_.row<T>(std::clamp(y, 0, in_.height - 1)) + std::clamp(x, 0, in_.width - 1) * kChannels;
}

template <typename T, int kChannels>
void RowSampler<T, kChannels>::sample_inside(T* out, const Block& block, int begin, int end) const {
  const auto below = [this](const T* pixel) {
    return reinterpret_cast<const T*>(reinterpret_cast<const std::byte*>(pixel) + in_.stride);
  };
  if (begin == end) {
    return;
  }
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    PackedTaps<kBlock> taps{};
    for (int i = begin; i < end; ++i) {
      const T* upper = in_.row<T>(block.y[i]) + block.x[i] * kChannels;
      const T* lower = below(upper);
      taps.p00[i] = load_pixel<kChannels>(upper);
      taps.p01[i] = load_pixel<kChannels>(upper + kChannels);
      taps.p10[i] = load_pixel<kChannels>(lower);
      taps.p11[i] = load_pixel<kChannels>(lower + kChannels);
    }
    std::array<std::uint32_t, kBlock> words;
    interpolate<kChannels>(words.data(), taps, block.fx.data(), block.fy.data());
    store_pixels<kChannels>(out, words.data(), begin, end);
  } else {
    // Three channels are computed as four: one vector per pixel.
    constexpr int kLanes = kChannels == 3 ? 4 : kChannels;
    for (int i = begin; i < end; ++i) {
      const T* upper = in_.row<T>(block.y[i]) + block.x[i] * kChannels;
      const T* lower = below(upper);
      std::array<T, kLanes> pixel;
      for (int c = 0; c < kLanes; ++c) {
        pixel[c] = bilinear(upper[c], upper[c + kChannels], lower[c], lower[c + kChannels], block.fx[i], block.fy[i]);
      }
      std::memcpy(out + i * kChannels, pixel.data(), (i + 1 < end ? kLanes : kChannels) * sizeof(T));
    }
  }
}

template <typename T, int kChannels>
void RowSampler<T, kChannels>::sample_border(T* out, const Block& block, int begin, int end) const {
  for (int i = begin; i < end; ++i) {
    const T* p00 = tap(block.x[i], block.y[i]);
    const T* p01 = tap(block.x[i] + 1, block.y[i]);
    const T* p10 = tap(block.x[i], block.y[i] + 1);
    const T* p11 = tap(block.x[i] + 1, block.y[i] + 1);
    for (int c = 0; c < kChannels; ++c) {
      if constexpr (std::is_same_v<T, std::uint8_t>) {
        const float value = bilinear(static_cast<float>(p00[c]), static_cast<float>(p01[c]), static_cast<float>(p10[c]),
                                     static_cast<float>(p11[c]), block.fx[i], block.fy[i]);
        out[i * kChannels + c] = static_cast<T>(round_half_even(value));
      } else {
        out[i * kChannels + c] = bilinear(p00[c], p01[c], p10[c], p11[c], block.fx[i], block.fy[i]);
      }
    }
  }
}

template class RowSampler<std::uint8_t, 1>;
template class RowSampler<std::uint8_t, 2>;
template class RowSampler<std::uint8_t, 3>;
template class RowSampler<std::uint8_t, 4>;
template class RowSampler<float, 1>;
template class RowSampler<float, 2>;
template class RowSampler<float, 3>;
template class RowSampler<float, 4>;
template class RowSampler<double, 1>;
template class RowSampler<double, 2>;
template class RowSampler<double, 3>;
template class RowSampler<double, 4>;

}  // namespace facegraph::ops
