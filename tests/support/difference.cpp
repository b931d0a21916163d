#include "support/difference.hpp"

#include <cmath>
#include <limits>

namespace facegraph::test {

namespace {

double value_at(core::ConstImageView image, int x, int y, int channel) {
  const int index = x * image.channels + channel;
  switch (image.depth) {
    case core::Depth::kU8:
      return image.row<std::uint8_t>(y)[index];
    case core::Depth::kF32:
      return image.row<float>(y)[index];
    case core::Depth::kF64:
      return image.row<double>(y)[index];
  }
  return std::nan("");
}

}  // namespace

Difference difference(core::ConstImageView image, const Array& golden, int step, double far) {
  std::vector<double> values;
  for (int y = 0; y < image.height; y += step) {
    for (int x = 0; x < image.width; x += step) {
      for (int c = 0; c < image.channels; ++c) {
        values.push_back(value_at(image, x, y, c));
      }
    }
  }
  const bool same_rows = !golden.shape.empty() && golden.shape[0] == (image.height + step - 1) / step;
  return difference(values, same_rows ? golden.doubles() : std::vector<double>{}, far);
}

Difference difference(std::span<const double> values, std::span<const double> golden, double far) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (values.size() != golden.size() || values.empty()) {
    return {kInfinity, kInfinity, 1};
  }
  Difference result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double distance = std::abs(values[i] - golden[i]);
    if (!std::isfinite(distance)) {
      return {kInfinity, kInfinity, 1};
    }
    result.max = std::max(result.max, distance);
    result.mean += distance;
    result.share += distance > far ? 1 : 0;
  }
  const auto count = static_cast<double>(values.size());
  result.mean /= count;
  result.share /= count;
  return result;
}

}  // namespace facegraph::test
