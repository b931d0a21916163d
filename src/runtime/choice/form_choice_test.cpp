#include "runtime/choice/form_choice.hpp"

#include <filesystem>
#include <fstream>
#include <limits>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/log.hpp"
#include "runtime/graph/test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr Form kTf32{};
constexpr Form kFused{.fused = true};
constexpr Form kNhwc{Precision::kTf32, true};
constexpr Form kNhwcFused{Precision::kTf32, true, true};
constexpr Form kHalf{Precision::kFp16};
constexpr Form kHalfNhwc{Precision::kFp16, true};
constexpr Form kHalfNhwcFused{Precision::kFp16, true, true};

TEST(Form, HasANameAndBack) {
  EXPECT_EQ(name_of(kTf32), "tf32");
  EXPECT_EQ(name_of(kHalfNhwc), "fp16 nhwc");
  for (const Form& form : forms_for(Role::kPixels, true)) {
    EXPECT_EQ(form_named(name_of(form)), form);
  }
  EXPECT_FALSE(form_named("fp16 fused nhwc"));
  EXPECT_FALSE(form_named("auto"));
}

TEST(Form, OfOptions) {
  EXPECT_EQ(form_of({.precision = Precision::kFp16, .nhwc = true}), kHalfNhwc);
  EXPECT_EQ(form_of({.precision = Precision::kFp16, .nhwc = true, .fuse_bias = true}), kHalfNhwc);
  EXPECT_EQ(form_of({.precision = Precision::kFp16, .fuse_bias = true}, Role::kDecides), kFused);
  EXPECT_EQ(form_of({.precision = Precision::kFp16}, Role::kPositions), kTf32);
  EXPECT_EQ(form_of({.precision = Precision::kFp32}, Role::kDecides).precision, Precision::kFp32);
  EXPECT_EQ(form_of({.precision = Precision::kAuto, .nhwc = true}), kTf32);
}

TEST(Form, NetworksThatDecideAreNeverInHalfPrecision) {
  EXPECT_EQ(forms_for(Role::kDecides, true), (std::vector<Form>{kTf32, kFused, kNhwc, kNhwcFused}));
  EXPECT_EQ(forms_for(Role::kPositions, true),
            (std::vector<Form>{kTf32, kFused, kNhwc, kNhwcFused, kHalf, kHalfNhwc, kHalfNhwcFused}));
  EXPECT_EQ(forms_for(Role::kPixels, true), forms_for(Role::kPositions, true));
  EXPECT_EQ(forms_for(Role::kDecides, false), (std::vector<Form>{kTf32, kNhwc}));
  EXPECT_EQ(forms_for(Role::kPixels, false), (std::vector<Form>{kTf32, kNhwc, kHalf, kHalfNhwc}));
}

std::vector<std::byte> bytes_of(const std::vector<float>& values) {
  const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
  return {bytes, bytes + values.size() * sizeof(float)};
}

TEST(Difference, IsTheMeanErrorOverTheRangeOfTheWorstOutput) {
  const std::vector<Tensor> outputs(2);
  const auto difference = [&](const std::vector<float>& first, const std::vector<float>& second) {
    return difference_between(outputs, {bytes_of({0, 4, 2, 2}), bytes_of({-100, 100})},
                              {bytes_of(first), bytes_of(second)});
  };
  EXPECT_EQ(difference({0, 4, 2, 2}, {-100, 100}), 0);
  EXPECT_NEAR(difference({0.04F, 4, 2, 2}, {-100, 100}), 0.02 / 4, 1e-7);  // sqrt(0.04^2 / 4) over 4
  EXPECT_NEAR(difference({0.04F, 4, 2, 2}, {-102, 102}), 2.0 / 200, 1e-7);
  EXPECT_EQ(difference({0, 4, 2, 2}, {-100, std::numeric_limits<float>::quiet_NaN()}),
            std::numeric_limits<double>::infinity());
  EXPECT_EQ(difference({0, 4, 2, std::numeric_limits<float>::infinity()}, {-100, 100}),
            std::numeric_limits<double>::infinity());
}

TEST(Difference, OfAConstantOutputIsNoneOrTooLarge) {
  const std::vector<Tensor> outputs(1);
  EXPECT_EQ(difference_between(outputs, {bytes_of({3, 3})}, {bytes_of({3, 3})}), 0);
  EXPECT_EQ(difference_between(outputs, {bytes_of({3, 3})}, {bytes_of({3, 3.5F})}),
            std::numeric_limits<double>::infinity());
}

