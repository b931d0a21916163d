#include "runtime/optimised/optimised_models.hpp"

#include <algorithm>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/log.hpp"
#include "runtime/optimised/stamp.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

std::atomic<int> warnings{0};

void count_warnings(core::LogLevel level, const std::string&) {
  warnings += level == core::LogLevel::kWarn ? 1 : 0;
}

// Caches lie in the working folder.
class OptimisedTest : public testing::Test {
 protected:
  OptimisedTest() : before_(fs::current_path()) {
    fs::current_path(scratch_ / "");
    warnings = 0;
    core::set_log_hook(count_warnings);
  }
  ~OptimisedTest() override {
    core::set_log_hook(nullptr);
    fs::current_path(before_);
  }

  // A convolution with weights that are large enough for a file of their own, and a factor that can be folded into
  // them. The model is known by the checksum that lies beside it.
  static ModelSource write_model(const std::string& name, float scale, const std::string& checksum) {
    std::vector<float> weights(16 * 3 * 3 * 3);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i] = scale * static_cast<float>(i % 17) - 3;
    }
    test::OnnxModel{{{"input", {1, 3, 32, 32}}},
                    {{"output", {1, 16, 30, 30}}},
                    {{"Conv", {"input", "weights"}, {"sum"}},
                     {"Mul", {"sum", "factor"}, {"product"}},
                     {"Relu", {"product"}, {"output"}}},
                    {test::constant("weights", {16, 3, 3, 3}, weights), test::constant("factor", {1}, {0.3F})}}
        .write(name + ".onnx");
    std::ofstream(name + ".hash") << checksum;
    return {.name = name, .path = name + ".onnx"};
  }
  static ExecutionOptions options(std::uintmax_t bytes = 1 << 20U) {
    ExecutionOptions options;
    options.optimised_bytes = bytes;
    return options;
  }
  // The model's output on some picture, and whether the start was from the cache.
  struct Start {
    std::vector<float> output;
    bool from_cache = false;
  };
  static Start start(const ModelSource& model, std::uintmax_t bytes = 1 << 20U) {
    InferencePool pool(options(bytes));
    Session session = pool.open("module", model, std::vector<InputSpec>{{"input", {1, 3, 32, 32}}});
    const auto input = session.input("input").as<float>();
    for (std::size_t i = 0; i < input.size(); ++i) {
      input[i] = static_cast<float>(i % 251) / 251;
    }
    session.run();
    const auto output = session.output(0).as<const float>();
    return {{output.begin(), output.end()}, pool.started_from_cache()};
  }
  static std::vector<fs::path> kept() {
    std::vector<fs::path> folders;
    if (fs::is_directory(OptimisedModels::kStandardFolder)) {
      for (const auto& entry : fs::directory_iterator(OptimisedModels::kStandardFolder)) {
        folders.push_back(entry.path());
      }
    }
    return folders;
  }

  test::Scratch scratch_;
  fs::path before_;
};

TEST_F(OptimisedTest, TheSecondStartOpensWhatTheFirstOneKept) {
  const ModelSource model = write_model("net", 1, "00000001");
  const Start plain = start(model, 0);
  EXPECT_FALSE(plain.from_cache);
  EXPECT_FALSE(fs::exists(".caches"));
  const Start cold = start(model);
  EXPECT_FALSE(cold.from_cache);
  EXPECT_EQ(cold.output, plain.output);
  ASSERT_EQ(kept().size(), 1U);
  EXPECT_TRUE(fs::exists(kept().front() / "model.data"));
  std::ofstream("net.onnx") << "not opened any more";
  const Start cached = start(model);
  EXPECT_TRUE(cached.from_cache);
  EXPECT_EQ(cached.output, plain.output);
}

TEST_F(OptimisedTest, AChangedModelIsAnotherOne) {
  const Start one = start(write_model("net", 1, "00000001"));
  const Start other = start(write_model("net", 2, "00000002"));
  EXPECT_FALSE(other.from_cache);
  EXPECT_NE(other.output, one.output);
  EXPECT_EQ(other.output, start(write_model("net", 2, "00000002"), 0).output);
  EXPECT_EQ(kept().size(), 2U);
}

