#include "runtime/graph/units_ahead.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/graph/test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

const std::vector<std::string> kNames{"detector", "landmarker", "recognizer", "swapper", "parser", "enhancer"};

class UnitsAheadTest : public testing::Test {
 protected:
  UnitsAheadTest() { models_.gpu = &gpu_; }
  static ModelSource source(const std::string& name) { return {name, fmt::format("{}.onnx", name)}; }
  static std::vector<ModelSource> sources() {
    std::vector<ModelSource> list;
    for (const std::string& name : kNames) {
      list.push_back(source(name));
    }
    return list;
  }
  void begin() {
    ahead_.begin(lane_, sources(), [](const ModelSource& model) { return WantedUnit{model, {.graph = true}}; });
  }
  void begin_and_wait_for_all() {
    begin();
    wait_for(kNames.size());
  }
  // Each model's file for several, too.
  void begin_for_several() {
    ahead_.begin(
        lane_, sources(),
        [](const ModelSource& model) {
          return WantedUnit{model, {.graph = true}};
        },
        [](const ModelSource& model, const DeclaredModel& one) -> std::optional<WantedUnit> {
          return one.inputs.empty() ? std::nullopt : std::optional(WantedUnit{for_several(model), {.graph = true}});
        });
  }
  static ModelSource for_several(const ModelSource& model) {
    return {model.name, std::filesystem::path(".caches/batch") / model.path};
  }
  void wait_for(std::size_t made) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (models_.count("make graph") < static_cast<std::ptrdiff_t>(made) && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    ASSERT_EQ(models_.count("make graph"), made);
  }

  device::FakeGpu gpu_;
  FakeModels models_;
  std::shared_ptr<Lane> lane_ = std::make_shared<Lane>(gpu_);
  UnitsAhead ahead_{std::make_shared<FakeUnitMaker>(models_)};
};

// The first two wait for each other: they can only be made at the same time.
TEST_F(UnitsAheadTest, AreMadeSideBySide) {
  if (std::thread::hardware_concurrency() < 2) {
    GTEST_SKIP() << "one core makes one at a time";
  }
  std::atomic<int> begun{0};
  models_.before = [&](const std::string& step) {
    if (step == "make graph" && ++begun < 3) {
      while (begun < 2) {
        std::this_thread::yield();
      }
    }
  };
  begin();
  for (const std::string& name : kNames) {
    EXPECT_TRUE(ahead_.make(source(name), *lane_, {.graph = true}));
  }
  ahead_.end();
  EXPECT_EQ(models_.count("make graph"), 6);  // each once, whoever made it
  EXPECT_GE(gpu_.bound.size(), 2U);
}

TEST_F(UnitsAheadTest, WhatNobodyAskedForIsDroppedAndNotMadeForTheNextLane) {
  begin();
  const auto taken = ahead_.make(source("swapper"), *lane_, {.graph = true});
  ahead_.end();
  EXPECT_EQ(gpu_.memory().total - gpu_.memory().free, FakeModels::kModelBytes);
  models_.forget_steps();
  begin();
  ahead_.make(source("swapper"), *lane_, {.graph = true});
  ahead_.end();
  EXPECT_EQ(models_.count("make graph"), 1);
}

TEST_F(UnitsAheadTest, AnotherKindIsMadeAnew) {
  begin_and_wait_for_all();
  const auto plain = ahead_.make(source("swapper"), *lane_, {.graph = false});
  EXPECT_EQ(models_.count("make plain"), 1);
  const auto second = ahead_.make(source("swapper"), *lane_, {.graph = true});  // the one ahead is gone
  EXPECT_TRUE(plain && second);
  ahead_.end();
  EXPECT_EQ(gpu_.memory().total - gpu_.memory().free, 2 * FakeModels::kModelBytes);
}

TEST_F(UnitsAheadTest, AnotherFileOfTheModelIsMadeAnew) {
  begin_and_wait_for_all();
  EXPECT_TRUE(ahead_.make({"swapper", ".caches/fp16/swapper.onnx"}, *lane_, {.graph = true}));
  ahead_.end();
  EXPECT_EQ(models_.count("make graph"), 7);
  EXPECT_EQ(gpu_.memory().free, gpu_.memory().total);
}

