#include "runtime/graph/gpu_sessions.hpp"

#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include <gtest/gtest.h>

#include "device/gpu/capture_gate.hpp"
#include "runtime/graph/test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/session/not_finite.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

class GpuPoolTest : public testing::Test {
 protected:
  GpuPoolTest() { models_.gpu = &gpu_; }
  GpuBackend backend(device::Gpu& gpu) {
    return {[&gpu](int) -> device::Gpu& { return gpu; }, std::make_shared<FakeUnitMaker>(models_),
            std::make_shared<GraphRecords>(scratch_ / "graphs.json", machine_)};
  }
  void make_pool() {
    options_.providers = {"cuda"};
    pool_.emplace(options_, backend(gpu_));
  }
  Session open(std::int64_t size = 4, const std::string& module = "module") {
    const std::vector<InputSpec> inputs{{"input", {size}}};
    return pool_->open(module, {"net", "net.onnx"}, inputs);
  }
  // A job that runs the model some times.
  void job(std::int64_t runs, bool foretold = true) {
    pool_->expect_runs(foretold ? std::optional(runs) : std::nullopt);
    Session session = open();
    for (std::int64_t i = 0; i < runs; ++i) {
      session.run();
    }
  }

  test::Scratch scratch_;
  std::string machine_ = "ONNX Runtime 1.31.1, CUDA 13.0, driver 580";
  device::FakeGpu gpu_;
  FakeModels models_;
  ExecutionOptions options_;
  std::optional<InferencePool> pool_;
};

TEST_F(GpuPoolTest, OneFrameCapturesNothingAHundredEverything) {
  make_pool();
  job(1);
  EXPECT_EQ(models_.count("capture"), 0);
  ASSERT_EQ(pool_->graph_reports().size(), 1U);
  EXPECT_EQ(pool_->graph_reports().front().state, GraphState::kPlain);
  EXPECT_EQ(pool_->graph_reports().front().reason, "1 runs are expected, a capture pays from 30 on");
  EXPECT_EQ(pool_->graph_reports().front().runs, 1);
  pool_->release_idle();
  job(100);
  EXPECT_EQ(models_.count("capture"), 1);
  EXPECT_EQ(models_.count("replay"), 1 + 40 + 100);  // compared, timed, used
}

TEST_F(GpuPoolTest, SlowModelsAreTimedWithFewerReplays) {
  models_.run_us = [](const Form&) { return 20000.0; };
  make_pool();
  job(100);
  EXPECT_EQ(models_.count("replay"), 1 + 4 * 2 + 100);  // compared, timed, used
  EXPECT_EQ(pool_->graph_reports().front().replay_us, 20000);
}

// Lanes are opened beside a job's first threads.
TEST_F(GpuPoolTest, EachThreadForetellsItsOwnRuns) {
  make_pool();
  pool_->expect_runs(1);
  std::thread([this] {
    pool_->expect_runs(1000);
    open();
    pool_->release_lanes();
    EXPECT_EQ(models_.count("capture"), 1);
    open();  // what it foretold has gone with its lanes
    pool_->release_lanes();
  }).join();
  open();
  EXPECT_EQ(models_.count("capture"), 1);
}

TEST_F(GpuPoolTest, WhatFetchHasToldIsNotToldAgain) {
  make_pool();
  Session session = open();
  const device::Site site = pool_->site(0);
  std::vector<float> values(4, std::numeric_limits<float>::quiet_NaN());
  site.fill(session.input("input").on<float>(site), std::span<const float>(values));
  session.run_on(site);
  EXPECT_THROW(session.fetch(), NotFinite);
  EXPECT_NO_THROW(pool_->check_finite(0));
  session.run_on(site);
  EXPECT_THROW(pool_->check_finite(0), NotFinite);
  values.assign(4, 2);
  site.fill(session.input("input").on<float>(site), std::span<const float>(values));
  session.run_on(site);
  session.fetch();
  EXPECT_EQ(session.output(0).as<const float>()[3], 3);
}

TEST_F(GpuPoolTest, OffNeverOnAlways) {
  options_.graph.mode = GraphMode::kOff;
  make_pool();
  job(100);
  EXPECT_EQ(models_.count("capture"), 0);
  options_.graph.mode = GraphMode::kOn;
  make_pool();
  job(1);
  EXPECT_EQ(models_.count("capture"), 1);
}

