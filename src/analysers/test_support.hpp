// What the analysers' tests share: stand-in models that give what the test wants, and pictures.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "analysers/context.hpp"
#include "core/types/image.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::analysers::test {

using facegraph::test::constant;
using facegraph::test::constant_model;
using facegraph::test::OnnxInitializer;
using facegraph::test::Scratch;

// A folder of models and what opens them.
struct Models {
  Scratch scratch;
  models::Store store{scratch.folder()};
  runtime::InferencePool pool{runtime::ExecutionOptions{}};
  Context context{pool, store};

  // NAME.onnx takes `input` of that shape and always gives these tensors.
  void add(const std::string& name, const std::vector<std::int64_t>& input,
           const std::vector<OnnxInitializer>& outputs) const {
    constant_model({"input", {input.begin(), input.end()}}, outputs).write(scratch / (name + ".onnx"));
  }
};

inline core::Image grey(int width, int height) {
  core::Image image(width, height, 3);
  std::fill_n(reinterpret_cast<std::uint8_t*>(image.view().data), image.bytes(), std::uint8_t{90});
  return image;
}

}  // namespace facegraph::analysers::test
