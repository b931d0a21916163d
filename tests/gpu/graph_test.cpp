// Capture and replay on a real GPU, with models of every family.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <random>
#include <span>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "runtime/graph/cuda_unit.hpp"
#include "runtime/graph/graph_session.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/session/not_finite.hpp"
#include "support/test_models.hpp"

namespace facegraph::runtime {
namespace {

struct TestModel {
  ModelSource source;
  std::vector<InputSpec> inputs;
  std::vector<std::pair<double, double>> ranges;  // of the inputs
  bool capturable = true;
};

class GpuTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!device::cuda_status().problem.empty()) {
      GTEST_SKIP() << device::cuda_status().problem;
    }
    const char* folder = std::getenv("FACEGRAPH_TEST_MODELS");
    if (folder == nullptr) {
      GTEST_SKIP() << "FACEGRAPH_TEST_MODELS names no folder: tools/make_test_models --out FOLDER --size tiny";
    }
    nlohmann::json catalogue;
    std::ifstream(std::filesystem::path(folder) / "models.json") >> catalogue;
    for (const auto& entry : catalogue) {
      TestModel model{{entry.at("name"), std::filesystem::path(folder) / entry.at("file").get<std::string>()}, {}, {}};
      model.inputs = test::inputs_of(entry);
      for (const auto& input : entry.at("inputs")) {
        model.ranges.emplace_back(input.at("low"), input.at("high"));
      }
      model.capturable = entry.at("capturable");
      models_.push_back(std::move(model));
    }
    options_.providers = {"cuda"};
  }
  const TestModel& model(const std::string& name) const {
    for (const TestModel& known : models_) {
      if (known.source.name == name) {
        return known;
      }
    }
    throw std::runtime_error("models.json has no " + name);
  }

  std::vector<TestModel> models_;
  ExecutionOptions options_;
};

// Values in the ranges that the model is fed in the product.
void fill(const TestModel& model, const std::vector<Tensor>& inputs, int seed) {
  std::mt19937 random(static_cast<unsigned>(seed));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::uniform_real_distribution<double> uniform(model.ranges[i].first, model.ranges[i].second);
    const Tensor& tensor = inputs[i];
    for (std::size_t k = 0; k < tensor.size(); ++k) {
      const double value = uniform(random);
      switch (tensor.type) {
        case ElementType::kF32:
          static_cast<float*>(tensor.data)[k] = static_cast<float>(value);
          break;
        case ElementType::kF64:
          static_cast<double*>(tensor.data)[k] = value;
          break;
        case ElementType::kI64:
          static_cast<std::int64_t*>(tensor.data)[k] = static_cast<std::int64_t>(value);
          break;
        default:
          throw std::runtime_error(tensor.name + ": no test feeds this type");
      }
    }
  }
}

TEST_F(GpuTest, EveryModelReplaysWhatItsPlainRunGives) {
  const auto lane = std::make_shared<Lane>(device::cuda_gpu(0));
  const auto maker = make_cuda_units(options_);
  for (const TestModel& model : models_) {
    SCOPED_TRACE(model.source.name);
    GraphSession session(*maker, model.source, lane, model.inputs, options_.graph, CapturePlan{});
    const GraphReport& report = session.report();
    EXPECT_EQ(report.state, model.capturable ? GraphState::kCaptured : GraphState::kRefused) << report.reason;
    if (report.state != GraphState::kCaptured) {
      EXPECT_FALSE(report.reason.empty());
      session.run();
      continue;
    }
    EXPECT_EQ(report.deterministic, true);
    EXPECT_EQ(report.bit_identical, true);
    for (int seed = 0; seed < 3; ++seed) {
      fill(model, session.inputs, seed);
      session.run();  // uploads the inputs
      EXPECT_TRUE(session.replay_equals_plain());
    }
  }
}

// The same numbers as on the CPU, but for rounding: fp32 products, and sums in another order.
TEST_F(GpuTest, AgreesWithTheCpu) {
  options_.precision = Precision::kFp32;
  options_.graph.mode = GraphMode::kOn;
  InferencePool gpu(options_);
  InferencePool cpu(ExecutionOptions{});
  TestModel unit_range;
  unit_range.ranges = {{0.0, 1.0}};
  for (const char* name : {"scrfd_2.5g", "yoloface_8n", "2dfan4", "arcface_w600k_r50", "inswapper_128", "gfpgan_1.4"}) {
    SCOPED_TRACE(name);
    const TestModel& tested = model(name);
    Session on_gpu = gpu.open("test", tested.source, tested.inputs);
    Session on_cpu = cpu.open("test", tested.source, tested.inputs);
    for (const InputSpec& input : tested.inputs) {
      const Tensor& tensor = on_cpu.input(input.name);
      fill(unit_range, {tensor}, 7);
      std::memcpy(on_gpu.input(input.name).data, tensor.data, tensor.bytes());
    }
    on_gpu.run();
    on_cpu.run();
    for (std::size_t i = 0; i < on_cpu.output_count(); ++i) {
      const auto expected = on_cpu.output(i).as<float>();
      const auto found = on_gpu.output(i).as<float>();
      double error = 0;
      double scale = 0;
      for (std::size_t k = 0; k < expected.size(); ++k) {
        error += std::pow(static_cast<double>(expected[k]) - found[k], 2);
        scale += std::pow(static_cast<double>(expected[k]), 2);
      }
      EXPECT_LT(std::sqrt(error), 2e-3 * std::sqrt(scale) + 1e-6) << "output " << i;
    }
  }
}