TEST_F(GpuPoolTest, AnUnforetoldModelIsCapturedAfterItsUsesBetweenJobs) {
  make_pool();
  job(2, false);
  job(2, false);  // two uses so far: not yet
  EXPECT_EQ(models_.count("capture"), 0);
  EXPECT_EQ(models_.count("make plain"), 1);  // kept, not loaded again
  job(2, false);                              // four uses so far
  EXPECT_EQ(models_.count("capture"), 1);
}

TEST_F(GpuPoolTest, AlternatingShapesAreCapturedOnceEach) {
  options_.graph.mode = GraphMode::kOn;
  make_pool();
  for (int i = 0; i < 100; ++i) {
    open(4).run();
    open(8).run();
  }
  EXPECT_EQ(models_.count("capture"), 2);
  EXPECT_EQ(pool_->graph_reports().size(), 2U);
}

TEST_F(GpuPoolTest, TheLongestUnusedLeavesAtTheBudget) {
  options_.graph.mode = GraphMode::kOn;
  options_.graph.memory_budget = 2 * FakeModels::kModelBytes + 4096;  // two units with their buffers
  make_pool();
  open(4).run();
  open(8).run();
  open(4).run();
  open(12).run();  // 8 leaves
  EXPECT_EQ(models_.count("capture"), 3);
  open(4).run();
  open(12).run();
  EXPECT_EQ(models_.count("capture"), 3);
  open(8).run();
  EXPECT_EQ(models_.count("capture"), 4);
  EXPECT_GE(gpu_.memory().free, gpu_.memory().total - *options_.graph.memory_budget);
}

TEST_F(GpuPoolTest, AQuarterOfTheFreeMemoryIsTheDefaultBudget) {
  device::FakeGpu small(0, 8 * FakeModels::kModelBytes);  // two units, less their buffers: one
  models_.gpu = &small;
  options_.graph.mode = GraphMode::kOn;
  InferencePool pool(options_, backend(small));
  for (const std::int64_t size : {4, 8, 12, 16}) {
    const std::vector<InputSpec> inputs{{"input", {size}}};
    pool.open("module", {"net", "net.onnx"}, inputs).run();
  }
  EXPECT_LE(small.memory().total - small.memory().free, 2 * FakeModels::kModelBytes);
  EXPECT_GE(small.memory().total - small.memory().free, FakeModels::kModelBytes);
}

TEST_F(GpuPoolTest, ReleasedModulesAreLoadedAgain) {
  options_.graph.mode = GraphMode::kOn;
  make_pool();
  open(4, "detector").run();
  open(4, "swapper").run();
  pool_->release("detector");
  open(4, "swapper").run();
  EXPECT_EQ(models_.count("make graph"), 1);
  EXPECT_EQ(models_.count("make heuristic"), 1);  // the same file, whose kernels were searched for already
  open(4, "detector").run();
  EXPECT_EQ(models_.count("make heuristic"), 2);
}

TEST_F(GpuPoolTest, EveryThreadHasItsOwnSessions) {
  options_.graph.mode = GraphMode::kOn;
  make_pool();
  const auto work = [&] {
    for (int i = 0; i < 3; ++i) {
      open().run();
    }
    pool_->release_lanes();
  };
  std::thread first(work);
  std::thread second(work);
  first.join();
  second.join();
  EXPECT_EQ(models_.count("capture"), 2);
  EXPECT_EQ(gpu_.memory().free, gpu_.memory().total);  // gone with their threads
  EXPECT_EQ(gpu_.streams, 0);
  EXPECT_EQ(gpu_.bound.size(), 2U);
}

TEST_F(GpuPoolTest, WhileAModelRunsPlainlyNoOtherIsCaptured) {
  int runs = 0;
  int open_gates = 0;
  models_.before = [&](const std::string& step) {
    if (step == "plain") {
      ++runs;
      std::thread([&] {
        if (device::capture_gate().try_lock()) {
          device::capture_gate().unlock();
          ++open_gates;
        }
      }).join();
    }
  };
  options_.graph.mode = GraphMode::kOff;
  make_pool();
  open().run();
  options_.graph.mode = GraphMode::kOn;  // its warm-up runs plainly
  make_pool();
  open().run();
  EXPECT_GT(runs, 1);
  EXPECT_EQ(open_gates, 0);
}

