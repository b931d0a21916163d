// The pixel programs of the colorizer's inputs and outputs.
#pragma once

#include "ops/colour/lab_formula.hpp"
#include "ops/geometry/linear_sampler.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

// OpenCV's grey of 8 bits.
FACEGRAPH_HD inline int grey_of(const std::uint8_t* bgr) {
  return descaled(bgr[0] * 3735 + bgr[1] * 19235 + bgr[2] * 9798, 15);
}

// Beyond an int's range and NaN: 0, as the usual processors' conversion gives.
FACEGRAPH_HD inline std::uint8_t low_byte(float value) {
  return fabsf(value) < 2147483648.0F ? static_cast<std::uint8_t>(static_cast<int>(value)) : std::uint8_t{0};
}

FACEGRAPH_HD inline void set_in_three_planes(float* out, core::Size size, int x, int y, float value) {
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(size.width) * size.height;
  float* to = out + static_cast<std::ptrdiff_t>(y) * size.width + x;
  to[0] = value;
  to[plane] = value;
  to[2 * plane] = value;
}

// Over the tensor: three equal planes.
struct DdcolorInputPixels {
  float* out;
  core::Size size;
  core::ConstImageView frame;
  const std::array<float, 256>* greys;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const float value = LinearSampler(x, y, {frame.width, frame.height}, size).at([this](int i, int j) {
      return (*greys)[grey_of(pixel_at<std::uint8_t>(frame, i, j))];
    });
    set_in_three_planes(out, size, x, y, value);
  }
};

struct DeoldifyInputPixels {
  float* out;
  core::Size size;
  core::ConstImageView frame;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const auto value =
        static_cast<float>(LinearSampler(x, y, {frame.width, frame.height}, size).at_u8([this](int i, int j) {
          return grey_of(pixel_at<std::uint8_t>(frame, i, j));
        }));
    set_in_three_planes(out, size, x, y, value);
  }
};

// Of a tensor of planes enlarged to the frame.
struct EnlargedPlanes {
  const float* in;
  core::Size size;

  FACEGRAPH_HD float at(const LinearSampler& sampler, int plane) const {
    const float* values = in + static_cast<std::ptrdiff_t>(plane) * size.width * size.height;
    return sampler.at([this, values](int x, int y) { return values[static_cast<std::ptrdiff_t>(y) * size.width + x]; });
  }
};

// Over the frame.
struct DdcolorOutputPixels {
  core::ImageView out;
  core::ConstImageView frame;
  EnlargedPlanes colours;
  const LightnessGrid* grid;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const LinearSampler sampler(x, y, colours.size, {frame.width, frame.height});
    const auto* from = pixel_at<std::uint8_t>(frame, x, y);
    const std::array<float, 3> bgr =
        lab_to_bgr(lightness_of(*grid, from[0], from[1], from[2]), colours.at(sampler, 0), colours.at(sampler, 1));
    auto* to = pixel_at<std::uint8_t>(out, x, y);
    for (int c = 0; c < 3; ++c) {
      to[c] = static_cast<std::uint8_t>(static_cast<int>(rintf(bgr[c] * 255)));
    }
  }
};

struct DeoldifyOutputPixels {
  core::ImageView out;
  core::ConstImageView frame;
  EnlargedPlanes colours;
  const LabTables* tables;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const LinearSampler sampler(x, y, colours.size, {frame.width, frame.height});
    LabPixel lab = to_lab(*tables, {low_byte(colours.at(sampler, 0)), low_byte(colours.at(sampler, 1)),
                                    low_byte(colours.at(sampler, 2))});
    lab.lightness = pixel_at<std::uint8_t>(frame, x, y)[0];
    const RgbPixel rgb = to_rgb(*tables, lab);
    auto* to = pixel_at<std::uint8_t>(out, x, y);
    to[0] = rgb.blue;
    to[1] = rgb.green;
    to[2] = rgb.red;
  }
};

}  // namespace facegraph::ops
