// The weights of a model file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// weight: name, type and shape. bytes: little endian, row-major; gone when it returns.
using TakeWeight = std::function<void(const Tensor& weight, std::string_view bytes)>;

// Calls take() for each fp32 and fp16 weight of at least that many bytes of an ONNX file, from the file itself or one
// beside it. Throws Error(kFailed) for what is no ONNX model below 2 GB.
void read_weights(const std::filesystem::path& onnx, std::size_t least_bytes, const TakeWeight& take);

}  // namespace facegraph::runtime
