#include "ops/matte/matte.hpp"

#include <algorithm>
#include <array>

#include <opencv2/imgproc.hpp>

#include "ops/clones.hpp"
#include "ops/matte/matte_checks.hpp"
#include "ops/matte/matte_formula.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

namespace {

constexpr int kChannels = 3;

FACEGRAPH_CLONES void despill_row(std::uint8_t* row, int width, const Light& light) {
  for (int x = 0; x < width; ++x, row += kChannels) {
    despill_pixel(row, light);
  }
}

FACEGRAPH_CLONES void fill_row(std::uint8_t* row, const std::uint8_t* mask, int width,
                               const std::array<float, 256>& shares, const std::array<float, 3>& colour) {
  for (int x = 0; x < width; ++x, row += kChannels) {
    const float share = shares[mask[x]];
    for (int c = 0; c < kChannels; ++c) {
      row[c] = filled(row[c], colour[c], share);
    }
  }
}

}  // namespace

void matte_to_mask(core::ImageView out, std::span<const float> in) {
  check_matte(out, in.size());
  for (int y = 0; y < out.height; ++y) {
    const float* values = in.data() + static_cast<std::size_t>(y) * out.width;
    std::transform(values, values + out.width, out.row<std::uint8_t>(y), matte_to_byte);
  }
}

void classes_to_mask(core::ImageView out, std::span<const float> in) {
  check_classes(out, in.size());
  const std::size_t plane = static_cast<std::size_t>(out.width) * out.height;
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
  check_hint(out.size(), frame, size);
  std::array<float, 256> unit{};
  for (int v = 0; v < 256; ++v) {
    unit[v] = static_cast<float>(v) / 255;
  }
  cv::Mat hint(frame.height, frame.width, CV_32FC1);
  for (int y = 0; y < frame.height; ++y) {
    const auto* pixel = frame.row<std::uint8_t>(y);
    auto* to = hint.ptr<float>(y);
    for (int x = 0; x < frame.width; ++x, pixel += kChannels) {
      to[x] = hint_of(unit[pixel[1]], unit[std::max(pixel[0], pixel[2])]);
    }
  }
  cv::Mat plane(size.height, size.width, CV_32FC1, out.data());
  cv::resize(hint, plane, plane.size(), 0, 0, cv::INTER_LINEAR);
}

void despill(core::ImageView frame, const Rgba& colour) {
  check_matte_frame("despill", frame);
  const Light light = light_of(colour);
  if (light.alpha == 0) {
    return;
  }
  for (int y = 0; y < frame.height; ++y) {
    despill_row(frame.row<std::uint8_t>(y), frame.width, light);
  }
}

void fill_background(core::ImageView frame, core::ConstImageView mask, const Rgba& colour) {
  check_matte_frame("fill_background", frame);
  check_matte_mask("fill_background", mask, frame.size());
  if (colour.alpha == 0) {
    return;
  }
  std::array<float, 256> shares{};
  for (int v = 0; v < 256; ++v) {
    shares[v] = fill_share(v, colour.alpha);
  }
  const std::array<float, 3> bgr{static_cast<float>(colour.blue), static_cast<float>(colour.green),
                                 static_cast<float>(colour.red)};
  for (int y = 0; y < frame.height; ++y) {
    fill_row(frame.row<std::uint8_t>(y), mask.row<std::uint8_t>(y), frame.width, shares, bgr);
  }
}

void intersect_masks(core::ImageView mask, core::ConstImageView other) {
  check_matte_mask("intersect_masks", mask, mask.size());
  check_matte_mask("intersect_masks", other, mask.size());
  cv::Mat both = as_mat(mask);
  cv::min(both, as_mat(other), both);
}

}  // namespace facegraph::ops
