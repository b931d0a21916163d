// Sessions of several items on the GPU's path, on a GPU made of host memory.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/graph/host_units_test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/session/batched_session.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

namespace fs = std::filesystem;

// Units that take time on the GPU's clock.
class TimedUnit : public HostUnit {
 public:
  TimedUnit(const ModelSource& model, device::FakeGpu& gpu, const std::function<double(std::int64_t)>& us,
            std::vector<std::int64_t>& made)
      : HostUnit(model, nullptr), gpu_(gpu), us_(us), made_(made) {}
  void bind_input(const Tensor& tensor) override {
    HostUnit::bind_input(tensor);
    items_ = tensor.shape.front();
    made_.push_back(items_);
  }
  void enqueue(RunKind kind) override {
    HostUnit::enqueue(kind);
    gpu_.work(us_(items_));
  }

 private:
  device::FakeGpu& gpu_;
  const std::function<double(std::int64_t)>& us_;
  std::vector<std::int64_t>& made_;
  std::int64_t items_ = 0;
};

class TimedUnitMaker : public HostUnitMaker {
 public:
  TimedUnitMaker(device::FakeGpu& gpu, std::function<double(std::int64_t)> us) : gpu_(gpu), us_(std::move(us)) {}
  std::unique_ptr<Unit> make(const ModelSource& model, const Lane&, UnitKind) override {
    ++makes;
    return std::make_unique<TimedUnit>(model, gpu_, us_, made);
  }

  std::vector<std::int64_t> made;  // the items of each unit's run
  std::atomic<int> makes{0};

 private:
  device::FakeGpu& gpu_;
  const std::function<double(std::int64_t)> us_;
};

// input * 1.001, which is 1 + 1/1024 in half precision.
test::OnnxModel scaled(const test::OnnxDim& batch = 1) {
  return {{{"input", {batch, 2}}},
          {{"output", {batch, 2}}},
          {{"Mul", {"input", "scale"}, {"output"}}},
          {test::constant("scale", {1}, {1.001F})}};
}

class BatchedOnGpu : public testing::Test {
 protected:
  BatchedOnGpu() { fs::current_path(scratch_.folder()); }
  ~BatchedOnGpu() override { fs::current_path(before_); }

  void make_pool(std::function<double(std::int64_t)> us = [](std::int64_t) { return 0.0; }) {
    options_.providers = {"cuda"};
    options_.batch_frames = 4;
    GpuBackend backend = host_backend(gpu_, scratch_ / "graphs.json");
    backend.units = units_ = std::make_shared<TimedUnitMaker>(gpu_, std::move(us));
    pool_.emplace(options_, std::move(backend));
    pool_->expect_runs(1000);
  }
  BatchedSession open(const test::OnnxModel& model, std::int64_t most = 4) {
    model.write(scratch_ / "net.onnx");
    return open_again(most);
  }
  // The same file.
  BatchedSession open_again(std::int64_t most = 4) {
    return {[this](const std::vector<InputSpec>& inputs) {
              return pool_->open("test", {"net", scratch_ / "net.onnx"}, inputs);
            },
            {{"input", {1, 2}}},
            most,
            {},
            Same::kClose};
  }
  // Of the session of one item, when it is closed.
  std::int64_t runs_of_one() const {
    for (const GraphReport& report : pool_->graph_reports()) {
      if (report.shapes == "input 1x2") {
        return report.runs;
      }
    }
    return -1;
  }
  // What the report says of the trials, when the sessions are closed.
  std::vector<BatchTrial> trials() const {
    for (const GraphReport& report : pool_->graph_reports()) {
      if (report.shapes == "input 1x2") {
        return report.batches;
      }
    }
    return {};
  }
  // The second value of the last of that many items, whose numbers are 1024 times their places.
  float last_of(Session& session) const {
    const device::Site site = pool_->site(0);
    const auto input = session.input("input").as<float>();
    for (std::size_t item = 0; item < session.batch(); ++item) {
      input[2 * item + 1] = 1024.0F * static_cast<float>(item + 1);
    }
    session.run();
    return session.output(0).as<const float>()[2 * session.batch() - 1];
  }

  const fs::path before_ = fs::current_path();
  const test::Scratch scratch_;
  device::FakeGpu gpu_;
  ExecutionOptions options_;
  std::shared_ptr<TimedUnitMaker> units_;
  mutable std::optional<InferencePool> pool_;
};

TEST_F(BatchedOnGpu, AFileOfOneItemTakesSeveralAndTheReportSaysSo) {
  make_pool();
  {
    BatchedSession sessions = open(scaled());
    Session& four = sessions.for_parts(4);
    ASSERT_EQ(four.batch(), 4U);
    EXPECT_FLOAT_EQ(last_of(four), 4096 * 1.001F);
    EXPECT_EQ(sessions.for_parts(3).batch(), 1U);
  }
  const std::vector<BatchTrial> found = trials();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].items, 4U);
  EXPECT_EQ(found[0].difference, 0);
  EXPECT_EQ(found[0].against, "");
}