TEST_F(GpuPoolTest, SessionsOutliveThePool) {
  make_pool();
  Session session = open();
  pool_.reset();
  session.input("input").as<float>()[0] = 3;
  session.run();
  EXPECT_EQ(session.output(0).as<float>()[0], 4);
}

TEST_F(GpuPoolTest, UseCountsRunsOnGpus) {
  make_pool();
  job(5);
  ASSERT_EQ(pool_->use().size(), 1U);
  EXPECT_EQ(pool_->use().front().name, "net");
  EXPECT_EQ(pool_->use().front().runs, 5);
}

// Each pool stands for a process of its own: they share the file only. What a run met, another may not meet.
TEST_F(GpuPoolTest, ACaptureThatFailedIsTriedAgainByTheNextProcess) {
  models_.before = [this](const std::string& step) {
    if (step == "capture" && models_.count("capture") == 1) {
      core::fail(core::ErrorCode::kFailed, "a stream was captured elsewhere");
    }
  };
  for (const GraphState state : {GraphState::kRefused, GraphState::kCaptured}) {
    make_pool();
    job(100);
    EXPECT_EQ(pool_->graph_reports().front().state, state);
  }
}

TEST_F(GpuPoolTest, ARefusalIsNotTriedAgainByTheNextProcess) {
  models_.before = [](const std::string& step) {
    if (step == "make graph") {
      core::fail(core::ErrorCode::kFailed, "it holds If");
    }
  };
  for (const char* reason :
       {"it holds If", "an earlier run was refused it: it holds If", "an earlier run was refused it: it holds If"}) {
    make_pool();
    job(100);
    EXPECT_EQ(pool_->graph_reports().front().state, GraphState::kRefused);
    EXPECT_EQ(pool_->graph_reports().front().reason, reason);
    EXPECT_EQ(pool_->graph_reports().front().runs, 100);
  }
  EXPECT_EQ(models_.count("make graph"), 1);
  machine_ = "ONNX Runtime 1.31.1, CUDA 13.0, driver 590";
  make_pool();
  job(100);
  EXPECT_EQ(models_.count("make graph"), 2);
  options_.graph.mode = GraphMode::kOn;  // who insists gets a try
  make_pool();
  test::expect_names(test::message_of(core::ErrorCode::kFailed, [&] { job(100); }), {"it holds If"});
  EXPECT_EQ(models_.count("make graph"), 3);
}

TEST_F(GpuPoolTest, TheNextProcessBeginsWithTheKernelsThatWereChosen) {
  models_.plain_error = [next = 0.0F]() mutable { return next += 0.25F; };
  models_.first_deterministic = Kernels::kHeuristic;
  make_pool();
  job(100);
  make_pool();
  job(100);
  EXPECT_EQ(models_.count("make graph"), 1);
  EXPECT_EQ(models_.count("make heuristic"), 2);
  EXPECT_EQ(models_.count("capture"), 2);  // graphs themselves cannot be stored
  options_.nhwc = true;                    // another layout, other kernels
  make_pool();
  job(100);
  EXPECT_EQ(models_.count("make graph"), 1);
  EXPECT_EQ(models_.count("make graph tf32 nhwc"), 1);
}

// A search among all kernels is made once; whoever comes later takes what cuDNN advises, if that is as fast.
TEST_F(GpuPoolTest, AdvisedKernelsAreKeptWhereTheyAreAsFast) {
  models_.run_us = [](const Form&) { return 100000.0; };
  make_pool();
  job(100);
  for (int start = 0; start < 2; ++start) {
    make_pool();
    job(100);
    EXPECT_EQ(pool_->graph_reports().front().kernels, Kernels::kHeuristic);
    EXPECT_TRUE(pool_->graph_reports().front().settled);
  }
  EXPECT_EQ(models_.count("make graph"), 1);
  EXPECT_EQ(models_.count("make heuristic"), 2);
}

TEST_F(GpuPoolTest, AdvisedKernelsAreTriedOnceWhereTheyAreSlower) {
  models_.advice_takes = 1.1;
  models_.run_us = [](const Form&) { return 100000.0; };
  for (int start = 0; start < 3; ++start) {
    make_pool();
    job(100);
    EXPECT_EQ(pool_->graph_reports().front().kernels, Kernels::kFastest);
    EXPECT_EQ(pool_->graph_reports().front().runs, 100);
  }
  EXPECT_EQ(models_.count("make graph"), 3);
  EXPECT_EQ(models_.count("make heuristic"), 1);
}

