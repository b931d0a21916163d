#include <fmt/ranges.h>

#include "core/base/error.hpp"
#include "runtime/session/session.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;

std::size_t bytes_of(ElementType type) {
  switch (type) {
    case ElementType::kF64:
    case ElementType::kI64:
      return 8;
    case ElementType::kF32:
    case ElementType::kI32:
      return 4;
    case ElementType::kF16:
      return 2;
    case ElementType::kU8:
    case ElementType::kBool:
      return 1;
  }
  return 0;
}

const char* name_of(ElementType type) {
  switch (type) {
    case ElementType::kF32:
      return "float32";
    case ElementType::kF16:
      return "float16";
    case ElementType::kF64:
      return "float64";
    case ElementType::kI32:
      return "int32";
    case ElementType::kI64:
      return "int64";
    case ElementType::kU8:
      return "uint8";
    case ElementType::kBool:
      return "bool";
  }
  return "?";
}

std::size_t element_count(const Shape& shape) {
  std::size_t count = 1;
  for (const std::int64_t size : shape) {
    count *= static_cast<std::size_t>(size);
  }
  return count;
}

std::string describe(const Shape& shape) {
  std::vector<std::string> sizes;
  for (const std::int64_t size : shape) {
    sizes.push_back(size < 0 ? "?" : std::to_string(size));
  }
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(sizes, "x"));
}

void Tensor::check_element_size(std::size_t bytes) const {
  if (bytes != bytes_of(type)) {
    fail(ErrorCode::kFailed, "tensor `{}` holds {}, it was asked for as elements of {} bytes", name, name_of(type),
         bytes);
  }
}

}  // namespace facegraph::runtime
