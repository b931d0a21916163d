#include "runtime/graph/graph_session.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "core/base/log.hpp"
#include "device/gpu/capture_gate.hpp"
#include "runtime/graph/test_support.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

using core::ErrorCode;
using Steps = std::vector<std::string>;
constexpr auto kNone = static_cast<Kernels>(4);  // of the kernels gives the same every time

std::vector<std::pair<core::LogLevel, std::string>> lines;
void keep_line(core::LogLevel level, const std::string& line) {
  lines.emplace_back(level, line);
}

class GraphSessionTest : public testing::Test {
 protected:
  void SetUp() override {
    models_.gpu = &gpu_;
    lines.clear();
    core::set_log_level(core::LogLevel::kDebug);
    core::set_log_hook(keep_line);
  }
  void TearDown() override {
    core::set_log_hook(nullptr);
    core::set_log_level(core::LogLevel::kInfo);
  }
  GraphSession open(const CapturePlan& plan = {}) {
    return {maker_, {"net", "net.onnx"}, lane_, inputs_, options_, plan};
  }
  static float add_one(GraphSession& session, float value) {
    static_cast<float*>(session.inputs.front().data)[3] = value;
    session.run();
    return static_cast<float*>(session.outputs.front().data)[3];
  }
  void fail_at(const std::string& wanted, ErrorCode code, int nth = 1) {
    models_.before = [=, left = nth](const std::string& step) mutable {
      if (step == wanted && --left == 0) {
        throw core::Error(code, "it broke here");
      }
    };
  }

  device::FakeGpu gpu_;
  FakeModels models_;
  FakeUnitMaker maker_{models_};
  std::shared_ptr<Lane> lane_ = std::make_shared<Lane>(gpu_);
  std::vector<InputSpec> inputs_{{"input", {4}}};
  GraphOptions options_;
};

// A search is timed; what cuDNN advises is not, and other threads load their models meanwhile.
TEST_F(GraphSessionTest, IsAloneWhileItSearchesOrCaptures) {
  for (const Kernels kernels : {Kernels::kFastest, Kernels::kHeuristic}) {
    Steps alone;
    models_.before = [&](const std::string& step) {
      std::thread([&] {
        if (device::capture_gate().try_lock_shared()) {
          device::capture_gate().unlock_shared();
        } else {
          alone.push_back(step);
        }
      }).join();
    };
    open({.kernels = kernels});
    EXPECT_EQ(alone, kernels == Kernels::kFastest ? (Steps{"plain", "capture"}) : Steps{"capture"});
  }
}

TEST_F(GraphSessionTest, WarmsUpCapturesAndReplays) {
  GraphSession session = open();
  EXPECT_EQ(models_.steps(), (Steps{"make graph", "plain", "plain", "plain", "plain", "plain", "capture", "replay"}));
  const GraphReport& report = session.report();
  EXPECT_EQ(report.state, GraphState::kCaptured);
  EXPECT_EQ(report.warm_runs, 3);
  EXPECT_EQ(report.bit_identical, true);
  EXPECT_EQ(report.deterministic, true);
  EXPECT_EQ(report.shapes, "input 4");
  EXPECT_GE(report.device_bytes, static_cast<std::int64_t>(FakeModels::kModelBytes));
  EXPECT_EQ(add_one(session, 41), 42);
  EXPECT_EQ(models_.steps().back(), "replay");
  EXPECT_EQ(session.report().runs, 1);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().first, core::LogLevel::kDebug);
  EXPECT_NE(lines.front().second.find("CUDA graph warmup completed for net in 0.0"), std::string::npos);
}

TEST_F(GraphSessionTest, WarmsUpAsOftenAsAsked) {
  options_.warm_up_iterations = 7;
  options_.warm_up_data = WarmUpData::kNoise;
  GraphSession session = open();
  EXPECT_EQ(models_.count("plain"), 9);  // and two that the replay is compared with
  EXPECT_EQ(session.report().warm_runs, 7);
  EXPECT_EQ(static_cast<float*>(session.inputs.front().data)[0], 0);  // the noise is gone
}

TEST_F(GraphSessionTest, RunsPlainlyWhereNoCaptureIsWanted) {
  GraphSession session = open({.against = "one run is expected"});
  EXPECT_EQ(models_.steps(), Steps{"make plain"});
  EXPECT_EQ(session.report().state, GraphState::kPlain);
  EXPECT_EQ(session.report().reason, "one run is expected");
  EXPECT_EQ(add_one(session, 1), 2);
  EXPECT_EQ(models_.steps().back(), "plain");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines.front().second.find("CUDA graph not captured for net: one run is expected"), std::string::npos);
}

