// The pixel program of resize, fit_contain and fit_cover: cv::resize's arithmetic (OpenCV 4) at one output pixel.
// A sampler finds its taps once per pixel and combines them per channel.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "core/types/image.hpp"
#include "ops/geometry/linear_sampler.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/geometry/warp_formula.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

// One axis: `from` pixels become from / scale.
struct ResizeAxis {
  int from = 0;
  double scale = 1;
  double inverse = 1;
  int whole = 0;  // the scale where it is a whole number, else 0
};

inline ResizeAxis resize_axis(int from, int to) {
  const double scale = linear_scale(from, to);
  const double nearest = std::nearbyint(scale);
  const bool is_whole = std::abs(scale - nearest) < std::numeric_limits<double>::epsilon();
  return {from, scale, static_cast<double>(to) / from, is_whole ? static_cast<int>(nearest) : 0};
}

// How OpenCV goes about it. kBlocks: means of whole blocks, of one pixel for equal sizes. kStretch: what INTER_AREA is
// where a side grows.
enum class ResizeMethod { kLinear, kStretch, kCubic, kArea, kBlocks };

inline ResizeMethod resize_method(const ResizeAxis& x, const ResizeAxis& y, Interpolation interpolation) {
  if (x.scale == 1 && y.scale == 1) {
    return ResizeMethod::kBlocks;
  }
  switch (interpolation) {
    case Interpolation::kCubic:
      return ResizeMethod::kCubic;
    case Interpolation::kLinear:
      return x.whole == 2 && y.whole == 2 ? ResizeMethod::kBlocks : ResizeMethod::kLinear;
    case Interpolation::kArea:
      break;
  }
  if (x.scale < 1 || y.scale < 1) {
    return ResizeMethod::kStretch;
  }
  return x.whole > 0 && y.whole > 0 ? ResizeMethod::kBlocks : ResizeMethod::kArea;
}

// Where the samplers read. T: the values' type.
template <typename T>
struct PicturePixels {
  using Value = T;
  core::ConstImageView in;

  FACEGRAPH_HD T operator()(int x, int y, int channel) const { return pixel_at<T>(in, x, y)[channel]; }
};

// An 8-bit picture within black margins.
struct PaddedPixels {
  using Value = std::uint8_t;
  core::ConstImageView in;
  int left = 0;
  int top = 0;

  FACEGRAPH_HD std::uint8_t operator()(int x, int y, int channel) const {
    const int u = x - left;
    const int v = y - top;
    const bool is_outside = u < 0 || v < 0 || u >= in.width || v >= in.height;
    return is_outside ? std::uint8_t{0} : pixel_at<std::uint8_t>(in, u, v)[channel];
  }
};

FACEGRAPH_HD inline int floor_to_int(double value) {
  const int truncated = static_cast<int>(value);
  return truncated - (value < truncated ? 1 : 0);
}
FACEGRAPH_HD inline int round_to_int(float value) {
  return static_cast<int>(round_half_even(static_cast<double>(value)));
}
FACEGRAPH_HD inline std::uint8_t saturate(int value) {
  return static_cast<std::uint8_t>(value < 0 ? 0 : (value > 255 ? 255 : value));
}

// The tap at or before the position, may lie outside, and the fraction towards the next.
FACEGRAPH_HD inline TapPosition cubic_position(const ResizeAxis& axis, int i) {
  const auto position = static_cast<float>((i + 0.5) * axis.scale - 0.5);
  const int index = floor_to_int(position);
  return {index, position - static_cast<float>(index)};
}
FACEGRAPH_HD inline TapPosition stretch_position(const ResizeAxis& axis, int i) {
  const int index = floor_to_int(i * axis.scale);
  const auto fraction = static_cast<float>((i + 1) - (index + 1) * axis.inverse);
  return {index, fraction <= 0 ? 0.0F : fraction - static_cast<float>(floor_to_int(fraction))};
}

// Cubic weights of 8-bit pictures have 11 bits.
FACEGRAPH_HD inline int fixed_weight(float weight) {
  return round_to_int(weight * 2048);
}

template <typename Source>
struct LinearResize {
  using T = typename Source::Value;
  using Taps = LinearSampler;
  Source source;
  ResizeAxis x_axis;
  ResizeAxis y_axis;
  bool is_stretch = false;

