#include "runtime/session/session.hpp"

#include <algorithm>

#include <fmt/ranges.h>
#include <time.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;

namespace {

std::int64_t thread_cpu_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

bool is_static(const Shape& shape) {
  return std::all_of(shape.begin(), shape.end(), [](std::int64_t size) { return size >= 0; });
}

bool accepts(const Shape& declared, const Shape& found) {
  return declared.size() == found.size() && std::equal(declared.begin(), declared.end(), found.begin(),
                                                       [](std::int64_t a, std::int64_t b) { return a < 0 || a == b; });
}

// The declared inputs in a message, so that the user sees what the file takes.
std::string list_inputs(const std::vector<Declared>& inputs) {
  std::string text;
  for (const Declared& input : inputs) {
    text +=
        fmt::format("{}`{}` {} {}", text.empty() ? "" : ", ", input.name, describe(input.shape), name_of(input.type));
  }
  return text;
}

}  // namespace

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

Session::Session() = default;
Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

const Tensor& Session::input(std::string_view name) const {
  for (const Tensor& tensor : state_->inputs) {
    if (tensor.name == name) {
      return tensor;
    }
  }
  fail(ErrorCode::kFailed, "{}: no bound input `{}`", state_->model->name, name);
}

const Tensor& Session::output(std::size_t index) const {
  if (index >= state_->outputs.size()) {
    fail(ErrorCode::kFailed, "{}: output {} is wanted, the model has {}; choose a model of the right family",
         state_->model->name, index, state_->outputs.size());
  }
  return state_->outputs[index];
}

std::size_t Session::output_count() const {
  return state_->outputs.size();
}

void Session::expect_output(std::size_t index, const Shape& shape) const {
  const Tensor& tensor = output(index);
  if (!accepts(shape, tensor.shape)) {
    fail(ErrorCode::kFailed, "{}: output `{}` is {}, expected {}; choose a model of the right family",
         state_->model->name, tensor.name, describe(tensor.shape), describe(shape));
  }
}

void Session::run() {
  state_->run();
}

Session::State::State(std::shared_ptr<InferencePool::Model> loaded, std::span<const InputSpec> specs)
    : model(std::move(loaded)), binding(model->session) {
  try {
    bind_inputs(specs);
    bind_outputs();
  } catch (const Ort::Exception& error) {
    fail(ErrorCode::kFailed, "{}: cannot be prepared: {}", model->name, reason_of(error));
  }
}

Tensor Session::State::make_tensor(const std::string& name, ElementType type, const Shape& shape) {
  Tensor tensor;
  tensor.name = name;
  tensor.type = type;
  tensor.shape = shape;
  tensor.data = buffers.emplace_back(element_count(shape) * bytes_of(type)).data();
  return tensor;
}

void Session::State::bind_inputs(std::span<const InputSpec> specs) {
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  for (const InputSpec& spec : specs) {
    const auto declared = std::find_if(model->inputs.begin(), model->inputs.end(),
                                       [&](const Declared& input) { return input.name == spec.name; });
    if (declared == model->inputs.end()) {
      fail(ErrorCode::kFailed, "{}: input `{}` {} is expected, found {}; choose a model of the right family",
           model->name, spec.name, describe(spec.shape), list_inputs(model->inputs));
    }
    if (declared->type != spec.type || !accepts(declared->shape, spec.shape)) {
      fail(ErrorCode::kFailed, "{}: input `{}` is {} {}, expected {} {}; choose a model of the right family",
           model->name, spec.name, describe(declared->shape), name_of(declared->type), describe(spec.shape),
           name_of(spec.type));
    }
    inputs.push_back(make_tensor(spec.name, spec.type, spec.shape));
    const Tensor& tensor = inputs.back();
    binding.BindInput(tensor.name.c_str(),
                      Ort::Value::CreateTensor(memory, tensor.data, tensor.size() * bytes_of(tensor.type),
                                               tensor.shape.data(), tensor.shape.size(), onnx_type(tensor.type)));
  }
  if (inputs.size() != model->inputs.size()) {
    fail(ErrorCode::kFailed, "{}: takes {} inputs ({}), expected {}; choose a model of the right family", model->name,
         model->inputs.size(), list_inputs(model->inputs), inputs.size());
  }
}

void Session::State::bind_outputs() {
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  const bool known = std::all_of(model->outputs.begin(), model->outputs.end(),
                                 [](const Declared& output) { return is_static(output.shape); });
  const std::vector<Shape> measured = known ? std::vector<Shape>{} : measure_outputs();
  for (std::size_t i = 0; i < model->outputs.size(); ++i) {
    const Declared& declared = model->outputs[i];
    outputs.push_back(make_tensor(declared.name, declared.type, known ? declared.shape : measured[i]));
    const Tensor& tensor = outputs.back();
    binding.BindOutput(tensor.name.c_str(),
                       Ort::Value::CreateTensor(memory, tensor.data, tensor.size() * bytes_of(tensor.type),
                                                tensor.shape.data(), tensor.shape.size(), onnx_type(tensor.type)));
  }
}

// Output shapes follow from the input shapes: one run on zeros tells those that the file leaves open.
std::vector<Shape> Session::State::measure_outputs() {
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  for (const Declared& output : model->outputs) {
    binding.BindOutput(output.name.c_str(), memory);
  }
  model->session.Run(Ort::RunOptions{nullptr}, binding);
  std::vector<Shape> shapes;
  for (const Ort::Value& value : binding.GetOutputValues()) {
    shapes.push_back(value.GetTensorTypeAndShapeInfo().GetShape());
  }
  binding.ClearBoundOutputs();
  return shapes;
}

void Session::State::run() {
  const std::int64_t start = thread_cpu_nanoseconds();
  try {
    model->session.Run(Ort::RunOptions{nullptr}, binding);
  } catch (const Ort::Exception& error) {
    fail(ErrorCode::kFailed, "{}: inference failed: {}", model->name, reason_of(error));
  }
  model->cpu_nanoseconds += thread_cpu_nanoseconds() - start;
  ++model->runs;
}

}  // namespace facegraph::runtime