TEST_F(GraphSessionTest, MeasuresOutputsThatTheFileLeavesOpen) {
  models_.output_shape = {-1};
  GraphSession session = open();
  EXPECT_EQ(session.outputs.front().shape, Shape{4});
  EXPECT_EQ(add_one(session, 2), 3);
}

// Whatever breaks on the way to the capture, the session works, is told once and says why.
TEST_F(GraphSessionTest, ARefusedCaptureRunsPlainlyAndSaysWhy) {
  for (const auto& [step, nth] : std::vector<std::pair<std::string, int>>{
           {"make graph", 1}, {"plain", 1}, {"plain", 3}, {"capture", 1}, {"replay", 1}}) {
    SCOPED_TRACE(step + std::to_string(nth));
    lines.clear();
    fail_at(step, ErrorCode::kFailed, nth);
    GraphSession session = open();
    EXPECT_EQ(session.report().state, GraphState::kRefused);
    EXPECT_EQ(session.report().reason, "it broke here");
    EXPECT_EQ(add_one(session, 5), 6);
    EXPECT_EQ(models_.steps().back(), "plain");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front().first, core::LogLevel::kWarn);
    test::expect_names(lines.front().second, {"net", "it broke here"});
  }
  EXPECT_EQ(gpu_.ended_captures, 1);  // where the capture itself broke
}

TEST_F(GraphSessionTest, WantedCapturesThatAreRefusedAreErrors) {
  options_.mode = GraphMode::kOn;
  fail_at("capture", ErrorCode::kFailed);
  test::expect_names(test::message_of(ErrorCode::kFailed, [&] { open(); }), {"net", "it broke here", "--cuda-graph"});
}

// cuDNN has no kernels for some convolutions in half precision with their biases; it says so in the first run.
TEST_F(GraphSessionTest, BiasesThatCannotBeFusedAreAddedApart) {
  for (const std::string step : {"make graph tf32 fused", "plain tf32 fused", "capture tf32 fused"}) {
    SCOPED_TRACE(step);
    lines.clear();
    fail_at(step, ErrorCode::kFailed);
    GraphSession session = open({.form = {.fused = true}});
    EXPECT_EQ(session.report().state, GraphState::kCaptured);
    EXPECT_FALSE(session.report().form.fused);
    EXPECT_EQ(models_.count("make graph"), 1);
    EXPECT_EQ(add_one(session, 5), 6);
    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const auto& line) {
      return line.first == core::LogLevel::kWarn &&
             line.second.find("net runs without fused biases") != line.second.npos;
    }));
    models_.forget_steps();
  }
  fail_at("plain tf32 fused", ErrorCode::kFailed);
  GraphSession plain = open({.against = "nobody wants it", .form = {.fused = true}});
  EXPECT_EQ(plain.report().state, GraphState::kPlain);
  EXPECT_EQ(add_one(plain, 5), 6);
}

// Memory and lost GPUs are not the graph's fault: a plain session would meet them too.
TEST_F(GraphSessionTest, OtherFailuresAreNotSwallowed) {
  for (const std::string step : {"make graph", "plain", "capture", "replay"}) {
    for (const ErrorCode code : {ErrorCode::kOutOfMemory, ErrorCode::kDeviceLost}) {
      SCOPED_TRACE(step);
      fail_at(step, code);
      test::expect_names(test::message_of(code, [&] { open(); }), {"it broke here"});
      EXPECT_EQ(gpu_.memory().free, gpu_.memory().total);
    }
  }
}

TEST_F(GraphSessionTest, AReplayThatDiffersIsNotUsed) {
  models_.graph_error = 1e-7F;
  GraphSession session = open();
  EXPECT_EQ(session.report().state, GraphState::kRefused);
  EXPECT_EQ(session.report().bit_identical, false);
  EXPECT_EQ(session.report().reason, "its replay differs from the plain run in 4 of 16 bytes of output");
  EXPECT_TRUE(session.report().passing);
  EXPECT_EQ(add_one(session, 1), 2);
}

