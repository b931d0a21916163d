// ONNX Runtime behind our names; included by this room's .cpp files only.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include <onnxruntime_cxx_api.h>

#include "device/buffer.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/session/session.hpp"

namespace facegraph::runtime {

Ort::Env& environment();

// What ONNX Runtime says, in one line: its texts may have several.
std::string reason_of(const Ort::Exception& error);

// Throws Error(kFailed) for types that no model of ours uses.
ElementType element_type(ONNXTensorElementDataType type, const std::string& what);
ONNXTensorElementDataType onnx_type(ElementType type);

struct Declared {
  std::string name;
  ElementType type;
  Shape shape;
};

struct InferencePool::Model {
  std::string name;
  Ort::Session session{nullptr};
  std::vector<Declared> inputs;
  std::vector<Declared> outputs;
  double load_seconds = 0;
  std::atomic<std::int64_t> runs{0};
  std::atomic<std::int64_t> cpu_nanoseconds{0};
};

struct Session::State {
  std::shared_ptr<InferencePool::Model> model;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  std::vector<device::Buffer> buffers;
  Ort::IoBinding binding{nullptr};

  State(std::shared_ptr<InferencePool::Model> model, std::span<const InputSpec> specs);
  void run();

 private:
  void bind_inputs(std::span<const InputSpec> specs);
  void bind_outputs();
  std::vector<Shape> measure_outputs();
  Tensor make_tensor(const std::string& name, ElementType type, const Shape& shape);
};

}  // namespace facegraph::runtime