TEST(Difference, WholeNumbersMustBeTheSame) {
  std::vector<Tensor> outputs(1);
  outputs[0].type = ElementType::kI64;
  EXPECT_EQ(difference_between(outputs, {bytes_of({1, 2})}, {bytes_of({1, 2})}), 0);
  EXPECT_EQ(difference_between(outputs, {bytes_of({1, 2})}, {bytes_of({1, 3})}),
            std::numeric_limits<double>::infinity());
}

TEST(FastestForm, HasToGainWhatItChanges) {
  const auto fastest = [](double fused_us, const std::string& against = "") {
    return fastest_of({{kTf32, 100}, {kFused, fused_us, 0, against}})->form;
  };
  EXPECT_EQ(fastest(97), kFused);
  EXPECT_EQ(fastest(99), kTf32);
  EXPECT_EQ(fastest(97, "it failed"), kTf32);
  EXPECT_EQ(fastest_of({{kTf32, 0, 0, "it failed"}}), nullptr);
}

// Lanes log side by side.
std::mutex lines_mutex;
std::vector<std::string> lines;
void keep_line(core::LogLevel, const std::string& line) {
  const std::lock_guard<std::mutex> lock(lines_mutex);
  lines.push_back(line);
}

// Each pool stands for a process of its own: they share the working folder only.
class FormChoiceTest : public testing::Test {
 protected:
  FormChoiceTest() : before_(fs::current_path()) {
    fs::current_path(scratch_.folder());
    models_.gpu = &gpu_;
    models_.run_us = [this](const Form& form) { return times_.at(name_of(form)); };
    models_.form_error = [this](const Form& form) { return form == kTf32 ? 0 : errors_[name_of(form)]; };
    write_model("Mul");
    lines.clear();
    core::set_log_level(core::LogLevel::kDebug);
    core::set_log_hook(keep_line);
  }
  ~FormChoiceTest() override {
    core::set_log_hook(nullptr);
    core::set_log_level(core::LogLevel::kInfo);
    pool_.reset();
    fs::current_path(before_);
  }

  // A file that can be rewritten; what it does is the fakes' matter.
  static void write_model(const char* op) {
    const std::string weight = test::raw_bytes(std::vector<float>{1.5F});
    test::OnnxModel{{{"input", {1}}},
                    {{"output", {1}}},
                    {{op, {"input", "weight"}, {"output"}}},
                    {{"weight", {1}, test::OnnxType::kFloat, weight}}}
        .write("net.onnx");
  }
  InferencePool& start() {
    options_.providers = {"cuda"};
    options_.precision = Precision::kAuto;
    options_.fuse_bias = fused_;
    pool_.reset();  // writes what it has used
    const GpuBackend backend{[this](int) -> device::Gpu& { return gpu_; }, std::make_shared<FakeUnitMaker>(models_),
                             std::make_shared<GraphRecords>(GraphRecords::kStandardPath, machine_)};
    pool_.emplace(options_, backend);
    pool_->expect_runs(1000);
    return *pool_;
  }
  // One start that opens the model; its report.
  GraphReport open(Role role = Role::kPixels) {
    InferencePool& pool = start();
    open_in(pool, role);
    return pool.graph_reports().back();
  }
  static void open_in(InferencePool& pool, Role role = Role::kPixels) {
    Session session =
        pool.open("module", {.name = "net", .path = "net.onnx", .role = role}, std::vector<InputSpec>{{"input", {4}}});
    session.run();
  }
  std::ptrdiff_t captures() {
    const std::vector<std::string> steps = models_.steps();
    return std::count_if(steps.begin(), steps.end(), [](const auto& step) { return step.starts_with("capture"); });
  }
  void fail_at(const std::string& wanted, ErrorCode code = ErrorCode::kFailed) {
    models_.before = [=](const std::string& step) {
      if (step == wanted) {
        throw core::Error(code, "it broke here");
      }
    };
  }
  static std::string against(const GraphReport& report, const Form& form) {
    for (const Candidate& candidate : report.candidates) {
      if (candidate.form == form) {
        return candidate.against;
      }
    }
    return "no candidate";
  }
  static bool logged(const std::string& text) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }

  test::Scratch scratch_;
  fs::path before_;
  device::FakeGpu gpu_;
  FakeModels models_;
  ExecutionOptions options_;
  std::string machine_ = "this machine";
  bool fused_ = true;
  std::map<std::string, double> times_{{"tf32", 100},           {"tf32 fused", 90}, {"tf32 nhwc", 80},
                                       {"tf32 nhwc fused", 85}, {"fp16", 50},       {"fp16 nhwc", 40},
                                       {"fp16 nhwc fused", 45}};
  std::map<std::string, float> errors_;
  std::optional<InferencePool> pool_;
};

