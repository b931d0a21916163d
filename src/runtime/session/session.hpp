// A model ready to run: inputs and outputs bound once to buffers whose addresses never change (I/O binding). Feeding
// new data means writing into an input's buffer; results are read from an output's. This is the form that graph replay
// needs; on the CPU the same object shares its weights with the other lanes' sessions of the model.
//
// On a GPU a Session belongs to its lane: the thread that opened it. Inputs and outputs then have two halves, a pinned
// one on the host (Tensor::data) and one on the GPU (Tensor::device). run() moves both ways and waits; enqueue() runs
// on the device halves and returns, so that models and kernels follow each other on the lane's stream.
//
// Ownership: a Session owns its buffers and holds its model alive. One thread uses a Session at a time: its lane's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "device/site.hpp"

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
  // Of the values that it will hold, as far as known: the range of the noise that forms of the model are compared on.
  double low = 0;
  double high = 1;
};

// A bound tensor.
struct Tensor {
  std::string name;
  ElementType type = ElementType::kF32;
  Shape shape;
  void* data = nullptr;    // on the host
  void* device = nullptr;  // on the GPU; null on the CPU

  std::size_t bytes() const { return size() * bytes_of(type); }
  std::size_t size() const { return element_count(shape); }
  // The caller knows the type; T of another size than the element's is a mistake that throws Error(kFailed).
  template <typename T>
  std::span<T> as() const {
    check_element_size(sizeof(T));
    return {static_cast<T*>(data), size()};
  }
  // The half that lies where the site works.
  template <typename T>
  std::span<T> on(const device::Site& site) const {
    check_element_size(sizeof(T));
    return {static_cast<T*>(site.on_gpu() ? device : data), size()};
  }
  // Of that half, one item of the first dimension.
  template <typename T>
  std::span<T> item_on(const device::Site& site, std::size_t item) const {
    const std::size_t count = size() / static_cast<std::size_t>(shape.front());
    return on<T>(site).subspan(item * count, count);
  }

 private:
  void check_element_size(std::size_t bytes) const;
};

// How runs of several items did beside runs of one.
struct BatchTrial {
  std::size_t items = 0;
  double us_per_item = 0;    // on the GPU; 0: not measured
  double difference = 0;     // from one by one, on noise: see difference_between (choice/form_choice.hpp)
  std::string against = {};  // why it is not taken; empty: it is
  double allowed = 0;        // the largest difference that was
  bool passing = false;      // what stands against it was met in a run, and may not be met by the next

  bool operator==(const BatchTrial&) const = default;
};

class SessionState;

class Session {
 public:
  Session();
  explicit Session(std::unique_ptr<SessionState> state);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // By name as given in the InputSpecs.
  const Tensor& input(std::string_view name) const;
  // By position in the graph, as the reference takes them.
  const Tensor& output(std::size_t index) const;
  std::size_t output_count() const;
  const std::string& name() const;  // of the model
  // Items of a run: the first dimension of the first input.
  std::size_t batch() const;
  // Inputs whose first dimension the file leaves open, with that of every output: they may hold several items, and what
  // the other inputs hold counts for all of them. None: the file takes one item a run.
  const std::vector<std::string>& batched_inputs() const;
  // Throws Error(kFailed) naming model, output, expected and found shape; -1 in `shape` takes any size.
  void expect_output(std::size_t index, const Shape& shape) const;

  // What opening put off, for a session that may never be needed: its warm-up. Whether there was any; what the inputs
  // held is lost then. One that runs without having been made ready runs plainly.
  bool get_ready();
  // From the inputs' host halves to the outputs', done when it returns. Throws Error(kFailed) with the model's name and
  // ONNX Runtime's reason, or that it was called from another thread than its lane's; NotFinite (not_finite.hpp) when
  // an output holds NaN or infinity.
  void run();
  // run() whose results nobody takes for numbers: NaN and infinity may be among them.
  void try_out();
  // Of a captured session: microseconds of a run on the GPU; 0 for others. Waits.
  double time_run();
  // For the report of this session, which takes one item a run.
  void note_batch(const BatchTrial& trial);
  // Those that were noted, by earlier runs, too.
  std::vector<BatchTrial> batches() const;
  // On a GPU: from the inputs' device halves to the outputs', enqueued on the lane's stream; the host does not wait,
  // but for a model that runs without a graph. On the CPU the same as run().
  void enqueue();
  // From the inputs' halves on the site to the outputs': run() on the host; enqueue() on a GPU, where NaN and infinity
  // show at InferencePool::check_finite.
  void run_on(const device::Site& site);
  // After run_on(): brings all outputs to their host halves, where on the host they are; on a GPU the host waits.
  // Throws NotFinite when one holds NaN or infinity.
  void fetch();

 private:
  void check_outputs() const;

  std::unique_ptr<SessionState> state_;
};

}  // namespace facegraph::runtime