// As cuBLAS does when another stream begins to work: between two plain runs that are alike and the capture.
TEST_F(GraphSessionTest, AReplayIsComparedWithThePlainRunOfNow) {
  bool others_work = false;
  models_.before = [&](const std::string& step) { others_work |= step == "capture"; };
  models_.first_deterministic = kNone;
  models_.plain_error = [&] { return others_work ? 0.25F : 0.0F; };
  models_.graph_error = 0.25F;
  const GraphSession session = open();
  EXPECT_EQ(session.report().state, GraphState::kCaptured);
  EXPECT_EQ(session.report().bit_identical, true);
}

TEST_F(GraphSessionTest, AModelThatDiffersFromItselfGetsTheFastestKernelsThatDoNot) {
  models_.plain_error = [next = 0.0F]() mutable { return next += 0.25F; };
  for (const Kernels kernels : {Kernels::kHeuristic, Kernels::kDeterministic}) {
    models_.first_deterministic = kernels;
    const GraphSession session = open();
    EXPECT_EQ(session.report().kernels, kernels);
    EXPECT_EQ(session.report().state, GraphState::kCaptured);
    EXPECT_EQ(session.report().deterministic, true);
    EXPECT_EQ(session.report().bit_identical, true);
  }
  EXPECT_EQ(models_.count("make graph"), 2);
  EXPECT_EQ(models_.count("make heuristic"), 2);
  EXPECT_EQ(models_.count("make deterministic"), 1);
}

// Transposed convolutions of computed weights, as gpen_bfr_1024 has them.
TEST_F(GraphSessionTest, ForwardConvolutionsComeBeforeTheSlowKernels) {
  models_.plain_error = [next = 0.0F]() mutable { return next += 0.25F; };
  models_.first_deterministic = Kernels::kForward;
  models_.has_forward = true;
  EXPECT_EQ(open().report().kernels, Kernels::kForward);
  EXPECT_EQ(models_.count("make deterministic"), 0);
  models_.has_forward = false;  // they would be the same again
  EXPECT_EQ(open().report().kernels, Kernels::kDeterministic);
  EXPECT_EQ(models_.count("make forward"), 1);
}

// inswapper_128: six times.
TEST_F(GraphSessionTest, KernelsThatNeverChangeAreNotTakenWhereTheyAreSlow) {
  models_.plain_error = [next = 0.0F]() mutable { return next += 0.25F; };
  models_.first_deterministic = Kernels::kDeterministic;
  models_.determinism_takes = 6;
  const GraphSession session = open();
  EXPECT_EQ(session.report().kernels, Kernels::kHeuristic);
  EXPECT_EQ(session.report().state, GraphState::kCaptured);
  EXPECT_EQ(session.report().deterministic, false);
  models_.forget_steps();
  EXPECT_EQ(open({.kernels = Kernels::kHeuristic, .changes = true}).report().deterministic, false);
  EXPECT_EQ(models_.count("make heuristic"), 1);
  EXPECT_EQ(models_.count("make deterministic"), 0);
}

// Two plain runs that agree are no proof.
TEST_F(GraphSessionTest, AModelThatDiffersFromItselfNowAndThenIsNotRefused) {
  models_.first_deterministic = kNone;
  models_.plain_error = [runs = 0]() mutable { return ++runs > 8 ? 0.25F : 0.0F; };
  models_.graph_error = 0.5F;
  const GraphSession session = open();
  EXPECT_EQ(session.report().state, GraphState::kCaptured);
  EXPECT_EQ(session.report().deterministic, false);
  EXPECT_EQ(session.report().bit_identical, false);
}

// Also where warm-up and capture waited until somebody asked.
TEST_F(GraphSessionTest, AShortRunSearchesWhereTheAdviceChangesFromRunToRun) {
  models_.plain_error = [next = 0.0F]() mutable { return next += 0.25F; };
  models_.deterministic_kernels = Kernels::kFastest;
  for (const bool later : {false, true}) {
    GraphSession session = open({.kernels = Kernels::kHeuristic, .short_run = true, .later = later});
    EXPECT_EQ(session.get_ready(), later);
    EXPECT_EQ(session.report().kernels, Kernels::kFastest);
    EXPECT_EQ(session.report().deterministic, true);
    EXPECT_EQ(session.report().state, GraphState::kCaptured);
    EXPECT_FLOAT_EQ(add_one(session, 1), 2);
  }
}

