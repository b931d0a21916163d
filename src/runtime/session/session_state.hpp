// What stands behind a Session, on the CPU (cpu_session.cpp) or on a GPU (graph/graph_session.hpp).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// An input or output as the model file declares it; a symbolic dimension is -1.
struct Declared {
  std::string name;
  ElementType type = ElementType::kF32;
  Shape shape;
};

class SessionState {
 public:
  virtual ~SessionState() = default;
  // See Session::get_ready().
  virtual bool get_ready() { return false; }
  virtual void run() = 0;
  virtual void enqueue() = 0;
  // After enqueue(): outputs that hold NaN or infinity are noted on the lane (Lane::check_finite).
  virtual void watch() {}
  virtual double time_run() { return 0; }
  virtual void note_batch(const BatchTrial&) {}
  virtual std::vector<BatchTrial> batches() const { return {}; }
  // What was noted of its lane so far is told already.
  virtual void forget_noted() {}
  // Of all outputs, the device halves to the host ones; done when it returns.
  virtual void fetch() = 0;

  std::string name;  // of the model
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  std::vector<std::string> batched_inputs;  // see Session::batched_inputs()
};

// Whether a tensor of shape `found` fits a declared shape.
bool accepts(const Shape& declared, const Shape& found);
bool is_static(const Shape& shape);
// Of a file's tensors those that Session::batched_inputs() names.
std::vector<std::string> open_inputs(const std::vector<Declared>& inputs, const std::vector<Declared>& outputs);

// Throws Error(kFailed) unless `specs` are exactly the declared inputs.
void check_inputs(const std::string& model, const std::vector<Declared>& declared, std::span<const InputSpec> specs);

}  // namespace facegraph::runtime
