#include "ops/gpu/launch.cuh"
#include "ops/tensor/tensor_cuda.hpp"
#include "ops/tensor/tensor_pixels.hpp"

namespace facegraph::ops::cuda {

namespace {

template <typename T>
void launch_to_image(const device::Stream& stream, core::ImageView out, const float* in, double mean, double deviation,
                     ChannelOrder order) {
  for_each_pixel(stream, "to_image", out.size(), ToImagePixels<T>{out, in, mean, deviation, order});
}

}  // namespace

void to_tensor(const device::Stream& stream, std::span<float> out, core::ConstImageView in, const ValueTable* table,
               ChannelOrder order, Layout layout) {
  check_picture(in, out.size());
  for_each_pixel(stream, "to_tensor", in.size(), ToTensorPixels{out.data(), in, table, order, layout});
}

void float_to_tensor(const device::Stream& stream, std::span<float> out, core::ConstImageView in,
                     std::array<float, 3> mean, std::array<float, 3> std_dev, ChannelOrder order, Layout layout) {
  check_float_picture(in, out.size());
  if (in.depth == core::Depth::kF32) {
    const FloatToTensorPixels<float> program{out.data(), in, mean, std_dev, order, layout};
    for_each_pixel(stream, "float_to_tensor", in.size(), program);
  } else {
    const FloatToTensorPixels<double> program{out.data(), in, mean, std_dev, order, layout};
    for_each_pixel(stream, "float_to_tensor", in.size(), program);
  }
}

void to_image(const device::Stream& stream, core::ImageView out, std::span<const float> in, double mean,
              double standard_deviation, ChannelOrder order) {
  check_image(out, in.size(), mean, standard_deviation);
  switch (out.depth) {
    case core::Depth::kU8:
      return launch_to_image<std::uint8_t>(stream, out, in.data(), mean, standard_deviation, order);
    case core::Depth::kF32:
      return launch_to_image<float>(stream, out, in.data(), mean, standard_deviation, order);
    case core::Depth::kF64:
      return launch_to_image<double>(stream, out, in.data(), mean, standard_deviation, order);
  }
}

void to_picture(const device::Stream& stream, core::ImageView out, std::span<const float> in, Rounding rounding) {
  check_picture(out, in.size());
  for_each_pixel(stream, "to_picture", out.size(), ToPicturePixels{out, in.data(), rounding});
}

void interleaved_to_picture(const device::Stream& stream, core::ImageView out, std::span<const float> in) {
  check_picture(out, in.size());
  for_each_pixel(stream, "interleaved_to_picture", out.size(), InterleavedPixels{out, in.data()});
}

bool letterbox(const device::Stream& stream, std::span<float> out, LetterboxRatio& ratio, core::ConstImageView frame,
               std::array<int, 4> margin, core::Size size, const ValueTable* table) {
  const LetterboxPlan plan = letterbox_plan(out.size(), frame, margin, size);
  if (plan.is_empty()) {
    return false;
  }
  ratio = plan.ratio;
  with_letterbox(out.data(), frame, margin, size, table, plan,
                 [&](const auto& program) { for_each_pixel(stream, "letterbox", size, program); });
  return true;
}

}  // namespace facegraph::ops::cuda