TEST_F(BatchedOnGpu, ItemsThatChangeEachOtherAreRefusedWithTheReason) {
  make_pool();
  const test::OnnxModel mixing{{{"input", {"batch", 2}}},
                               {{"output", {"batch", 2}}},
                               {{"ReduceMax", {"input"}, {"highest"}}, {"Div", {"input", "highest"}, {"output"}}}};
  EXPECT_EQ(open(mixing).for_parts(4).batch(), 1U);
  ASSERT_EQ(trials().size(), 1U);
  EXPECT_GT(trials().front().difference, 1e-3);
  test::expect_names(trials().front().against, {"results differ by", "0.1 % are allowed"});
}

TEST_F(BatchedOnGpu, WhatCannotBeRewrittenSaysWhyOnce) {
  make_pool();
  const test::OnnxModel unknown{{{"input", {1, 2}}}, {{"output", {1, 2}}}, {{"EyeLike", {"input"}, {"output"}}}};
  {
    BatchedSession sessions = open(unknown);
    EXPECT_EQ(sessions.for_parts(4).batch(), 1U);
    EXPECT_EQ(sessions.for_parts(4).batch(), 1U);
  }
  ASSERT_EQ(trials().size(), 1U);
  test::expect_names(trials().front().against, {"EyeLike"});
}

TEST_F(BatchedOnGpu, RunsThatTakeAsLongAsFewerAreNotTaken) {
  make_pool([](std::int64_t items) { return items == 4 ? 44.0 : 10.0 + static_cast<double>(items); });
  EXPECT_EQ(open(scaled(), 2).for_parts(2).batch(), 2U);  // 6 us a part, 11 us alone
  {
    BatchedSession sessions = open_again();
    EXPECT_EQ(sessions.most(), 1U);
    EXPECT_EQ(sessions.for_parts(4).batch(), 1U);  // 11 us
  }
  ASSERT_EQ(trials().size(), 2U);
  EXPECT_EQ(trials()[0].us_per_item, 6);
  EXPECT_EQ(trials()[0].against, "");
  EXPECT_EQ(trials()[1].us_per_item, 11);
  EXPECT_EQ(trials()[1].against, "a part takes 11 us, 11 us with fewer at a time");
}

// Each pool stands for a process of its own: they share the file only.
TEST_F(BatchedOnGpu, WhatWasTakenIsTakenByTheNextStartWithoutATrial) {
  scaled().write(scratch_ / "net.onnx");
  for (const int tried : {4, 0, 0}) {
    make_pool();
    {
      BatchedSession sessions = open_again();
      EXPECT_EQ(sessions.most(), 4U);
      EXPECT_FLOAT_EQ(last_of(sessions.for_parts(4)), 4096 * 1.001F);
    }
    EXPECT_EQ(runs_of_one(), tried);
    ASSERT_EQ(trials().size(), 1U);
    EXPECT_EQ(trials()[0].against, "");
  }
  options_.nhwc = true;  // another form, another trial
  make_pool();
  open_again();
  EXPECT_EQ(runs_of_one(), 4);
}

// What runs of several made of its inputs is written anew.
TEST_F(BatchedOnGpu, WhereSeveralAreTakenTheSessionForOneIsWarmedUpWhenItIsNeeded) {
  scaled().write(scratch_ / "net.onnx");
  const auto state_of_one = [this](std::size_t waiting) {
    make_pool();
    const auto open = [&](const std::vector<InputSpec>& inputs) {
      return pool_->open("test", {"net", scratch_ / "net.onnx"}, inputs);
    };
    const auto settle = [](Session& session) { session.input("input").as<float>()[0] = 1024; };
    {
      BatchedSession sessions(open, {{"input", {1, 2}}}, 4, settle, Same::kClose);
      Session& session = sessions.for_parts(waiting);
      session.run();
      EXPECT_FLOAT_EQ(session.output(0).as<const float>()[0], 1024 * 1.001F);
    }
    const std::vector<GraphReport> reports = pool_->graph_reports();
    return std::find_if(reports.begin(), reports.end(), [](const auto& report) { return report.shapes == "input 1x2"; })
        ->state;
  };
  EXPECT_EQ(state_of_one(4), GraphState::kCaptured);  // compared with
  EXPECT_EQ(state_of_one(4), GraphState::kCold);
  EXPECT_EQ(state_of_one(1), GraphState::kCaptured);
  EXPECT_EQ(state_of_one(4), GraphState::kCold);
}

TEST_F(BatchedOnGpu, WhatWasRefusedIsNeitherLoadedNorTriedByTheNextStart) {
  scaled().write(scratch_ / "net.onnx");
  for (const int loaded : {1, 0, 0}) {
    make_pool([](std::int64_t items) { return static_cast<double>(items); });
    EXPECT_EQ(open_again().most(), 1U);
    EXPECT_EQ(std::count(units_->made.begin(), units_->made.end(), 4), loaded);
    ASSERT_EQ(trials().size(), 1U);
    test::expect_names(trials()[0].against, {"a part takes 1 us"});
  }
  open_again(2);  // another size
  EXPECT_EQ(std::count(units_->made.begin(), units_->made.end(), 2), 1);
}

