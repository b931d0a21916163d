// The lanes of a video are opened beside the search for sources and the content gate, and get no frame before its
// verdict: on a GPU of host memory, with models that say when they are loaded and run.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "analysers/masker/masker.hpp"
#include "core/base/log.hpp"
#include "golden_case.hpp"
#include "grey_clip.hpp"
#include "media/probe/probe.hpp"
#include "pipeline/workflows/workflows.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "support/gate_models.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

constexpr int kFrames = 40;  // enough for a capture
constexpr const char* kLaneModel = "modnet";

// What the models of a run do, "make NAME" and "run NAME", in its order.
class Steps {
 public:
  // Called before each; it may throw, and wait before models are made: they run first when no other does anything.
  std::function<void(const std::string& step)> before = [](const std::string&) {};
  std::atomic<int> lane_models{0};  // that are loaded

  void note(const std::string& step) {
    {
      const std::lock_guard lock(mutex_);
      steps_.push_back(step);
      changed_.notify_all();
    }
    before(step);
  }
  // Whether it has happened that often, or does so soon.
  bool wait_for(const std::string& step, std::ptrdiff_t times = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return count_of(step) >= times; });
  }
  std::ptrdiff_t count(const std::string& step) {
    const std::lock_guard lock(mutex_);
    return count_of(step);
  }

 private:
  std::ptrdiff_t count_of(const std::string& step) const { return std::count(steps_.begin(), steps_.end(), step); }

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<std::string> steps_;
};

class TellingUnit : public runtime::HostUnit {
 public:
  TellingUnit(Steps& steps, const runtime::ModelSource& model)
      : HostUnit(model, nullptr), steps_(steps), name_(model.name), of_lane_(name_ == kLaneModel) {
    steps_.lane_models += of_lane_ ? 1 : 0;
  }
  ~TellingUnit() override { steps_.lane_models -= of_lane_ ? 1 : 0; }
  TellingUnit(const TellingUnit&) = delete;
  TellingUnit& operator=(const TellingUnit&) = delete;

  void enqueue(runtime::RunKind kind) override {
    steps_.note("run " + name_);
    HostUnit::enqueue(kind);
  }

 private:
  Steps& steps_;
  const std::string name_;
  const bool of_lane_;
};

class TellingMaker : public runtime::HostUnitMaker {
 public:
  explicit TellingMaker(Steps& steps) : steps_(steps) {}
  std::unique_ptr<runtime::Unit> make(const runtime::ModelSource& model, const runtime::Lane&,
                                      runtime::UnitKind) override {
    steps_.note("make " + model.name);
    return std::make_unique<TellingUnit>(steps_, model);
  }

 private:
  Steps& steps_;
};

