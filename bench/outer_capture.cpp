// Whether one graph over a whole face chain (our kernels and the sessions of several models, captured from outside)
// gains anything over a graph per model and our kernels enqueued between them. One frame with one face of 512 pixels
// that lies on the GPU is swapped and enhanced again and again; both sides are from one run.
//
//   outer_capture FOLDER [--frames N] [--device N] [--json FILE]
//
// FOLDER holds models under their usual names: tools/make_test_models --size full writes it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "core/base/error.hpp"
#include "processors/test_support.hpp"
#include "runtime/graph/cuda_unit.hpp"
#include "runtime/provider/providers.hpp"
#include "support/gpu_versions.hpp"

namespace {

namespace fs = std::filesystem;
namespace fg = facegraph;
namespace rt = facegraph::runtime;
using fg::processors::ProcessorBench;
using Clock = std::chrono::steady_clock;

constexpr double kLeastGain = 0.03;  // for which it would be worth having
constexpr int kWarmFrames = 10;
constexpr int kRounds = 5;

struct Arguments {
  fs::path folder;
  fs::path json;
  int frames = 200;
  int device_id = 0;
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    const auto value = [&]() -> std::string {
      if (++i >= count) {
        fg::core::fail(fg::core::ErrorCode::kUsage, "{} needs a value", name);
      }
      return values[i];
    };
    if (name == "--frames") {
      arguments.frames = std::stoi(value());
    } else if (name == "--device") {
      arguments.device_id = std::stoi(value());
    } else if (name == "--json") {
      arguments.json = value();
    } else {
      arguments.folder = name;
    }
  }
  return arguments;
}

void check(cudaError_t error, const char* what) {
  if (error != cudaSuccess) {
    fg::core::fail(fg::core::ErrorCode::kFailed, "{}: {}", what, cudaGetErrorString(error));
  }
}

// The chain on a lane of its own, with or without a graph per model.
class Chain {
 public:
  Chain(const Arguments& arguments, rt::GraphMode mode)
      : device_id_(arguments.device_id),
        options_(options(arguments, mode)),
        pool_(options_),
        store_(arguments.folder),
        site_(pool_.site(device_id_)) {
    pool_.expect_runs(1'000'000);
    for (const char* name : {"face_swapper", "face_enhancer"}) {
      const auto values = fg::test::values_of(
          {fg::models::model_set_options(), fg::analysers::masker_options(), fg::processors::processor_options()},
          {{"processors", {name}}});
      processors_.push_back(std::move(fg::processors::make_processors(values).front()));
      frames_.push_back(processors_.back()->open({pool_, store_, device_id_, site_}, ProcessorBench::sources()));
    }
    target_ = site_.copy_in(ProcessorBench::frame(ProcessorBench::kFrameWithFace).frame.view());
    temp_.frame = site_.picture(ProcessorBench::kFrameWithFace, 3);
    for (int i = 0; i < kWarmFrames; ++i) {
      enqueue();
    }
    site_.wait();
  }

  void enqueue() {
    site_.copy(temp_.frame, target_);
    for (const auto& frames : frames_) {
      frames->process_frame(facts_, temp_);
    }
  }
  fg::core::Image result() const { return site_.copy_out(temp_.frame); }
  cudaStream_t stream() const { return static_cast<cudaStream_t>(site_.stream().handle()); }
  void wait() const { site_.wait(); }

 private:
  static rt::ExecutionOptions options(const Arguments& arguments, rt::GraphMode mode) {
    rt::ExecutionOptions options{.providers = {"cuda"}, .device_ids = {arguments.device_id}};
    options.graph.mode = mode;
    options.captured_outside = mode == rt::GraphMode::kOff;
    return options;
  }

  int device_id_;
  rt::ExecutionOptions options_;
  rt::InferencePool pool_;
  fg::models::Store store_;
  fg::device::Site site_;
  std::vector<std::unique_ptr<fg::processors::Processor>> processors_;
  std::vector<std::unique_ptr<fg::processors::FrameProcessor>> frames_;
  fg::processors::FrameFacts facts_ = ProcessorBench::one_face();
  fg::device::Picture target_;
  fg::processors::TempFrame temp_;
};