// A search takes up to a second; what it gains in a tenth of one is less.
TEST_F(GpuPoolTest, ShortRunsTakeTheAdviceWhereASearchWasBetter) {
  models_.advice_takes = 1.1;
  models_.run_us = [](const Form&) { return 1000.0; };
  const auto kernels_of = [&](std::int64_t runs) {
    make_pool();
    pool_->expect_runs(runs);
    open();
    return pool_->graph_reports().front().kernels;
  };
  EXPECT_EQ(kernels_of(100), Kernels::kFastest);  // nothing is known
  EXPECT_EQ(kernels_of(7999), Kernels::kHeuristic);
  EXPECT_EQ(models_.count("make graph"), 1);
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(kernels_of(8000), Kernels::kFastest);  // of four items each; the advice is tried by the first of them
    EXPECT_EQ(kernels_of(7999), Kernels::kHeuristic);
  }
  EXPECT_EQ(models_.count("make heuristic"), 4);
}

TEST_F(GpuPoolTest, AFewMicrosecondsAreNotSlower) {
  models_.advice_takes = 3;
  models_.run_us = [](const Form&) { return 5.0; };
  for (const Kernels kernels : {Kernels::kFastest, Kernels::kHeuristic}) {
    make_pool();
    pool_->expect_runs(2000000);
    open();
    EXPECT_EQ(pool_->graph_reports().front().kernels, kernels);
  }
}

// The fake's plain runs differ while they take the advice.
TEST_F(GpuPoolTest, AdvisedKernelsAreNotKeptWhereTheyDifferFromRunToRun) {
  models_.run_us = [](const Form&) { return 1000.0; };
  make_pool();
  job(100);
  models_.plain_error = [next = 0.0F]() mutable { return next += 0.25F; };
  models_.deterministic_kernels = Kernels::kFastest;
  int tried = 0;
  for (const std::int64_t runs : {100, 100000}) {  // nor by a short run
    make_pool();
    pool_->expect_runs(runs);
    open();
    EXPECT_EQ(pool_->graph_reports().front().kernels, Kernels::kFastest);
    EXPECT_EQ(models_.count("make heuristic"), ++tried);
  }
}

TEST_F(GpuPoolTest, WhatWasNotTriedIsNotRemembered) {
  make_pool();
  job(1);
  pool_.reset();
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "graphs.json"));
}

TEST(CapturePolicy, Decides) {
  GraphOptions options;
  const auto against = [&](const ModelOutlook& outlook) { return plan_capture(options, outlook).against; };
  EXPECT_EQ(against({.expected_runs = kRunsThatPay}), "");
  EXPECT_NE(against({.expected_runs = kRunsThatPay - 1}), "");
  EXPECT_NE(against({}), "");
  EXPECT_EQ(against({.past_uses = 3}), "");
  EXPECT_EQ(against({.expected_runs = 1, .past_uses = 3}), "");
  options.mode = GraphMode::kOff;
  EXPECT_EQ(against({.expected_runs = 1000, .past_uses = 1000}), "--cuda-graph is off");
  options.mode = GraphMode::kOn;
  EXPECT_EQ(against({}), "");
}

TEST(CapturePolicy, KnowsWhatAnEarlierRunFoundOut) {
  GraphOptions options;
  ModelOutlook outlook{.expected_runs = 1000, .known = GraphReport{}};
  outlook.known->state = GraphState::kCaptured;
  outlook.known->kernels = Kernels::kHeuristic;
  EXPECT_EQ(plan_capture(options, outlook).against, "");
  EXPECT_EQ(plan_capture(options, outlook).kernels, Kernels::kHeuristic);
  outlook.known->state = GraphState::kRefused;
  outlook.known->reason = "it holds If";
  EXPECT_TRUE(plan_capture(options, outlook).refused);
  test::expect_names(plan_capture(options, outlook).against, {"earlier", "it holds If"});
  options.mode = GraphMode::kOn;
  EXPECT_EQ(plan_capture(options, outlook).against, "");
  options.mode = GraphMode::kOff;
  EXPECT_EQ(plan_capture(options, outlook).against, "--cuda-graph is off");
  EXPECT_FALSE(plan_capture(options, outlook).refused);
}