TEST_F(FormChoiceTest, TheFastestIsTakenAndReady) {
  const GraphReport report = open();
  EXPECT_EQ(report.form, kHalfNhwc);
  EXPECT_EQ(report.state, GraphState::kCaptured);
  EXPECT_EQ(captures(), 7);  // that which was measured is that which runs
  ASSERT_EQ(report.candidates.size(), 7U);
  EXPECT_EQ(report.candidates[0].replay_us, 100);
  EXPECT_EQ(report.candidates[4].replay_us, 50);
  EXPECT_EQ(models_.steps().back(), "replay fp16 nhwc");
  EXPECT_TRUE(logged("measuring which arithmetic is the fastest for net"));
  EXPECT_TRUE(logged("net runs in fp16 nhwc"));
  pool_.reset();
  EXPECT_EQ(gpu_.memory().free, gpu_.memory().total);
}

TEST_F(FormChoiceTest, EveryFormCanWin) {
  for (const Form& form : forms_for(Role::kPixels, true)) {
    SCOPED_TRACE(name_of(form));
    fs::remove_all(".caches");
    const std::string unfused = name_of(Form{form.precision, form.nhwc});
    times_[unfused] = 20;
    times_[name_of(form)] = 10;
    EXPECT_EQ(open().form, form);
    times_[unfused] = 100;
    times_[name_of(form)] = 100;
  }
}

TEST_F(FormChoiceTest, ResultsThatDifferTooMuchAreNotTaken) {
  errors_["fp16 nhwc"] = 0.1F;
  errors_["fp16"] = std::numeric_limits<float>::infinity();
  errors_["tf32 nhwc"] = 0.001F;
  const GraphReport report = open();
  EXPECT_EQ(report.form, kNhwc);
  test::expect_names(against(report, kHalfNhwc), {"differ by", "0.392 % are allowed"});
  test::expect_names(against(report, kHalf), {"NaN, infinity"});
  EXPECT_GT(report.candidates[2].difference, 0.0005);
  EXPECT_LT(report.candidates[2].difference, kLargestDifferenceOfPixels);
}

TEST_F(FormChoiceTest, WhatEndsAProcessIsNotTaken) {
  times_["fp16 nhwc fused"] = 10;
  models_.ends_the_process = [](const Form& form) { return form == kHalfNhwcFused ? "it ends the process" : ""; };
  for (int start = 0; start < 2; ++start) {
    const GraphReport report = open();
    EXPECT_EQ(report.form, kHalfNhwc);
    EXPECT_EQ(against(report, kHalfNhwcFused), "it ends the process");
    EXPECT_EQ(models_.count("make graph fp16 nhwc fused"), 0);
  }
}

// That takes another process, and so seconds.
TEST_F(FormChoiceTest, FusedIsTriedWhereChannelsLastGains) {
  times_["tf32 nhwc"] = 95;
  times_["fp16 nhwc"] = 49.9;
  times_["fp16 nhwc fused"] = 10;
  const GraphReport report = open();
  EXPECT_EQ(report.form, kHalf);
  EXPECT_EQ(against(report, kNhwcFused), "tf32 nhwc is not the fastest so far");
  EXPECT_EQ(against(report, kHalfNhwcFused), "fp16 nhwc is not the fastest so far");
  EXPECT_EQ(captures(), 5);
}

// Their kernels are compiled by each start.
TEST_F(FormChoiceTest, FusedFormsAreMeasuredWhereTheyAreAskedFor) {
  times_["fp16 nhwc fused"] = 10;
  fused_ = false;
  const GraphReport report = open();
  EXPECT_EQ(report.form, kHalfNhwc);
  EXPECT_EQ(report.candidates.size(), 4U);
  EXPECT_EQ(captures(), 4);
  fused_ = true;
  EXPECT_EQ(open().form, kHalfNhwcFused);
  models_.forget_steps();
  for (const bool fused : {false, true}) {  // both choices are kept
    fused_ = fused;
    EXPECT_EQ(open().form, fused ? kHalfNhwcFused : kHalfNhwc);
  }
  EXPECT_EQ(models_.count("make graph tf32"), 0);
}

TEST_F(FormChoiceTest, PositionsMayDifferLess) {
  errors_["fp16 nhwc"] = 0.002F;
  EXPECT_EQ(open(Role::kPixels).form, kHalfNhwc);
  EXPECT_EQ(open(Role::kPositions).form, kHalf);
}

TEST_F(FormChoiceTest, NetworksThatDecideStayInFullPrecision) {
  const GraphReport report = open(Role::kDecides);
  EXPECT_EQ(report.form, kNhwc);
  EXPECT_EQ(report.candidates.size(), 4U);
  EXPECT_FALSE(fs::exists(".caches/fp16"));
}

