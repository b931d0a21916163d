#include "ops/matte/matte.hpp"

#include <algorithm>
#include <array>

#include <opencv2/imgproc.hpp>

#include "core/base/error.hpp"
#include "ops/clones.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

namespace {

constexpr int kChannels = 3;

void check_frame(const char* what, core::ConstImageView frame) {
  if (frame.depth != core::Depth::kU8 || frame.channels != kChannels || frame.empty()) {
    core::fail(core::ErrorCode::kFailed, "{}: frame {}x{} of {} channels, expected 8 bits and 3 channels", what,
               frame.width, frame.height, frame.channels);
  }
}

void check_mask(const char* what, core::ConstImageView mask, core::Size size) {
  if (mask.depth != core::Depth::kU8 || mask.channels != 1 || mask.size() != size) {
    core::fail(core::ErrorCode::kFailed, "{}: mask {}x{} of {} channels, expected 8 bits, one channel, {}x{}", what,
               mask.width, mask.height, mask.channels, size.width, size.height);
  }
}

std::size_t pixels_of(core::ConstImageView view) {
  return static_cast<std::size_t>(view.width) * view.height;
}

// NaN becomes 0.
float clip(float value, float high) {
  return value > 0 ? (value < high ? value : high) : 0;
}

std::uint8_t truncated(double value) {
  return static_cast<std::uint8_t>(static_cast<int>(value));
}

// How much of a channel's excess goes, by channel in BGR order, in double; `alpha` in float32.
FACEGRAPH_CLONES void despill_row(std::uint8_t* row, int width, float alpha, const std::array<double, 3>& weights) {
  for (int x = 0; x < width; ++x, row += kChannels) {
    const std::array<float, 3> old{static_cast<float>(row[0]), static_cast<float>(row[1]), static_cast<float>(row[2])};
    for (int c = 0; c < kChannels; ++c) {
      const float limit = std::min(old[c], 0.5F * (old[(c + 1) % kChannels] + old[(c + 2) % kChannels]));
      row[c] = truncated(old[c] + static_cast<double>((limit - old[c]) * alpha) * weights[c]);
    }
  }
}

FACEGRAPH_CLONES void fill_row(std::uint8_t* row, const std::uint8_t* mask, int width,
                               const std::array<float, 256>& shares, const std::array<float, 3>& colour) {
  for (int x = 0; x < width; ++x, row += kChannels) {
    const float share = shares[mask[x]];
    for (int c = 0; c < kChannels; ++c) {
      row[c] =
          static_cast<std::uint8_t>(static_cast<int>(static_cast<float>(row[c]) * (1 - share) + colour[c] * share));
    }
  }
}

}  // namespace

void matte_to_mask(core::ImageView out, std::span<const float> in) {
  check_mask("matte_to_mask", out, out.size());
  if (in.size() != pixels_of(out)) {
    core::fail(core::ErrorCode::kFailed, "matte_to_mask: {} values, expected {} for a mask of {}x{}", in.size(),
               pixels_of(out), out.width, out.height);
  }
  for (int y = 0; y < out.height; ++y) {
    const float* values = in.data() + static_cast<std::size_t>(y) * out.width;
    std::transform(values, values + out.width, out.row<std::uint8_t>(y),
                   [](float value) { return static_cast<std::uint8_t>(static_cast<int>(clip(value, 1) * 255)); });
  }
}

void classes_to_mask(core::ImageView out, std::span<const float> in) {
  check_mask("classes_to_mask", out, out.size());
  const std::size_t plane = pixels_of(out);
  if (plane == 0 || in.size() % plane != 0 || in.size() < 2 * plane) {
    core::fail(core::ErrorCode::kFailed, "classes_to_mask: {} values, expected several times {} for a mask of {}x{}",
               in.size(), plane, out.width, out.height);
  }
  for (int y = 0; y < out.height; ++y) {
    auto* row = out.row<std::uint8_t>(y);
    const float* background = in.data() + static_cast<std::size_t>(y) * out.width;
    std::fill_n(row, out.width, std::uint8_t{0});
    for (const float* scores = background + plane; scores < in.data() + in.size(); scores += plane) {
      for (int x = 0; x < out.width; ++x) {
        row[x] = scores[x] > background[x] ? 255 : row[x];
      }
    }
  }
}

void green_to_hint(std::span<float> out, core::ConstImageView frame, core::Size size) {
  check_frame("green_to_hint", frame);
  if (out.size() != static_cast<std::size_t>(size.width) * size.height) {
    core::fail(core::ErrorCode::kFailed, "green_to_hint: {} values, expected {}x{}", out.size(), size.width,
               size.height);
  }
  std::array<float, 256> unit{};
  for (int v = 0; v < 256; ++v) {
    unit[v] = static_cast<float>(v) / 255;
  }
  cv::Mat hint(frame.height, frame.width, CV_32FC1);
  for (int y = 0; y < frame.height; ++y) {
    const auto* pixel = frame.row<std::uint8_t>(y);
    auto* to = hint.ptr<float>(y);
    for (int x = 0; x < frame.width; ++x, pixel += kChannels) {
      to[x] = 1 - clip(2 * (unit[pixel[1]] - unit[std::max(pixel[0], pixel[2])]), 1);
    }
  }
  cv::Mat plane(size.height, size.width, CV_32FC1, out.data());
  cv::resize(hint, plane, plane.size(), 0, 0, cv::INTER_LINEAR);
}

void despill(core::ImageView frame, const Rgba& colour) {
  check_frame("despill", frame);
  const int strongest = std::max({colour.red, colour.green, colour.blue});
  if (colour.alpha == 0 || strongest == 0) {
    return;
  }
  const double scale = strongest;
  const std::array<double, 3> weights{colour.blue / scale, colour.green / scale, colour.red / scale};
  const auto alpha = static_cast<float>(colour.alpha / 255.0);
  for (int y = 0; y < frame.height; ++y) {
    despill_row(frame.row<std::uint8_t>(y), frame.width, alpha, weights);
  }
}

void fill_background(core::ImageView frame, core::ConstImageView mask, const Rgba& colour) {
  check_frame("fill_background", frame);
  check_mask("fill_background", mask, frame.size());
  if (colour.alpha == 0) {
    return;
  }
  std::array<float, 256> shares{};
  for (int v = 0; v < 256; ++v) {
    shares[v] = (1 - static_cast<float>(v) / 255) * static_cast<float>(colour.alpha) / 255;
  }
  const std::array<float, 3> bgr{static_cast<float>(colour.blue), static_cast<float>(colour.green),
                                 static_cast<float>(colour.red)};
  for (int y = 0; y < frame.height; ++y) {
    fill_row(frame.row<std::uint8_t>(y), mask.row<std::uint8_t>(y), frame.width, shares, bgr);
  }
}

void intersect_masks(core::ImageView mask, core::ConstImageView other) {
  check_mask("intersect_masks", mask, mask.size());
  check_mask("intersect_masks", other, mask.size());
  cv::Mat both = as_mat(mask);
  cv::min(both, as_mat(other), both);
}

}  // namespace facegraph::ops