class EarlyLanes : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(scratch_ / "models");
    fs::create_directories(scratch_ / "work");
    write_grey_clip(scratch_ / "target.mp4", kFrames, 80, [](int i) { return 4 * i; });
    write_gate(false);
    // Whatever it sees stays in the picture.
    constant_model({"input", {1, 3, 512, 512}},
                   {constant("output", {1, 1, 512, 512}, std::vector<float>(512 * 512, 1.0F))})
        .write(scratch_ / "models/modnet.onnx");
  }

  void write_gate(bool refuses) const {
    const float score = refuses ? 0.3F : 0;
    write_gate_models(scratch_ / "models", score, score);
  }

  pipeline::RunReport run(const std::string& provider = "cuda") {
    const core::OptionValues values =
        values_of({models::model_set_options(), analysers::detector_options(), analysers::landmarker_options(),
                   analysers::selector_options(), analysers::tracker_options(), analysers::masker_options(),
                   analysers::voice_extractor_options(), processors::processor_options()},
                  {{"processors", {"background_remover"}}, {"background-remover-model", {kLaneModel}}});
    pipeline::RunOptions options;
    options.target_path = scratch_ / "target.mp4";
    options.output_path = options.result_path = output();
    options.output.video_encoder = "libx264";
    options.output.video_preset = "ultrafast";
    options.temp_path = scratch_ / "work";
    options.workflow_strategy = strategy_;
    options.execution.providers = {provider};
    options.execution.graph = graph_;
    options.memory_strategy = memory_;
    options.lanes = 1;
    const runtime::BackendScope backend(
        {[this](int) -> device::Gpu& { return gpu_; }, std::make_shared<TellingMaker>(steps_),
         std::make_shared<runtime::GraphRecords>(scratch_ / "graphs.json", "host memory")});
    const pipeline::Engine engine(values, options);
    return pipeline::run_video(engine, options, find_sources_, core::StopToken(), progress_);
  }
  fs::path output() const { return scratch_ / "work/output.mp4"; }
  std::set<std::string> phases() const {
    std::set<std::string> labels;
    for (const core::Progress::Phase& phase : progress_.phases()) {
      labels.insert(phase.label);
    }
    return labels;
  }
  void expect_nothing_left() {
    EXPECT_TRUE(fs::is_empty(scratch_ / "work"));
    EXPECT_EQ(gpu_.memory().free, gpu_.memory().total);
    EXPECT_EQ(steps_.lane_models, 0);
    EXPECT_FALSE(phases().contains("processing"));
  }

  test::Scratch scratch_;
  ScopedVariable variable_{"FACEGRAPH_MODELS_PATH", (scratch_ / "models").string()};
  InFolder folder_{scratch_.folder()};
  device::FakeGpu gpu_;
  Steps steps_;
  core::Progress progress_;
  pipeline::FindSources find_sources_ = [] { return pipeline::GivenSources(); };
  pipeline::WorkflowStrategy strategy_ = pipeline::WorkflowStrategy::kMemory;
  pipeline::MemoryStrategy memory_ = pipeline::MemoryStrategy::kStrict;
  runtime::GraphOptions graph_;
};

TEST_F(EarlyLanes, LoadBesideTheSourcesAndWarmUpBesideTheGate) {
  for (const auto strategy : {pipeline::WorkflowStrategy::kMemory, pipeline::WorkflowStrategy::kDisk}) {
    Steps& steps = steps_;
    const std::ptrdiff_t made = steps.count("make modnet");
    const std::ptrdiff_t run_before = steps.count("run modnet");
    find_sources_ = [&, made] {
      EXPECT_TRUE(steps.wait_for("make modnet", made + 1));
      return pipeline::GivenSources();
    };
    steps.before = [&, run_before](const std::string& step) {
      if (step == "make nsfw_1") {
        EXPECT_TRUE(steps.wait_for("run modnet", run_before + 1));
      }
    };
    strategy_ = strategy;
    const pipeline::RunReport report = run();
    EXPECT_EQ(report.frames, kFrames);
    EXPECT_EQ(media::probe_video(output()).frame_total, kFrames);
    EXPECT_GT(report.gate_seconds, 0);
    EXPECT_LT(report.verdict, report.first_frame);
  }
}

// The lane is there, but no frame came to it: without a capture there is no other run.
TEST_F(EarlyLanes, LeaveNothingWhenTheGateRefuses) {
  write_gate(true);
  graph_.mode = runtime::GraphMode::kOff;
  steps_.before = [&](const std::string& step) {
    if (step == "make nsfw_1") {
      EXPECT_TRUE(steps_.wait_for("make modnet"));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));  // time to do what must not be done
    }
  };
  EXPECT_EQ(message_of(core::ErrorCode::kRefused, [&] { run(); }),
            "the content analyser refuses the target: it seems to show nudity");
  EXPECT_EQ(steps_.count("run modnet"), 0);
  expect_nothing_left();
}

TEST_F(EarlyLanes, LeaveNothingWhenTheGateFails) {
  fs::remove(scratch_ / "models/nsfw_3.onnx");
  steps_.before = [&](const std::string& step) {
    EXPECT_TRUE(step != "make nsfw_3" || steps_.wait_for("make modnet"));
  };
  expect_names(message_of(core::ErrorCode::kFailed, [&] { run(); }), {"nsfw_3"});
  expect_nothing_left();
}