// Everything that one frame enqueues, as one graph.
class OuterGraph {
 public:
  explicit OuterGraph(Chain& chain) : stream_(chain.stream()) {
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeRelaxed), "beginning the capture");
    chain.enqueue();
    check(cudaStreamEndCapture(stream_, &graph_), "ending the capture");
    check(cudaGraphGetNodes(graph_, nullptr, &nodes_), "counting its nodes");
    check(cudaGraphInstantiate(&executable_, graph_, 0), "instantiating the graph");
  }
  ~OuterGraph() {
    cudaGraphExecDestroy(executable_);
    cudaGraphDestroy(graph_);
  }
  OuterGraph(const OuterGraph&) = delete;
  OuterGraph& operator=(const OuterGraph&) = delete;

  void launch() const { check(cudaGraphLaunch(executable_, stream_), "launching the graph"); }
  std::size_t nodes() const { return nodes_; }

 private:
  cudaStream_t stream_;
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
  std::size_t nodes_ = 0;
};

// Milliseconds of one frame, all of them queued.
template <typename Frame>
double frame_ms(const Chain& chain, int frames, const Frame& frame) {
  chain.wait();
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < frames; ++i) {
    frame();
  }
  chain.wait();
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count() / frames;
}

bool is_equal(const fg::core::Image& a, const fg::core::Image& b) {
  return a.bytes() == b.bytes() && std::equal(a.view().data, a.view().data + a.bytes(), b.view().data);
}

[[noreturn]] void run(int count, char** values) {
  const Arguments arguments = parse(count, values);
  rt::check_providers({.providers = {"cuda"}, .device_ids = {arguments.device_id}});
  const fg::test::ScopedVariable folder("FACEGRAPH_MODELS_PATH", arguments.folder.string());
  Chain chained(arguments, rt::GraphMode::kAuto);
  Chain plain(arguments, rt::GraphMode::kOff);
  const OuterGraph outer(plain);
  std::vector<double> chained_ms;
  std::vector<double> outer_ms;
  for (int i = 0; i < kRounds; ++i) {  // in turns
    chained_ms.push_back(frame_ms(chained, arguments.frames, [&] { chained.enqueue(); }));
    outer_ms.push_back(frame_ms(plain, arguments.frames, [&] { outer.launch(); }));
  }
  const double one = *std::min_element(chained_ms.begin(), chained_ms.end());
  const double other = *std::min_element(outer_ms.begin(), outer_ms.end());
  const bool same = is_equal(chained.result(), plain.result());
  fmt::print(
      "a graph per model {:.3f} ms, one graph of {} nodes {:.3f} ms a frame: {:.3f} times (worth it from {:.2f} "
      "on); pixels are {}\n",
      one, outer.nodes(), other, one / other, 1 + kLeastGain, same ? "the same" : "NOT the same");
  if (!arguments.json.empty()) {
    const nlohmann::json result{{"versions", fg::bench::gpu_versions()},
                                {"command", fmt::format("outer_capture {} --frames {}",
                                                        arguments.folder.filename().string(), arguments.frames)},
                                {"graph_per_model_ms", one},
                                {"one_graph_ms", other},
                                {"gain", one / other},
                                {"worth_it_from", 1 + kLeastGain},
                                {"nodes", outer.nodes()},
                                {"same_pixels", same}};
    std::ofstream(arguments.json) << result.dump(1) << '\n';
  }
  std::fflush(nullptr);
  std::_Exit(0);  // ExecutionOptions::captured_outside
}

}  // namespace

int main(int count, char** values) {
  try {
    run(count, values);  // and ends the program
  } catch (const std::exception& error) {
    std::cerr << "outer_capture: " << error.what() << '\n';
    return 1;
  }
}