TEST_F(GpuTest, AHundredCyclesLoseNoDeviceMemory) {
  const auto lane = std::make_shared<Lane>(device::cuda_gpu(0));
  const auto maker = make_cuda_units(options_);
  const TestModel& tested = model("arcface_w600k_r50");
  std::size_t after_ten = 0;
  for (int cycle = 0; cycle < 100; ++cycle) {
    {
      GraphSession session(*maker, tested.source, lane, tested.inputs, options_.graph, CapturePlan{});
      session.run();
    }
    if (cycle == 9) {
      after_ten = lane->gpu().memory().free;
    }
  }
  EXPECT_GE(lane->gpu().memory().free + (8U << 20U), after_ten);
}

// Lanes load, capture and run beside one another; the capture gate keeps them apart where CUDA wants it.
TEST_F(GpuTest, LanesCaptureSideBySide) {
  options_.graph.mode = GraphMode::kOn;
  InferencePool pool(options_);
  std::atomic<int> done{0};
  std::vector<std::thread> lanes;
  for (int lane = 0; lane < 4; ++lane) {
    lanes.emplace_back([&] {
      try {
        for (const char* name : {"2dfan4", "arcface_w600k_r50", "inswapper_128", "scrfd_2.5g"}) {
          Session session = pool.open("test", model(name).source, model(name).inputs);
          for (int i = 0; i < 20; ++i) {
            session.run();
          }
        }
        pool.release_lanes();
        ++done;
      } catch (const core::Error& error) {
        ADD_FAILURE() << error.what();
      }
    });
  }
  for (std::thread& lane : lanes) {
    lane.join();
  }
  EXPECT_EQ(done, 4);
  for (const GraphReport& report : pool.graph_reports()) {
    EXPECT_EQ(report.state, GraphState::kCaptured) << report.reason;
    EXPECT_EQ(report.bit_identical, true) << report.model;
  }
}

// A chain of models enqueued on one stream: the host neither waits nor allocates between them.
TEST_F(GpuTest, AChainNeitherWaitsNorAllocates) {
  options_.graph.mode = GraphMode::kOn;
  InferencePool pool(options_);
  std::vector<Session> chain;
  for (const char* name : {"scrfd_2.5g", "2dfan4", "arcface_w600k_r50", "inswapper_128", "gfpgan_1.4"}) {
    chain.push_back(pool.open("test", model(name).source, model(name).inputs));
  }
  device::GpuCounters& counters = device::cuda_gpu(0).counters;
  const std::int64_t allocations = counters.allocations;
  const std::int64_t waits = counters.waits;
  const std::size_t free = device::cuda_gpu(0).memory().free;
  for (int frame = 0; frame < 50; ++frame) {
    for (Session& session : chain) {
      session.enqueue();
    }
  }
  EXPECT_EQ(counters.allocations, allocations);
  EXPECT_EQ(counters.waits, waits);
  pool.wait(0);
  EXPECT_EQ(device::cuda_gpu(0).memory().free, free);
}

// By whichever of many outputs, and wherever in it.
TEST_F(GpuTest, ALaneNotesWhatIsNotFinite) {
  constexpr std::size_t kOutputs = 20;  // more than one kernel takes
  Lane lane(device::cuda_gpu(0));
  const device::Site& site = lane.site();
  std::vector<device::Values<float>> values;
  std::vector<std::span<const float>> outputs;
  for (std::size_t i = 0; i < kOutputs; ++i) {
    const std::vector<float> ones(i == 1 ? 1'000'000 : i + 1, 1);
    values.push_back(site.copy_in(std::span<const float>(ones)));
    outputs.emplace_back(values.back().data(), values.back().size());
  }
  const auto is_noted = [&] {
    lane.watch("model", outputs);
    const FiniteCheck check = lane.fetch_finite();
    site.wait();
    try {
      check.check();
      return false;
    } catch (const NotFinite&) {
      return true;
    }
  };
  EXPECT_FALSE(is_noted());
  for (device::Values<float>& output : values) {
    const std::span<float> last(output.data() + output.size() - 1, 1);
    for (const float value : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
      site.fill(last, std::span<const float>(&value, 1));
      EXPECT_TRUE(is_noted());
    }
    const float one = 1;
    site.fill(last, std::span<const float>(&one, 1));
    EXPECT_FALSE(is_noted());
  }
}

TEST_F(GpuTest, FullMemoryIsItsOwnErrorAndNamesTheModel) {
  device::Gpu& gpu = device::cuda_gpu(0);
  const Lane lane(gpu);
  std::vector<device::Buffer> hog;
  for (std::size_t size = std::size_t{8} << 30U; size >= (1U << 20U);) {
    try {
      hog.emplace_back(gpu, size, device::Place::kDevice);
    } catch (const core::Error& error) {
      ASSERT_EQ(error.code(), core::ErrorCode::kOutOfMemory) << error.what();
      size /= 2;
    }
  }
  options_.graph.mode = GraphMode::kAuto;
  options_.graph.memory_budget = 0;
  InferencePool pool(options_);
  pool.expect_runs(1000);
  try {
    pool.open("test", model("inswapper_128").source, model("inswapper_128").inputs).run();
    FAIL() << "no error";
  } catch (const core::Error& error) {
    EXPECT_EQ(error.code(), core::ErrorCode::kOutOfMemory) << error.what();
    EXPECT_NE(std::string(error.what()).find("inswapper_128"), std::string::npos) << error.what();
  }
  hog.clear();
  EXPECT_NO_THROW(pool.open("test", model("inswapper_128").source, model("inswapper_128").inputs).run());
}

}  // namespace
}  // namespace facegraph::runtime