TEST_F(FormChoiceTest, AFormThatFailsAnywhereIsLeftOut) {
  for (const std::string step : {"make graph", "plain", "capture", "replay"}) {
    for (const ErrorCode code : {ErrorCode::kFailed, ErrorCode::kOutOfMemory}) {
      SCOPED_TRACE(step);
      fs::remove_all(".caches");
      lines.clear();
      fail_at(step + " fp16 nhwc", code);
      const GraphReport report = open();
      EXPECT_EQ(report.form, kHalf);
      EXPECT_EQ(against(report, kHalfNhwc), "it broke here");
      EXPECT_FALSE(logged("runs without"));
      pool_.reset();
      EXPECT_EQ(gpu_.memory().free, gpu_.memory().total);
    }
  }
}

TEST_F(FormChoiceTest, AModelThatCannotBeCapturedIsNotMeasuredInOtherForms) {
  fail_at("capture");
  for (int start = 0; start < 2; ++start) {
    const GraphReport report = open();
    EXPECT_EQ(report.form, kTf32);
    EXPECT_EQ(report.state, GraphState::kRefused);
    EXPECT_EQ(against(report, kTf32), "it broke here");
  }
  EXPECT_EQ(captures(), 3);  // to measure, and to run: the next start knows the choice
}

TEST_F(FormChoiceTest, ALostGpuIsNotSwallowed) {
  fail_at("capture tf32 nhwc", ErrorCode::kDeviceLost);
  test::expect_names(test::message_of(ErrorCode::kDeviceLost, [&] { open(); }), {"it broke here"});
  fail_at("capture", ErrorCode::kOutOfMemory);
  test::expect_names(test::message_of(ErrorCode::kOutOfMemory, [&] { open(); }), {"it broke here"});
}

TEST_F(FormChoiceTest, AModelThatCannotBeRewrittenKeepsItsPrecision) {
  std::ofstream("net.onnx") << "no model";
  const GraphReport report = open();
  EXPECT_EQ(report.form, kNhwc);
  test::expect_names(against(report, kHalf), {"rewritten"});
}

TEST_F(FormChoiceTest, TheNextStartTakesTheChoiceWithoutMeasuring) {
  open();
  models_.forget_steps();
  times_["fp16 nhwc"] = 1000;  // it would be chosen otherwise today
  const GraphReport report = open();
  EXPECT_EQ(report.form, kHalfNhwc);
  EXPECT_EQ(report.candidates.size(), 7U);
  EXPECT_EQ(captures(), 1);
  pool_->expect_runs(1);  // short jobs take it too
  open_in(*pool_);
  EXPECT_EQ(captures(), 1);
}

// Notes the files that units are made of.
class NotingMaker : public FakeUnitMaker {
 public:
  NotingMaker(FakeModels& models, std::vector<fs::path>& files) : FakeUnitMaker(models), files_(files) {}
  std::unique_ptr<Unit> make(const ModelSource& model, const Lane& lane, UnitKind kind) override {
    {
      const std::lock_guard lock(lines_mutex);
      files_.push_back(model.path);
    }
    return FakeUnitMaker::make(model, lane, kind);
  }

 private:
  std::vector<fs::path>& files_;
};

// A file whose dimensions are open is written anew for channels-last; the next start knows which.
TEST_F(FormChoiceTest, AFileWithFixedDimensionsIsLoadedAhead) {
  const std::string three = test::raw_bytes(std::vector<std::int64_t>{3});
  test::OnnxModel{{{"input", {"rows"}}},
                  {{"output", {1}, test::OnnxType::kInt64}},
                  {{"Shape", {"input"}, {"shape"}}, {"Mul", {"shape", "three"}, {"output"}}},
                  {{"three", {1}, test::OnnxType::kInt64, three}}}
      .write("net.onnx");
  std::vector<fs::path> files;
  options_.providers = {"cuda"};
  options_.precision = Precision::kAuto;
  const ModelSource net{.name = "net", .path = "net.onnx", .role = Role::kDecides};
  for (const bool first : {true, false}) {
    files.clear();
    InferencePool pool(options_,
                       {[this](int) -> device::Gpu& { return gpu_; }, std::make_shared<NotingMaker>(models_, files),
                        std::make_shared<GraphRecords>(GraphRecords::kStandardPath, machine_)});
    pool.expect_runs(1000);
    const auto ahead = pool.load_ahead({net}, 0);
    open_in(pool, Role::kDecides);
    EXPECT_EQ(pool.graph_reports().back().form, kNhwc);
    ASSERT_EQ(files.size(), first ? 2U : 1U);  // one of each form; what was loaded ahead
    EXPECT_EQ(files.back().parent_path(), ".caches/fixed");
  }
}