TEST_F(BatchedOnGpu, WhatMayPassIsTriedAgainByTheNextStart) {
  scaled().write(scratch_ / "net.onnx");
  for (const std::size_t most : {1, 4}) {
    make_pool();
    const auto open = [&](const std::vector<InputSpec>& inputs) {
      if (most == 1 && inputs.front().shape.front() > 1) {
        core::fail(core::ErrorCode::kOutOfMemory, "the memory is full");
      }
      return pool_->open("test", {"net", scratch_ / "net.onnx"}, inputs);
    };
    EXPECT_EQ(BatchedSession(open, {{"input", {1, 2}}}, 4, {}, Same::kClose).most(), most);
  }
}

// What is loaded ahead is what the lane then opens, for several items too; what a start found out, the next one knows.
TEST_F(BatchedOnGpu, AreLoadedAhead) {
  const auto made_ahead = [&](int units) {
    const auto ahead = pool_->load_ahead({{"net", scratch_ / "net.onnx"}}, 0);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (units_->makes < units && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    EXPECT_EQ(units_->makes, units);
    const std::size_t most = open_again().most();
    EXPECT_EQ(units_->makes, units);
    return most;
  };
  for (const bool open_batch : {false, true}) {
    fs::remove(scratch_ / "graphs.json");
    scaled(open_batch ? test::OnnxDim("batch") : test::OnnxDim(1)).write(scratch_ / "net.onnx");
    for (int start = 0; start < 2; ++start) {
      make_pool();
      EXPECT_EQ(made_ahead(2), 4U) << open_batch << start;
    }
  }
  fs::remove(scratch_ / "graphs.json");
  make_pool([](std::int64_t items) { return static_cast<double>(items); });
  EXPECT_EQ(made_ahead(2), 1U);  // it is tried
  make_pool([](std::int64_t items) { return static_cast<double>(items); });
  EXPECT_EQ(made_ahead(1), 1U);  // it was refused
}

TEST_F(BatchedOnGpu, WhatWasRunOneByOneIsNotLoadedAheadForSeveral) {
  scaled().write(scratch_ / "net.onnx");
  const std::vector<InputSpec> one{{"input", {1, 2}}};
  for (int start = 0; start < 2; ++start) {
    make_pool();
    const auto ahead = pool_->load_ahead({{"net", scratch_ / "net.onnx"}}, 0);
    pool_->open("test", {"net", scratch_ / "net.onnx"}, one);
  }
  EXPECT_EQ(units_->makes, 1);
}

// Of pictures, and of sources, a few runs are foretold.
TEST_F(BatchedOnGpu, AreAskedForWhereModelsRunOften) {
  make_pool();
  EXPECT_EQ(pool_->same_together(), Same::kClose);
  pool_->expect_runs(1);
  EXPECT_EQ(pool_->same_together(), Same::kBits);
  pool_->expect_runs(std::nullopt);
  EXPECT_EQ(pool_->same_together(), Same::kBits);
  options_.graph.mode = GraphMode::kOn;
  make_pool();
  pool_->expect_runs(1);
  EXPECT_EQ(pool_->same_together(), Same::kClose);
}

TEST_F(BatchedOnGpu, NumbersThatAreNoneAreEqualToo) {
  make_pool();
  const test::OnnxModel infinite{{{"input", {1, 2}}},
                                 {{"output", {1, 2}}},
                                 {{"Sub", {"input", "input"}, {"zero"}}, {"Div", {"input", "zero"}, {"output"}}}};
  EXPECT_EQ(open(infinite).for_parts(4).batch(), 4U);
}

TEST_F(BatchedOnGpu, ABrokenFileIsWrittenAnew) {
  make_pool();
  EXPECT_EQ(open(scaled()).for_parts(4).batch(), 4U);
  int files = 0;
  for (const fs::directory_entry& file : fs::directory_iterator(".caches/batch")) {
    fs::resize_file(file, file.file_size() / 2);
    ++files;
  }
  EXPECT_EQ(files, 1);
  make_pool();
  EXPECT_EQ(open_again().for_parts(4).batch(), 4U);
}

TEST_F(BatchedOnGpu, WithoutAPlaceForTheFileItemsGoOneByOne) {
  make_pool();
  std::ofstream(".caches") << "in the way";
  EXPECT_EQ(open(scaled()).for_parts(4).batch(), 1U);
  test::expect_names(trials().front().against, {"no place"});
}

TEST_F(BatchedOnGpu, PrecisionIsKept) {
  options_.precision = Precision::kFp16;
  make_pool();
  BatchedSession sessions = open(scaled());
  Session& four = sessions.for_parts(4);
  ASSERT_EQ(four.batch(), 4U);
  EXPECT_EQ(last_of(four), 4100);
  EXPECT_EQ(last_of(sessions.for_parts(1)), 1025);
}

}  // namespace
}  // namespace facegraph::runtime