  FACEGRAPH_HD Taps locate(int x, int y) const {
    if (is_stretch) {
      const TapPosition across = stretch_position(x_axis, x);
      const TapPosition down = stretch_position(y_axis, y);
      return {linear_taps_at(across.index, across.fraction, x_axis.from, false),
              linear_taps_at(down.index, down.fraction, y_axis.from, true)};
    }
    return {linear_taps(x, x_axis.scale, x_axis.from, false), linear_taps(y, y_axis.scale, y_axis.from, true)};
  }

  FACEGRAPH_HD T at(const Taps& taps, int channel) const {
    const auto read = [&](int x, int y) { return source(x, y, channel); };
    if constexpr (sizeof(T) == 1) {
      return taps.at_u8(read);
    } else {
      return taps.at(read);
    }
  }
};

template <typename Source>
struct CubicResize {
  using T = typename Source::Value;
  Source source;
  ResizeAxis x_axis;
  ResizeAxis y_axis;

  struct Taps {
    int x, y;  // the second of four
    float across[4];
    float down[4];
  };

  FACEGRAPH_HD static void weigh(float x, float* weights) {
    constexpr float kA = -0.75F;
    weights[0] = ((kA * (x + 1) - 5 * kA) * (x + 1) + 8 * kA) * (x + 1) - 4 * kA;
    weights[1] = ((kA + 2) * x - (kA + 3)) * x * x + 1;
    weights[2] = ((kA + 2) * (1 - x) - (kA + 3)) * (1 - x) * (1 - x) + 1;
    weights[3] = 1.0F - weights[0] - weights[1] - weights[2];
  }

  FACEGRAPH_HD Taps locate(int x, int y) const {
    const TapPosition across = cubic_position(x_axis, x);
    const TapPosition down = cubic_position(y_axis, y);
    Taps taps;
    taps.x = across.index;
    taps.y = down.index;
    weigh(across.fraction, taps.across);
    weigh(down.fraction, taps.down);
    return taps;
  }

  FACEGRAPH_HD T tap(const Taps& taps, int i, int j, int channel) const {
    return source(clamp_index(taps.x - 1 + i, x_axis.from), clamp_index(taps.y - 1 + j, y_axis.from), channel);
  }

  FACEGRAPH_HD T at(const Taps& taps, int channel) const {
    // What a row adds, kept as float for 8 bits: below 2^24, so exact.
    using Real = std::conditional_t<sizeof(T) == 8, double, float>;
    Real rows[4];
    for (int j = 0; j < 4; ++j) {
      if constexpr (sizeof(T) == 1) {
        int sum = 0;
        for (int i = 0; i < 4; ++i) {
          sum += tap(taps, i, j, channel) * fixed_weight(taps.across[i]);
        }
        constexpr float kScale = 1.0F / (2048 * 2048);
        rows[j] = static_cast<float>(sum) * (static_cast<float>(fixed_weight(taps.down[j])) * kScale);
      } else {
        Real sum = tap(taps, 0, j, channel) * taps.across[0];
        for (int i = 1; i < 4; ++i) {
          sum += tap(taps, i, j, channel) * taps.across[i];
        }
        rows[j] = sum * taps.down[j];
      }
    }
    const Real value = rows[0] + (rows[1] + (rows[2] + rows[3]));
    if constexpr (sizeof(T) == 1) {
      return saturate(round_to_int(value));
    } else {
      return value;
    }
  }
};

// Every source pixel counts by the part of it that the output pixel covers.
template <typename Source>
struct AreaResize {
  using T = typename Source::Value;
  Source source;
  ResizeAxis x_axis;
  ResizeAxis y_axis;

  // Pixels `begin`..`end`; those of `first`..`last` are covered wholly.
  struct Span {
    int begin, first, last, end;
    float before, inside, after;

    FACEGRAPH_HD float weight(int i) const { return i < first ? before : (i < last ? inside : after); }
  };
  struct Taps {
    Span across;
    Span down;
  };