// What a broken disk, another program or a full disk may leave.
class BrokenCache : public OptimisedTest, public testing::WithParamInterface<const char*> {};

TEST_P(BrokenCache, IsWrittenAnewAndChangesNothing) {
  const ModelSource model = write_model("net", 1, "00000001");
  const Start cold = start(model);
  const fs::path folder = kept().front();
  const std::string damage = GetParam();
  if (damage == "shorter weights" || damage == "shorter model" || damage == "no weights left") {
    const fs::path file = folder / (damage == "shorter model" ? "model.onnx" : "model.data");
    fs::resize_file(file, damage == "no weights left" ? 0 : fs::file_size(file) / 2);
  } else if (damage == "changed weight") {
    std::fstream file(folder / "model.data", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100) << 'x';
  } else if (damage == "weights gone") {
    fs::remove(folder / "model.data");
  } else if (damage == "stamp gone") {
    fs::remove(folder / "stamp");
  } else if (damage == "one file more") {
    std::ofstream(folder / "more") << "more";
  } else {
    fs::remove_all(folder);
    std::ofstream(folder) << "a file in the folder's place";
  }
  const Start again = start(model);
  EXPECT_FALSE(again.from_cache);
  EXPECT_EQ(again.output, cold.output);
  EXPECT_EQ(kept(), std::vector<fs::path>{folder});
  EXPECT_TRUE(start(model).from_cache);
  EXPECT_EQ(start(model).output, cold.output);
  EXPECT_EQ(warnings, 0);
}