TEST_F(FormChoiceTest, ShortJobsMeasureNothing) {
  InferencePool& pool = start();
  pool.expect_runs(kRunsThatPayMeasuring - 1);
  open_in(pool);
  EXPECT_EQ(pool.graph_reports().back().form, kTf32);
  EXPECT_EQ(captures(), 1);
  EXPECT_TRUE(logged("99 runs are expected, measuring pays from 100 on"));
  pool.expect_runs(std::nullopt);
  open_in(pool);
  options_.graph.mode = GraphMode::kOff;
  open();
  EXPECT_EQ(captures(), 1);
  EXPECT_TRUE(logged("--cuda-graph is off"));
}

// Changed in the file: as another program, another version or a fault of the disk would leave it.
TEST_F(FormChoiceTest, AnInvalidEntryIsMeasuredAnew) {
  open();
  pool_.reset();
  const auto whole = nlohmann::json::parse(std::ifstream(GraphRecords::kStandardPath));
  const auto entry = [](nlohmann::json& file) -> nlohmann::json& {
    return *std::find_if(file["findings"].begin(), file["findings"].end(), [](const nlohmann::json& finding) {
      return finding["key"]["settings"] == "auto fused pixels";
    });
  };
  const std::vector<std::function<void(nlohmann::json&)>> faults{
      [](nlohmann::json& report) { report["form"] = "tf32"; },  // not the fastest
      [](nlohmann::json& report) { report["form"] = "fp8"; },
      [](nlohmann::json& report) { report["candidates"].clear(); },
      [](nlohmann::json& report) { report["candidates"].erase(6); },  // before there was that form
      [](nlohmann::json& report) { report["candidates"][5]["difference"] = 0.5; },
      [](nlohmann::json& report) { report["candidates"][5]["replay_us"] = -1; },
      [](nlohmann::json& report) { report["candidates"][5]["replay_us"] = nullptr; },
      [](nlohmann::json& report) { report["candidates"][5]["form"] = "fp32"; },
      [](nlohmann::json& report) { report.erase("candidates"); }};
  for (std::size_t i = 0; i < faults.size(); ++i) {
    SCOPED_TRACE(i);
    pool_.reset();
    nlohmann::json file = whole;
    faults[i](entry(file)["report"]);
    std::ofstream(GraphRecords::kStandardPath) << file;
    models_.forget_steps();
    EXPECT_EQ(open().form, kHalfNhwc);
    EXPECT_EQ(captures(), 7);
    models_.forget_steps();
    EXPECT_EQ(open().form, kHalfNhwc);
    EXPECT_EQ(captures(), 1);
  }
  pool_.reset();
  std::ofstream(GraphRecords::kStandardPath) << whole.dump().substr(0, 200);
  models_.forget_steps();
  open();
  EXPECT_EQ(captures(), 7);
}

TEST_F(FormChoiceTest, WhatAChoiceDependsOnIsMeasuredAnew) {
  open();
  machine_ = "this machine with another driver";
  models_.forget_steps();
  open();
  EXPECT_EQ(captures(), 7);
  write_model("Add");
  fs::last_write_time("net.onnx", fs::file_time_type::clock::now() + std::chrono::seconds(5));
  models_.forget_steps();
  open();
  EXPECT_EQ(captures(), 7);
}

TEST_F(FormChoiceTest, LanesMeasureOnceAndAlone) {
  constexpr int kLanes = 4;
  models_.before = [](const std::string& step) {
    if (step.starts_with("capture")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(3));  // the others come to it meanwhile
    }
  };
  InferencePool& pool = start();
  std::vector<std::thread> lanes;
  for (int i = 0; i < kLanes; ++i) {
    lanes.emplace_back([&] {
      pool.expect_runs(1000);
      open_in(pool);
      pool.release_lanes();
    });
  }
  for (std::thread& lane : lanes) {
    lane.join();
  }
  EXPECT_EQ(captures(), 7 + kLanes - 1);
  EXPECT_EQ(pool.graph_reports().size(), static_cast<std::size_t>(kLanes));
  for (const GraphReport& report : pool.graph_reports()) {
    EXPECT_EQ(report.form, kHalfNhwc);
    ASSERT_EQ(report.candidates.size(), 7U);
    EXPECT_EQ(report.candidates[0].replay_us, 100);  // no other lane's work is in it
  }
}

}  // namespace
}  // namespace facegraph::runtime
