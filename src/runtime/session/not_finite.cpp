#include "runtime/session/not_finite.hpp"

#include <bit>
#include <cstdint>

#include <fmt/format.h>

namespace facegraph::runtime {

namespace {

// NaN and infinity have all bits of the exponent set. No early end: so the compiler makes it a vector loop that keeps
// pace with memory.
template <typename Value, typename Bits>
bool all_finite(const Tensor& tensor, Bits exponent) {
  Bits found = 0;
  for (const Value value : tensor.as<const Value>()) {
    const auto masked = static_cast<Bits>(std::bit_cast<Bits>(value) & exponent);
    found = static_cast<Bits>(found | static_cast<Bits>(masked == exponent));
  }
  return found == 0;
}

bool is_finite(const Tensor& tensor) {
  switch (tensor.type) {
    case ElementType::kF32:
      return all_finite<float>(tensor, std::uint32_t{0x7F800000});
    case ElementType::kF16:
      return all_finite<std::uint16_t>(tensor, std::uint16_t{0x7C00});
    case ElementType::kF64:
      return all_finite<double>(tensor, std::uint64_t{0x7FF0000000000000});
    default:
      return true;
  }
}

}  // namespace

void FiniteCheck::check() const {
  if (mark_.size() > 0 && *mark_.data() > 0) {
    throw NotFinite(
        fmt::format("{}: an output holds NaN or infinity", models_->at(static_cast<std::size_t>(*mark_.data()) - 1)));
  }
}

void check_finite(const std::string& model, std::span<const Tensor> tensors) {
  for (const Tensor& tensor : tensors) {
    if (!is_finite(tensor)) {
      throw NotFinite(
          fmt::format("{}: output `{}` holds NaN or infinity, expected numbers; try another model or provider", model,
                      tensor.name));
    }
  }
}

}  // namespace facegraph::runtime
