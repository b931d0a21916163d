#include "runtime/session/noise.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>

namespace facegraph::runtime {

void fill_noise(const Tensor& tensor, double low, double high, unsigned seed) {
  std::memset(tensor.data, 0, tensor.bytes());
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(low, high);
  if (tensor.type == ElementType::kF32) {
    std::generate_n(static_cast<float*>(tensor.data), tensor.size(),
                    [&] { return static_cast<float>(uniform(random)); });
  } else if (tensor.type == ElementType::kF64) {
    std::generate_n(static_cast<double*>(tensor.data), tensor.size(), [&] { return uniform(random); });
  } else if (tensor.type == ElementType::kF16) {
    // 0x3800 is 0.5; the ten bits below add up to 0.4995.
    std::generate_n(static_cast<std::uint16_t*>(tensor.data), tensor.size(),
                    [&] { return static_cast<std::uint16_t>(0x3800 + (random() & 0x3ff)); });
  }
}

}  // namespace facegraph::runtime