TEST(CapturePolicy, ARunOfSeveralItemsCountsOnce) {
  ModelOutlook outlook{.expected_runs = 1000, .known = GraphReport{}};
  outlook.known->state = GraphState::kCaptured;
  outlook.known->settled = true;
  outlook.known->replay_us = 4000;
  outlook.known->shapes = "input 1x3x512x512, source 1x512";
  EXPECT_EQ(plan_capture({}, outlook).kernels, Kernels::kFastest);
  outlook.known->shapes = "input 4x3x512x512, source 4x512";
  EXPECT_EQ(plan_capture({}, outlook).kernels, Kernels::kHeuristic);
}

TEST_F(GpuPoolTest, KernelsAreSearchedForWhereTheyRunOftenOnly) {
  make_pool();
  job(1);
  EXPECT_EQ(models_.count("make heuristic"), 1);
  pool_->release_idle();
  job(100);
  EXPECT_EQ(models_.count("make graph"), 1);
  EXPECT_EQ(pool_->graph_reports().front().kernels, Kernels::kFastest);
  options_.graph.mode = GraphMode::kOff;
  make_pool();
  job(100);
  EXPECT_EQ(models_.count("make plain"), 1);
}

// With a model on the disk, and the working folder for what is kept of it.
class GpuOptimisedTest : public GpuPoolTest {
 protected:
  GpuOptimisedTest() : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(scratch_.folder());
    std::ofstream("net.onnx") << "a model";
    options_.optimised_bytes = 1 << 20U;
  }
  ~GpuOptimisedTest() override {
    pool_.reset();
    std::filesystem::current_path(before_);
  }

 private:
  std::filesystem::path before_;
};

TEST_F(GpuOptimisedTest, LanesShareOneAndTheNextStartFindsItAndWhatWasTried) {
  make_pool();
  pool_->prepare({{.name = "net", .path = "net.onnx"}});
  std::thread other([this] {
    job(100);
    pool_->release_lanes();
  });
  other.join();
  job(100);
  EXPECT_EQ(models_.count("optimise"), 1);
  EXPECT_EQ(models_.made_of_optimised, 2);
  EXPECT_FALSE(pool_->started_from_cache());
  make_pool();
  job(100);
  EXPECT_EQ(models_.count("optimise"), 1);
  EXPECT_EQ(models_.made_of_optimised, 3);
  EXPECT_TRUE(pool_->started_from_cache());
  machine_ = "ONNX Runtime 1.31.1, CUDA 13.0, driver 581";
  make_pool();
  job(100);
  EXPECT_EQ(models_.count("optimise"), 2);
  EXPECT_FALSE(pool_->started_from_cache());
}

TEST_F(GpuOptimisedTest, WhatCannotBeOptimisedRunsAsItIs) {
  models_.before = [](const std::string& step) {
    if (step == "optimise") {
      core::fail(core::ErrorCode::kOutOfMemory, "the memory is full");
    }
  };
  make_pool();
  job(100);
  EXPECT_EQ(models_.made_of_optimised, 0);
  EXPECT_EQ(models_.count("capture"), 1);
}

TEST_F(GpuOptimisedTest, AnOptimisedOneThatCannotBeLoadedGivesWay) {
  make_pool();
  models_.before = [this](const std::string& step) {
    if (step.starts_with("make") && models_.made_of_optimised == 1) {
      models_.made_of_optimised = 0;
      core::fail(core::ErrorCode::kFailed, "no model");
    }
  };
  options_.graph.mode = GraphMode::kOff;
  make_pool();
  job(1);
  EXPECT_EQ(models_.count("make heuristic"), 2);
  EXPECT_EQ(models_.made_of_optimised, 0);
  EXPECT_FALSE(pool_->started_from_cache());
}

TEST_F(GpuOptimisedTest, ChannelsLastIsNotKept) {
  options_.nhwc = true;
  make_pool();
  job(100);
  EXPECT_EQ(models_.count("optimise"), 0);
  EXPECT_FALSE(std::filesystem::exists(".caches"));
}

}  // namespace
}  // namespace facegraph::runtime