TEST_F(GraphSessionTest, BeginsWithTheKernelsThatAnEarlierRunChose) {
  models_.plain_error = [next = 0.0F]() mutable { return next += 0.25F; };
  models_.first_deterministic = Kernels::kHeuristic;
  const GraphSession session = open({.kernels = Kernels::kHeuristic});
  EXPECT_EQ(models_.steps().front(), "make heuristic");
  EXPECT_EQ(models_.count("make graph"), 0);
  EXPECT_EQ(session.report().kernels, Kernels::kHeuristic);
  EXPECT_EQ(session.report().state, GraphState::kCaptured);
  models_.first_deterministic = Kernels::kDeterministic;  // what was chosen then does not do any more
  EXPECT_EQ(open({.kernels = Kernels::kHeuristic}).report().kernels, Kernels::kDeterministic);
}

TEST_F(GraphSessionTest, AKnownRefusalIsNotTriedAgain) {
  GraphSession session = open({.against = "an earlier run was refused it: it holds If", .refused = true});
  EXPECT_EQ(models_.steps(), Steps{"make plain"});
  EXPECT_EQ(session.report().state, GraphState::kRefused);
  EXPECT_EQ(session.report().reason, "an earlier run was refused it: it holds If");
  EXPECT_EQ(add_one(session, 1), 2);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().first, core::LogLevel::kDebug);  // the earlier run has warned
}

TEST_F(GraphSessionTest, AModelThatAlwaysDiffersIsReportedAndReplayed) {
  models_.plain_error = [next = 0.0F]() mutable { return next += 0.25F; };
  models_.first_deterministic = kNone;
  const GraphSession session = open();
  EXPECT_EQ(session.report().state, GraphState::kCaptured);
  EXPECT_EQ(session.report().deterministic, false);
  EXPECT_EQ(session.report().bit_identical, false);
}

TEST_F(GraphSessionTest, BelongsToItsThread) {
  GraphSession session = open();
  std::thread([&] {
    test::expect_names(test::message_of(ErrorCode::kFailed, [&] { session.run(); }), {"net", "another thread"});
    test::expect_names(test::message_of(ErrorCode::kFailed, [&] { session.enqueue(); }), {"net", "another thread"});
  }).join();
}

TEST_F(GraphSessionTest, EnqueueNeitherCopiesNorWaits) {
  GraphSession session = open();
  const std::int64_t copies = gpu_.counters.copies;
  const std::int64_t waits = gpu_.counters.waits;
  const std::int64_t allocations = gpu_.counters.allocations;
  static_cast<float*>(session.inputs.front().device)[0] = 8;
  session.enqueue();
  EXPECT_EQ(static_cast<float*>(session.outputs.front().device)[0], 9);
  EXPECT_EQ(gpu_.counters.copies, copies);
  EXPECT_EQ(gpu_.counters.waits, waits);
  EXPECT_EQ(gpu_.counters.allocations, allocations);
}

TEST_F(GraphSessionTest, FetchBringsTheOutputsInOneWait) {
  GraphSession session = open();
  static_cast<float*>(session.inputs.front().device)[0] = 8;
  session.enqueue();
  const std::int64_t waits = gpu_.counters.waits;
  session.fetch();
  EXPECT_EQ(session.outputs.front().as<float>()[0], 9);
  EXPECT_EQ(gpu_.counters.waits, waits + 1);
}

TEST_F(GraphSessionTest, ComparesReplayWithPlainOnDemand) {
  GraphSession session = open();
  EXPECT_TRUE(session.replay_equals_plain());
  models_.graph_error = 1e-3F;
  EXPECT_FALSE(session.replay_equals_plain());
}

TEST_F(GraphSessionTest, WrongInputsAreNamed) {
  inputs_.front().name = "picture";
  test::expect_names(test::message_of(ErrorCode::kFailed, [&] { open(); }), {"net", "`picture`", "`input`"});
}

TEST_F(GraphSessionTest, ErrorsOfARunNameTheModel) {
  GraphSession session = open();
  fail_at("replay", ErrorCode::kDeviceLost);
  test::expect_names(test::message_of(ErrorCode::kDeviceLost, [&] { session.run(); }), {"net", "it broke here"});
}

TEST_F(GraphSessionTest, HundredCyclesLeaveNoMemory) {
  for (int i = 0; i < 100; ++i) {
    GraphSession session = open();
    add_one(session, 1);
  }
  EXPECT_EQ(gpu_.memory().free, gpu_.memory().total);
  EXPECT_EQ(gpu_.events, 0);
}

}  // namespace
}  // namespace facegraph::runtime
