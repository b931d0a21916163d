#include "ops/tensor/tensor.hpp"

#include <algorithm>
#include <cmath>

#include <opencv2/core.hpp>

#include "core/base/error.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/opencv.hpp"
#include "ops/tensor/tensor_formula.hpp"

namespace facegraph::ops {

namespace {

constexpr int kChannels = kTensorChannels;

template <typename Function>
ValueTable make_table(Function function) {
  ValueTable table{};
  for (int channel = 0; channel < kChannels; ++channel) {
    for (int value = 0; value < 256; ++value) {
      table[channel][value] = function(channel, value);
    }
  }
  return table;
}

// Calls store(output index, channel, pixel value) for every value of the picture.
template <typename T, typename Store>
void for_each_value(core::ConstImageView in, ChannelOrder order, Layout layout, Store store) {
  const std::size_t plane = static_cast<std::size_t>(in.width) * in.height;
  for (int y = 0; y < in.height; ++y) {
    const T* row = in.row<T>(y);
    const std::size_t start = static_cast<std::size_t>(y) * in.width;
    if (layout == Layout::kChw) {
      for (int c = 0; c < kChannels; ++c) {
        const T* values = row + source_channel(c, order);
        for (int x = 0; x < in.width; ++x) {
          store(c * plane + start + x, c, values[x * kChannels]);
        }
      }
    } else {
      for (int x = 0; x < in.width; ++x) {
        for (int c = 0; c < kChannels; ++c) {
          store((start + x) * kChannels + c, c, row[x * kChannels + source_channel(c, order)]);
        }
      }
    }
  }
}

// CHW of channels in that order -> HWC BGR.
template <typename T, typename Convert>
void planes_to_rows(core::ImageView out, std::span<const float> in, ChannelOrder order, Convert convert) {
  const std::size_t plane = static_cast<std::size_t>(out.width) * out.height;
  for (int y = 0; y < out.height; ++y) {
    for (int c = 0; c < kChannels; ++c) {
      const float* values = in.data() + c * plane + static_cast<std::size_t>(y) * out.width;
      T* row = out.row<T>(y) + source_channel(c, order);
      for (int x = 0; x < out.width; ++x) {
        convert(values[x], row[x * kChannels]);
      }
    }
  }
}

// The frame within black margins.
cv::Mat padded(core::ConstImageView frame, const std::array<int, 4>& margin) {
  const auto [top, right, bottom, left] = margin;
  if (top == 0 && right == 0 && bottom == 0 && left == 0) {
    return as_mat(frame);
  }
  cv::Mat out;
  cv::copyMakeBorder(as_mat(frame), out, top, bottom, left, right, cv::BORDER_CONSTANT);
  return out;
}

core::ConstImageView view_of(const cv::Mat& mat) {
  return {reinterpret_cast<const std::byte*>(mat.data), mat.cols, mat.rows, mat.channels(), core::Depth::kU8,
          static_cast<std::ptrdiff_t>(mat.step[0])};
}

// The picture at the top left of a canvas whose other values are those of black.
void canvas_to_tensor(std::span<float> out, core::ConstImageView in, core::Size canvas, const ValueTable& table) {
  const std::size_t plane = static_cast<std::size_t>(canvas.width) * canvas.height;
  for (int c = 0; c < kChannels; ++c) {
    const std::array<float, 256>& values = table[c];
    float* target = out.data() + c * plane;
    for (int y = 0; y < in.height; ++y, target += canvas.width) {
      const std::uint8_t* row = in.row<std::uint8_t>(y) + c;
      for (int x = 0; x < in.width; ++x) {
        target[x] = values[row[x * kChannels]];
      }
      std::fill(target + in.width, target + canvas.width, values[0]);
    }
    std::fill(target, out.data() + (c + 1) * plane, values[0]);
  }
}

}  // namespace

ValueTable value_table(std::array<double, 3> mean, std::array<double, 3> standard_deviation) {
  return make_table([&](int channel, int value) {
    return static_cast<float>((value / 255.0 - mean[channel]) / standard_deviation[channel]);
  });
}

ValueTable value_table_f32_steps(std::array<double, 3> mean, std::array<double, 3> standard_deviation) {
  return make_table([&](int channel, int value) {
    const auto scaled = static_cast<float>(value / 255.0);
    const auto centred = static_cast<float>(scaled - mean[channel]);
    return static_cast<float>(centred / standard_deviation[channel]);
  });
}

ValueTable value_table_offset(float offset, float divisor) {
  return make_table([&](int, int value) { return (static_cast<float>(value) - offset) / divisor; });
}

void to_tensor(std::span<float> out, core::ConstImageView in, const ValueTable& table, ChannelOrder order,
               Layout layout) {
  check_picture(in, out.size());
  for_each_value<std::uint8_t>(in, order, layout, [&](std::size_t index, int channel, std::uint8_t value) {
    out[index] = table[channel][value];
  });
}

void float_to_tensor(std::span<float> out, core::ConstImageView in, std::array<float, 3> mean,
                     std::array<float, 3> std_dev, ChannelOrder order, Layout layout) {
  check_float_picture(in, out.size());
  const auto store = [&](std::size_t index, int channel, auto value) {
    out[index] = standardised(static_cast<float>(value), mean[channel], std_dev[channel]);
  };
  if (in.depth == core::Depth::kF32) {
    for_each_value<float>(in, order, layout, store);
  } else {
    for_each_value<double>(in, order, layout, store);
  }
}

void to_image(core::ImageView out, std::span<const float> in, double mean, double standard_deviation,
              ChannelOrder order) {
  check_image(out, in.size(), mean, standard_deviation);
  const auto convert = [&](float value, auto& pixel) { image_value(value, mean, standard_deviation, pixel); };
  switch (out.depth) {
    case core::Depth::kU8:
      return planes_to_rows<std::uint8_t>(out, in, order, convert);
    case core::Depth::kF32:
      return planes_to_rows<float>(out, in, order, convert);
    case core::Depth::kF64:
      return planes_to_rows<double>(out, in, order, convert);
  }
}

void to_picture(core::ImageView out, std::span<const float> in, Rounding rounding) {
  check_picture(out, in.size());
  planes_to_rows<std::uint8_t>(out, in, ChannelOrder::kRgb, [rounding](float value, std::uint8_t& pixel) {
    pixel = picture_value(value, rounding);
  });
}

void interleaved_to_picture(core::ImageView out, std::span<const float> in) {
  check_picture(out, in.size());
  const float* values = in.data();
  for (int y = 0; y < out.height; ++y, values += out.width * kChannels) {
    std::transform(values, values + out.width * kChannels, out.row<std::uint8_t>(y), interleaved_value);
  }
}

LetterboxPlan letterbox_plan(std::size_t elements, core::ConstImageView frame, const std::array<int, 4>& margin,
                             core::Size size) {
  if (frame.depth != core::Depth::kU8 || frame.channels != kChannels || frame.empty()) {
    core::fail(core::ErrorCode::kFailed, "letterbox: frame {}x{} of {} channels, expected 8 bits and 3 channels",
               frame.width, frame.height, frame.channels);
  }
  const std::size_t expected = static_cast<std::size_t>(size.width) * size.height * kChannels;
  if (elements != expected) {
    core::fail(core::ErrorCode::kFailed, "letterbox: {} elements, expected {}", elements, expected);
  }
  const auto [top, right, bottom, left] = margin;
  const core::Size whole{left + frame.width + right, top + frame.height + bottom};
  const core::Size small = restrict_size(whole, size);
  return {
      whole, small, {static_cast<double>(whole.width) / small.width, static_cast<double>(whole.height) / small.height}};
}

bool letterbox(std::span<float> out, LetterboxRatio& ratio, core::ConstImageView frame, std::array<int, 4> margin,
               core::Size size, const ValueTable& table) {
  const LetterboxPlan plan = letterbox_plan(out.size(), frame, margin, size);
  if (plan.is_empty()) {
    return false;
  }
  ratio = plan.ratio;
  const cv::Mat whole = padded(frame, margin);
  if (plan.small == plan.whole) {
    canvas_to_tensor(out, view_of(whole), size, table);
  } else {
    core::Image shrunk(plan.small, kChannels);
    resize(shrunk, view_of(whole));
    canvas_to_tensor(out, shrunk, size, table);
  }
  return true;
}

}  // namespace facegraph::ops