  FACEGRAPH_HD static Span span(const ResizeAxis& axis, int i) {
    constexpr double kSliver = 1e-3;  // what is left out
    const double start = i * axis.scale;
    const double stop = start + axis.scale;
    const double left = axis.from - start;
    const double width = axis.scale < left ? axis.scale : left;
    const int below = floor_to_int(start);
    const int ceiling = below + (start > below ? 1 : 0);
    const int above = floor_to_int(stop);
    const int last = above < axis.from - 1 ? above : axis.from - 1;
    const int first = ceiling < last ? ceiling : last;
    double rest = stop - last;
    rest = rest < 1 ? rest : 1;
    rest = rest < width ? rest : width;
    return {first - (first - start > kSliver ? 1 : 0),
            first,
            last,
            last + (stop - last > kSliver ? 1 : 0),
            static_cast<float>((first - start) / width),
            static_cast<float>(1.0 / width),
            static_cast<float>(rest / width)};
  }

  FACEGRAPH_HD Taps locate(int x, int y) const { return {span(x_axis, x), span(y_axis, y)}; }

  FACEGRAPH_HD T at(const Taps& taps, int channel) const {
    using Real = std::conditional_t<sizeof(T) == 8, double, float>;
    Real sum = 0;
    for (int y = taps.down.begin; y < taps.down.end; ++y) {
      Real row = 0;
      for (int x = taps.across.begin; x < taps.across.end; ++x) {
        row += source(x, y, channel) * taps.across.weight(x);
      }
      sum += taps.down.weight(y) * row;
    }
    if constexpr (sizeof(T) == 1) {
      return saturate(round_to_int(sum));
    } else {
      return sum;
    }
  }
};

template <typename Source>
struct BlockResize {
  using T = typename Source::Value;
  Source source;
  int width = 1;  // of a block
  int height = 1;
  int channels = 3;

  struct Taps {
    int x, y;
  };

  FACEGRAPH_HD Taps locate(int x, int y) const { return {x * width, y * height}; }

  FACEGRAPH_HD T at(const Taps& taps, int channel) const {
    using Sum = std::conditional_t<sizeof(T) == 1, int, T>;
    const int count = width * height;
    const auto tap = [&](int i) { return static_cast<Sum>(source(taps.x + i % width, taps.y + i / width, channel)); };
    Sum sum = 0;
    int i = 0;
    for (; i <= count - 4; i += 4) {  // OpenCV's order
      sum += tap(i) + tap(i + 1) + tap(i + 2) + tap(i + 3);
    }
    for (; i < count; ++i) {
      sum += tap(i);
    }
    const float scale = 1.0F / static_cast<float>(count);
    if constexpr (sizeof(T) == 1) {
      // Two by two, except for two channels: halves are rounded up, not to even.
      if (width == 2 && height == 2 && channels != 2) {
        return static_cast<std::uint8_t>((sum + 2) >> 2);
      }
      return saturate(round_to_int(static_cast<float>(sum) * scale));
    } else {
      return sum * scale;
    }
  }
};

// The resized picture lies in `out` at (left, top), which may be negative; black around it.
template <typename Sampler>
struct ResizePixels {
  core::ImageView out;
  Sampler sampler;
  core::Size resized;
  int left = 0;
  int top = 0;

  FACEGRAPH_HD void operator()(int x, int y) const {
    using T = typename Sampler::T;
    const int u = x - left;
    const int v = y - top;
    T* pixel = pixel_at<T>(out, x, y);
    if (u < 0 || v < 0 || u >= resized.width || v >= resized.height) {
      for (int c = 0; c < out.channels; ++c) {
        pixel[c] = T{0};
      }
      return;
    }
    const auto taps = sampler.locate(u, v);
    for (int c = 0; c < out.channels; ++c) {
      pixel[c] = sampler.at(taps, c);
    }
  }
};

// Calls use(sampler) with the one for that resize.
template <typename Source, typename Use>
void with_sampler(const Source& source, core::Size from, core::Size to, int channels, Interpolation interpolation,
                  const Use& use) {
  const ResizeAxis x = resize_axis(from.width, to.width);
  const ResizeAxis y = resize_axis(from.height, to.height);
  switch (resize_method(x, y, interpolation)) {
    case ResizeMethod::kLinear:
      return use(LinearResize<Source>{source, x, y, false});
    case ResizeMethod::kStretch:
      return use(LinearResize<Source>{source, x, y, true});
    case ResizeMethod::kCubic:
      return use(CubicResize<Source>{source, x, y});
    case ResizeMethod::kArea:
      return use(AreaResize<Source>{source, x, y});
    case ResizeMethod::kBlocks:
      return use(BlockResize<Source>{source, x.whole, y.whole, channels});
  }
}

}  // namespace facegraph::ops