TEST_F(UnitsAheadTest, ThoseForSeveralItemsAreFoundByTheirFile) {
  begin_for_several();
  wait_for(2 * kNames.size());
  models_.forget_steps();
  std::vector<std::unique_ptr<Unit>> units;
  for (const std::string& name : kNames) {
    const bool one_first = name < "m";
    for (const bool one : {one_first, !one_first}) {
      units.push_back(ahead_.make(one ? source(name) : for_several(source(name)), *lane_, {.graph = true}));
      EXPECT_TRUE(units.back());
    }
  }
  EXPECT_TRUE(models_.steps().empty());
  ahead_.end();
  EXPECT_EQ(gpu_.memory().total - gpu_.memory().free, 2 * kNames.size() * FakeModels::kModelBytes);
}

TEST_F(UnitsAheadTest, OneFileMayBeForOneItemAndForSeveral) {
  ahead_.begin(
      lane_, {source("detector")},
      [](const ModelSource& model) {
        return WantedUnit{model, {.graph = true}};
      },
      [](const ModelSource& model, const DeclaredModel&) {
        return WantedUnit{model, {.graph = true}};
      });
  wait_for(2);
  const auto one = ahead_.make(source("detector"), *lane_, {.graph = true});
  const auto several = ahead_.make(source("detector"), *lane_, {.graph = true});
  EXPECT_TRUE(one && several);
  ahead_.end();
  EXPECT_EQ(models_.count("make graph"), 2);
}

TEST_F(UnitsAheadTest, WhatNobodyRunsSeveralOfIsMadeForOneOnlyForTheNextLane) {
  begin_for_several();
  wait_for(2 * kNames.size());
  for (const std::string& name : kNames) {
    ahead_.make(source(name), *lane_, {.graph = true});
  }
  ahead_.end();
  EXPECT_EQ(gpu_.memory().free, gpu_.memory().total);
  models_.forget_steps();
  begin_for_several();
  wait_for(kNames.size());
  for (const std::string& name : kNames) {
    ahead_.make(source(name), *lane_, {.graph = true});
  }
  ahead_.end();
  EXPECT_EQ(models_.count("make graph"), kNames.size());
}

TEST_F(UnitsAheadTest, WhatFailsAheadIsTriedAgainAndSaysWhy) {
  std::atomic<int> left{1};
  models_.before = [&](const std::string&) {
    if (left-- > 0) {
      core::fail(core::ErrorCode::kOutOfMemory, "the memory is full");
    }
  };
  ahead_.begin(lane_, {source("swapper")}, [](const ModelSource& model) { return WantedUnit{model, {.graph = true}}; });
  while (models_.count("make graph") == 0) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(ahead_.make(source("swapper"), *lane_, {.graph = true}));
  left = 10;
  test::expect_names(
      test::message_of(core::ErrorCode::kOutOfMemory, [&] { ahead_.make(source("parser"), *lane_, {.graph = true}); }),
      {"the memory is full"});
  ahead_.end();
}

// A plain one's first run is made beside the others; a capture is not.
TEST_F(UnitsAheadTest, APlainOneWaitsForItselfOnly) {
  constexpr UnitKind kPlain{.kernels = Kernels::kHeuristic};
  std::atomic<bool> is_made{false};
  std::atomic<int> begun{0};
  models_.before = [&](const std::string&) {
    if (++begun == 1) {
      while (!is_made) {
        std::this_thread::yield();
      }
    }
  };
  ahead_.begin(lane_, {source("detector")}, [=](const ModelSource& model) { return WantedUnit{model, kPlain}; });
  while (begun < 1) {
    std::this_thread::yield();
  }
  const auto wanted = ahead_.make(source("swapper"), *lane_, kPlain);  // while the detector is in work
  is_made = true;
  EXPECT_TRUE(wanted);
  ahead_.end();
}

