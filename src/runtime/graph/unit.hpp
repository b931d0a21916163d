// What a graph is captured of: one model with fixed shapes at fixed addresses, on one lane. ONNX Runtime stands behind
// it in the product (cuda_unit.cpp), a fake that records calls and fails on demand in tests.
//
// Errors: Error(kOutOfMemory) that names the model and the bytes, Error(kDeviceLost), else Error(kFailed) whose text is
// ONNX Runtime's reason.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/graph/lane.hpp"
#include "runtime/provider/form.hpp"
#include "runtime/session/session_state.hpp"

namespace facegraph::runtime {

struct ModelSource {
  std::string name;
  std::filesystem::path path;
  std::string contents = {};  // what tells this version from others; empty: content_key(path)
  Role role = Role::kPixels;
  bool optimised = false;  // path is what write_optimised() wrote: nothing is left to optimise
};

// kGraph: the first call captures, every later one replays.
enum class RunKind { kPlain, kGraph };

class Unit {
 public:
  virtual ~Unit() = default;
  virtual const std::vector<Declared>& declared_inputs() const = 0;
  virtual const std::vector<Declared>& declared_outputs() const = 0;
  // The tensors' device halves; each is bound once, before the first run.
  virtual void bind_input(const Tensor& tensor) = 0;
  virtual void bind_output(const Tensor& tensor) = 0;
  // Output shapes for the bound inputs, by one plain run; before outputs are bound.
  virtual std::vector<Shape> measure_outputs() = 0;
  // Enqueues on the lane's stream and returns; a unit that was not made for graphs waits for the GPU. kGraph needs one
  // that was.
  virtual void enqueue(RunKind kind) = 0;
  // Of its weights, bytes that it has in common with other units.
  virtual std::size_t shared_bytes() const { return 0; }
};

struct UnitKind {
  bool graph = false;  // to be captured
  Kernels kernels = Kernels::kFastest;
  Form form = {};  // its precision is the model file's

  bool operator==(const UnitKind&) const = default;
};

class UnitMaker {
 public:
  virtual ~UnitMaker() = default;
  // On any thread that is bound to the lane's GPU; holds the capture gate as it needs. Throws Error(kFailed) where a
  // model that is to be captured stands against it from the start.
  virtual std::unique_ptr<Unit> make(const ModelSource& model, const Lane& lane, UnitKind kind) = 0;
  // Whether Kernels::kForward are others than those that are advised, for this model.
  virtual bool has_forward(const ModelSource& /*model*/) { return false; }
  // Why no unit of that form is to be made, for it may end the process; nothing where one may. On the lane's thread.
  virtual std::string reason_against(const ModelSource& /*model*/, const Lane& /*lane*/,
                                     std::span<const InputSpec> /*inputs*/, const Form& /*form*/) {
    return {};
  }
  // Optimises the model for this GPU and writes it to a file, its weights beside it. On any thread.
  virtual void write_optimised(const ModelSource& model, device::Gpu& gpu, const std::filesystem::path& onnx) = 0;
};

}  // namespace facegraph::runtime