TEST_F(EarlyLanes, LeaveNothingWhenTheSourcesAreRefused) {
  find_sources_ = [&]() -> pipeline::GivenSources {
    EXPECT_TRUE(steps_.wait_for("make modnet"));
    core::fail(core::ErrorCode::kRefused, "no face");
  };
  EXPECT_EQ(message_of(core::ErrorCode::kRefused, [&] { run(); }), "no face");
  EXPECT_EQ(steps_.count("make nsfw_1"), 0);
  expect_nothing_left();
}

// It is tried twice: ahead, and by the lane.
TEST_F(EarlyLanes, ThatCannotBeOpenedAreToldAfterTheVerdict) {
  steps_.before = [&](const std::string& step) {
    if (step == "make modnet") {
      core::fail(core::ErrorCode::kFailed, "modnet is broken");
    }
    EXPECT_TRUE(step != "make nsfw_1" || steps_.wait_for("make modnet", 2));
  };
  EXPECT_EQ(message_of(core::ErrorCode::kFailed, [&] { run(); }), "modnet is broken");
  EXPECT_EQ(phases(), (std::set<std::string>{"analysing", "processing"}));
  EXPECT_TRUE(fs::is_empty(scratch_ / "work"));
  write_gate(true);
  message_of(core::ErrorCode::kRefused, [&] { run(); });
  EXPECT_TRUE(fs::is_empty(scratch_ / "work"));
}

std::mutex lines_mutex;
std::vector<std::string> lines;

// Keeps what is logged, in `lines`.
class LogScope {
 public:
  explicit LogScope(core::LogLevel level) : before_(core::log_level()) {
    lines.clear();
    core::set_log_level(level);
    core::set_log_hook([](core::LogLevel, const std::string& line) {
      const std::lock_guard lock(lines_mutex);
      lines.push_back(line);
    });
  }
  ~LogScope() {
    core::set_log_hook(nullptr);
    core::set_log_level(before_);
  }
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

 private:
  core::LogLevel before_;
};

std::ptrdiff_t first_line_with(const std::string& text) {
  return std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.find(text) != line.npos; }) -
         lines.begin();
}

TEST_F(EarlyLanes, GiveTheirMemoryToTheGate) {
  steps_.before = [&](const std::string& step) {
    if (step == "make nsfw_2" && steps_.count("make nsfw_2") == 1) {
      EXPECT_TRUE(steps_.wait_for("run modnet"));  // and loaded
    }
    if (step == "make nsfw_2" && steps_.lane_models > 0) {
      core::fail(core::ErrorCode::kOutOfMemory, "the memory of GPU 0 is full");
    }
  };
  const LogScope log(core::LogLevel::kWarn);
  EXPECT_EQ(run().frames, kFrames);
  EXPECT_LT(first_line_with("lanes are opened after the content gate: the memory of GPU 0 is full"), std::ssize(lines));
  EXPECT_EQ(media::probe_video(output()).frame_total, kFrames);
}

// The usual memory strategy never has the models of gate and lanes in memory together.
TEST_F(EarlyLanes, OfTheCpuWaitForTheVerdictWhereMemoryIsShort) {
  EXPECT_EQ(run("cpu").frames, kFrames);
  fs::remove(output());
  write_gate(true);
  for (const auto memory : {pipeline::MemoryStrategy::kStrict, pipeline::MemoryStrategy::kTolerant}) {
    memory_ = memory;
    const LogScope log(core::LogLevel::kDebug);
    message_of(core::ErrorCode::kRefused, [&] { run("cpu"); });
    EXPECT_LT(first_line_with("nsfw_1 loaded"), std::ssize(lines));
    EXPECT_EQ(first_line_with("modnet loaded") < std::ssize(lines), memory == pipeline::MemoryStrategy::kTolerant);
    EXPECT_TRUE(fs::is_empty(scratch_ / "work"));
  }
}

}  // namespace
}  // namespace facegraph::test
