// The pixel programs of tensor.hpp. Tables and tensors lie where the program runs.
#pragma once

#include <array>
#include <cstdint>

#include "core/types/image.hpp"
#include "ops/geometry/resize_pixels.hpp"
#include "ops/gpu/pixels.hpp"
#include "ops/tensor/tensor_formula.hpp"

namespace facegraph::ops {

FACEGRAPH_HD inline std::ptrdiff_t tensor_index(int width, int height, int x, int y, int channel, Layout layout) {
  const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(y) * width + x;
  return layout == Layout::kChw ? channel * (static_cast<std::ptrdiff_t>(width) * height) + pixel
                                : pixel * kTensorChannels + channel;
}

struct ToTensorPixels {
  float* out;
  core::ConstImageView in;
  const ValueTable* table;
  ChannelOrder order;
  Layout layout;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const auto* pixel = pixel_at<std::uint8_t>(in, x, y);
    for (int c = 0; c < kTensorChannels; ++c) {
      out[tensor_index(in.width, in.height, x, y, c, layout)] = (*table)[c][pixel[source_channel(c, order)]];
    }
  }
};

template <typename T>
struct FloatToTensorPixels {
  float* out;
  core::ConstImageView in;
  std::array<float, 3> mean;
  std::array<float, 3> deviation;
  ChannelOrder order;
  Layout layout;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const T* pixel = pixel_at<T>(in, x, y);
    for (int c = 0; c < kTensorChannels; ++c) {
      out[tensor_index(in.width, in.height, x, y, c, layout)] =
          standardised(static_cast<float>(pixel[source_channel(c, order)]), mean[c], deviation[c]);
    }
  }
};

template <typename T>
struct ToImagePixels {
  core::ImageView out;
  const float* in;
  double mean;
  double deviation;
  ChannelOrder order;

  FACEGRAPH_HD void operator()(int x, int y) const {
    T* pixel = pixel_at<T>(out, x, y);
    for (int c = 0; c < kTensorChannels; ++c) {
      image_value(in[tensor_index(out.width, out.height, x, y, c, Layout::kChw)], mean, deviation,
                  pixel[source_channel(c, order)]);
    }
  }
};

struct ToPicturePixels {
  core::ImageView out;
  const float* in;
  Rounding rounding;

  FACEGRAPH_HD void operator()(int x, int y) const {
    auto* pixel = pixel_at<std::uint8_t>(out, x, y);
    for (int c = 0; c < kTensorChannels; ++c) {
      pixel[source_channel(c, ChannelOrder::kRgb)] =
          picture_value(in[tensor_index(out.width, out.height, x, y, c, Layout::kChw)], rounding);
    }
  }
};

struct InterleavedPixels {
  core::ImageView out;
  const float* in;

  FACEGRAPH_HD void operator()(int x, int y) const {
    auto* pixel = pixel_at<std::uint8_t>(out, x, y);
    for (int c = 0; c < kTensorChannels; ++c) {
      pixel[c] = interleaved_value(in[tensor_index(out.width, out.height, x, y, c, Layout::kHwc)]);
    }
  }
};

// Runs over the canvas; the shrunk frame lies at its top left.
template <typename Sampler>
struct LetterboxPixels {
  float* out;
  core::Size canvas;
  core::Size small;
  Sampler sampler;
  const ValueTable* table;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const bool is_inside = x < small.width && y < small.height;
    const auto taps = sampler.locate(is_inside ? x : 0, is_inside ? y : 0);
    for (int c = 0; c < kTensorChannels; ++c) {
      const int value = is_inside ? sampler.at(taps, c) : 0;
      out[tensor_index(canvas.width, canvas.height, x, y, c, Layout::kChw)] = (*table)[c][value];
    }
  }
};

// Calls use(program).
template <typename Use>
void with_letterbox(float* out, core::ConstImageView frame, const std::array<int, 4>& margin, core::Size size,
                    const ValueTable* table, const LetterboxPlan& plan, const Use& use) {
  const PaddedPixels source{frame, margin[3], margin[0]};
  const ResizeAxis x = resize_axis(plan.whole.width, plan.small.width);
  const ResizeAxis y = resize_axis(plan.whole.height, plan.small.height);
  if (resize_method(x, y, Interpolation::kLinear) == ResizeMethod::kBlocks) {
    const BlockResize<PaddedPixels> sampler{source, x.whole, y.whole};
    use(LetterboxPixels<BlockResize<PaddedPixels>>{out, size, plan.small, sampler, table});
  } else {
    const LinearResize<PaddedPixels> sampler{source, x, y};
    use(LetterboxPixels<LinearResize<PaddedPixels>>{out, size, plan.small, sampler, table});
  }
}

}  // namespace facegraph::ops
