// A model ready to run: inputs and outputs bound once to buffers whose addresses never change (I/O binding). Feeding
// new data means writing into an input's buffer; results are read from an output's. This is the form that graph replay
// needs; on the CPU the same object shares its weights with the other lanes' sessions of the model. Ownership: a
// Session owns its buffers and holds its model alive. One thread uses a Session at a time: its lane's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace facegraph::runtime {

enum class ElementType : std::uint8_t { kF32, kF16, kF64, kI32, kI64, kU8, kBool };

std::size_t bytes_of(ElementType type);
const char* name_of(ElementType type);

using Shape = std::vector<std::int64_t>;  // a symbolic dimension is -1
std::size_t element_count(const Shape& shape);
std::string describe(const Shape& shape);  // "1x3x640x640", symbolic dimensions as "?"

// What the caller will feed: checked against the model's declaration when the session is opened.
struct InputSpec {
  std::string name;
  Shape shape;
  ElementType type = ElementType::kF32;
};

// A bound tensor.
struct Tensor {
  std::string name;
  ElementType type = ElementType::kF32;
  Shape shape;
  void* data = nullptr;

  std::size_t size() const { return element_count(shape); }
  // The caller knows the type; T of another size than the element's is a mistake that throws Error(kFailed).
  template <typename T>
  std::span<T> as() const {
    check_element_size(sizeof(T));
    return {static_cast<T*>(data), size()};
  }

 private:
  void check_element_size(std::size_t bytes) const;
};

class Session {
 public:
  Session();
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // By name as given in the InputSpecs.
  const Tensor& input(std::string_view name) const;
  // By position in the graph, as the reference takes them.
  const Tensor& output(std::size_t index) const;
  std::size_t output_count() const;
  // Throws Error(kFailed) naming model, output, expected and found shape; -1 in `shape` takes any size.
  void expect_output(std::size_t index, const Shape& shape) const;

  // Throws Error(kFailed) with the model's name and ONNX Runtime's reason.
  void run();

 private:
  friend class InferencePool;
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace facegraph::runtime