TEST_F(UnitsAheadTest, LanesHaveTheirOwn) {
  std::vector<std::thread> lanes;
  for (int i = 0; i < 4; ++i) {
    lanes.emplace_back([this] {
      const auto lane = std::make_shared<Lane>(gpu_);
      ahead_.begin(lane, sources(), [](const ModelSource& model) { return WantedUnit{model, {.graph = true}}; });
      for (const std::string& name : kNames) {
        EXPECT_TRUE(ahead_.make(source(name), *lane, {.graph = true}));
      }
      ahead_.end();
    });
  }
  for (std::thread& lane : lanes) {
    lane.join();
  }
  EXPECT_EQ(models_.count("make graph"), 4 * 6);
  EXPECT_EQ(gpu_.memory().free, gpu_.memory().total);
  EXPECT_EQ(gpu_.streams, 1);
}

// The pool knows how each will be opened: what is loaded ahead is what the lane then takes.
TEST_F(UnitsAheadTest, ThePoolLoadsThemAsTheyWillBeOpened) {
  const test::Scratch scratch;
  ExecutionOptions options;
  options.providers = {"cuda"};
  InferencePool pool(options, {[this](int) -> device::Gpu& { return gpu_; }, std::make_shared<FakeUnitMaker>(models_),
                               std::make_shared<GraphRecords>(scratch / "graphs.json", "this machine")});
  const std::vector<InputSpec> inputs{{"input", {4}}};
  for (const std::int64_t runs : {1000, 1}) {
    models_.forget_steps();
    pool.expect_runs(runs);
    {
      const auto ahead = pool.load_ahead(sources(), 0);
      for (const std::string& name : kNames) {
        Session session = pool.open("module", source(name), inputs);
        session.run();
      }
    }
    pool.release_lanes();
    EXPECT_EQ(models_.count(runs == 1 ? "make heuristic" : "make graph"), 6);
    EXPECT_EQ(models_.count("make plain"), 0);
    EXPECT_EQ(gpu_.memory().free, gpu_.memory().total);
  }
}

// What options name, but no lane opens: the next start knows.
TEST_F(UnitsAheadTest, ThePoolLoadsWhatEarlierRunsOpened) {
  const test::Scratch scratch;
  const std::vector<InputSpec> inputs{{"input", {4}}};
  for (const Precision precision : {Precision::kTf32, Precision::kAuto}) {
    for (const bool first : {true, false}) {
      ExecutionOptions options;
      options.providers = {"cuda"};
      options.precision = precision;
      InferencePool pool(options,
                         {[this](int) -> device::Gpu& { return gpu_; }, std::make_shared<FakeUnitMaker>(models_),
                          std::make_shared<GraphRecords>(scratch / fmt::format("{}.json", name_of(precision)), "one")});
      pool.expect_runs(1000);
      models_.forget_steps();
      {
        const auto ahead = pool.load_ahead(sources(), 0);
        const auto made = [&] { return models_.steps().size(); };
        const std::size_t expected = first ? (precision == Precision::kAuto ? 0 : kNames.size()) : 2;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (made() < expected && std::chrono::steady_clock::now() < end) {
          std::this_thread::yield();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        EXPECT_EQ(made(), expected) << name_of(precision);
        for (const char* name : {"detector", "swapper"}) {
          pool.open("module", source(name), inputs).run();
        }
        EXPECT_EQ(pool.started_from_cache(), !first);
      }
      pool.release_lanes();
    }
  }
}

TEST_F(UnitsAheadTest, ThePoolLoadsAllWhereAllAreOpened) {
  const test::Scratch scratch;
  const std::vector<InputSpec> inputs{{"input", {4}}};
  ExecutionOptions options;
  options.providers = {"cuda"};
  InferencePool pool(options, {[this](int) -> device::Gpu& { return gpu_; }, std::make_shared<FakeUnitMaker>(models_),
                               std::make_shared<GraphRecords>(scratch / "graphs.json", "this machine")});
  pool.expect_runs(1000);
  pool.open("module", source("swapper"), inputs).run();  // known from now on
  pool.release_lanes();
  pool.expect_runs(1);
  models_.forget_steps();
  {
    const auto ahead = pool.load_ahead(sources(), 0, Opens::kAll);
    for (const std::string& name : kNames) {
      pool.open("module", source(name), inputs).run();
    }
  }
  EXPECT_EQ(models_.count("make heuristic"), kNames.size());
  EXPECT_EQ(models_.steps().size(), 2 * kNames.size());
}

}  // namespace
}  // namespace facegraph::runtime
