// The content gate's three models, each with one answer whatever it sees.
#pragma once

#include <cstdint>
#include <filesystem>

#include "support/onnx_writer.hpp"

namespace facegraph::test {

// Scores of the first two; the third sees nothing.
inline void write_gate_models(const std::filesystem::path& folder, float first, float second) {
  const auto model = [](std::int64_t side, const OnnxInitializer& output) {
    return constant_model({"input", {1, 3, side, side}}, {output});
  };
  model(640, constant("out", {1, 5, 1}, {0, 0, 0, 0, first})).write(folder / "nsfw_1.onnx");
  model(384, constant("out", {1, 2}, {second, 0})).write(folder / "nsfw_2.onnx");
  model(448, constant("out", {1, 4}, {0, 0, 0, 0})).write(folder / "nsfw_3.onnx");
}

}  // namespace facegraph::test