INSTANTIATE_TEST_SUITE_P(Damage, BrokenCache,
                         testing::Values("shorter weights", "shorter model", "no weights left", "changed weight",
                                         "weights gone", "stamp gone", "one file more", "file in its place"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

TEST_F(OptimisedTest, WhatCannotBeOpenedThoughItIsStampedGivesWayToTheModel) {
  const ModelSource model = write_model("net", 1, "00000001");
  const Start cold = start(model);
  const fs::path folder = kept().front();
  fs::resize_file(folder / "model.data", 100);
  stamp(folder);
  const Start again = start(model);
  EXPECT_FALSE(again.from_cache);
  EXPECT_EQ(again.output, cold.output);
  EXPECT_TRUE(kept().empty());
  EXPECT_EQ(start(model).output, cold.output);
  EXPECT_TRUE(start(model).from_cache);
}

TEST_F(OptimisedTest, WithoutAPlaceTheModelsThemselvesRunAndTheUserIsToldOnce) {
  std::ofstream(".caches") << "in the way";
  const ModelSource one = write_model("one", 1, "00000001");
  const ModelSource two = write_model("two", 2, "00000002");
  InferencePool pool(options());
  const std::vector<InputSpec> inputs{{"input", {1, 3, 32, 32}}};
  EXPECT_NO_THROW(pool.open("module", one, inputs));
  EXPECT_NO_THROW(pool.open("module", two, inputs));
  EXPECT_EQ(warnings, 1);
  EXPECT_FALSE(pool.started_from_cache());
}

TEST_F(OptimisedTest, ABrokenModelIsTheModelsError) {
  std::ofstream("net.onnx") << "no model";
  const std::string text = test::message_of(ErrorCode::kFailed, [] { start({.name = "net", .path = "net.onnx"}); });
  test::expect_names(text, {"net.onnx cannot be loaded as a model"});
  EXPECT_TRUE(kept().empty());
  EXPECT_EQ(warnings, 0);
}

// What lies in a folder is made by a function that counts.
class KeptTest : public OptimisedTest {
 protected:
  std::unique_ptr<OptimisedModels> models(std::uintmax_t bytes = 1000, const std::string& machine = "machine") {
    return std::make_unique<OptimisedModels>("kept", bytes, machine, [this](const ModelSource&, const fs::path& onnx) {
      ++written_;
      std::ofstream(onnx) << std::string(100, 'x');
      if (fails_) {
        core::fail(ErrorCode::kFailed, "the words of ONNX Runtime");
      }
    });
  }
  static ModelSource model(const std::string& name) {
    std::ofstream(name + ".onnx") << name;
    return {.name = name, .path = name + ".onnx"};
  }
  static std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator("kept")) {
      const std::string name = entry.path().filename().string();
      names.push_back(entry.path().extension() == ".part" ? name : name.substr(0, name.rfind('-')));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::atomic<int> written_{0};
  bool fails_ = false;
};

using Names = std::vector<std::string>;

TEST_F(KeptTest, AnotherMachineHasItsOwn) {
  const ModelSource net = model("net");
  EXPECT_TRUE(models(1000, "ONNX Runtime 1.31.1")->find(net).optimised);
  EXPECT_TRUE(models(1000, "ONNX Runtime 1.32.0")->find(net).optimised);
  EXPECT_EQ(written_, 2);
  EXPECT_EQ(names(), (Names{"net", "net"}));
  models(1000, "ONNX Runtime 1.31.1")->find(net);
  EXPECT_EQ(written_, 2);
}

TEST_F(KeptTest, FoldersOfModelsWithAScopeLieBesideTheOthers) {
  fs::create_directory("scope");
  EXPECT_TRUE(models()->find(model("scope/net")).optimised);
  EXPECT_EQ(names(), Names{"scope-net"});
}

TEST_F(KeptTest, PrepareMakesThemBeforeTheyAreAskedFor) {
  const auto kept = models();
  kept->prepare({model("a"), model("b"), model("c"), {.name = "none", .path = "none.onnx"}});
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_TRUE(kept->find({.name = name, .path = std::string(name) + ".onnx"}).optimised);
  }
  EXPECT_EQ(written_, 3);
  EXPECT_EQ(kept->missing(), 3);
}

TEST_F(KeptTest, ThreadsThatAskAtOnceMakeItOnce) {
  const auto kept = models();
  const ModelSource net = model("net");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(kept->find(net).optimised); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(written_, 1);
}

TEST_F(KeptTest, ProcessesThatMakeItAtOnceLeaveOneWholeOne) {
  const ModelSource net = model("net");
  fs::remove(models()->find(net).path);  // they find a broken one
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    children.push_back(fork());
    ASSERT_GE(children.back(), 0);
    if (children.back() == 0) {
      bool good = true;
      for (int round = 0; round < 20; ++round) {
        good = good && models()->find(net).optimised;
      }
      _exit(good ? 0 : 1);
    }
  }
  for (const pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_TRUE(models()->find(net).optimised);
  EXPECT_EQ(names(), Names{"net"});
}

TEST_F(KeptTest, TheLongestUnusedLeavesFirst) {
  const auto kept = models(450);  // three with their stamps
  for (const char* name : {"a", "b", "c"}) {
    kept->find(model(name));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the file system's clock is coarse
  }
  models(450)->find(model("a"));  // in a later run
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  kept->find(model("d"));
  EXPECT_EQ(names(), (Names{"a", "c", "d"}));
}

TEST_F(KeptTest, WhatIsLargerThanEverythingThatMayBeKeptIsNotMade) {
  std::ofstream("net.onnx") << std::string(2000, 'x');
  EXPECT_FALSE(models()->find({.name = "net", .path = "net.onnx"}).optimised);
  EXPECT_EQ(written_, 0);
}

TEST_F(KeptTest, AFailureLeavesNothingBehind) {
  fails_ = true;
  const auto kept = models();
  const ModelSource net = model("net");
  EXPECT_FALSE(kept->find(net).optimised);
  EXPECT_EQ(names(), Names{});
  kept->tell(net);
  kept->tell(net);
  EXPECT_EQ(warnings, 1);
}

TEST_F(KeptTest, WhatAKilledProcessBeganIsTidiedUp) {
  fs::create_directories("kept/old-0123456789abcdef.1.4194305.part");  // no process has a number that high
  const std::string working = "kept/new-0123456789abcdef.1." + std::to_string(getpid()) + ".part";
  fs::create_directories(working);
  models()->find(model("net"));
  EXPECT_FALSE(fs::exists("kept/old-0123456789abcdef.1.4194305.part"));
  EXPECT_TRUE(fs::exists(working));
}

}  // namespace
}  // namespace facegraph::runtime
