#include "runtime/pool/inference_pool.hpp"

#include <atomic>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/log.hpp"
#include "runtime/provider/providers.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

using core::ErrorCode;

std::atomic<int> loads{0};

// Counts what the pool says that it loaded.
void count_loads(core::LogLevel, const std::string& line) {
  loads += line.find(" loaded in ") == std::string::npos ? 0 : 1;
}

class PoolTest : public testing::Test {
 protected:
  void SetUp() override {
    const test::OnnxModel model{{{"input", {1}}}, {{"output", {1}}}, {{"Relu", {"input"}, {"output"}}}};
    model.write(scratch_ / "relu.onnx");
    loads = 0;
    core::set_log_level(core::LogLevel::kDebug);
    core::set_log_hook(count_loads);
  }
  void TearDown() override {
    core::set_log_hook(nullptr);
    core::set_log_level(core::LogLevel::kInfo);
  }
  Session open(const std::string& module, int device_id = 0) {
    return pool_.open(module, {"relu", scratch_ / "relu.onnx"}, inputs_, device_id);
  }

  test::Scratch scratch_;
  std::vector<InputSpec> inputs_{{"input", {1}}};
  InferencePool pool_{ExecutionOptions{}};
};

float relu(Session& session, float value) {
  session.input("input").as<float>()[0] = value;
  session.run();
  return session.output(0).as<float>()[0];
}

TEST(Providers, HoldTheCpu) {
  const std::vector<std::string> names = available_providers();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.back(), "cpu");
  EXPECT_FALSE(runtime_version().empty());
}

TEST(Providers, AnUnknownOneIsRefused) {
  ExecutionOptions options;
  options.providers = {"cpu", "warp_drive"};
  const std::string text = test::message_of(ErrorCode::kUsage, [&] { InferencePool pool(options); });
  test::expect_names(text, {"warp_drive", runtime_version()});
  for (const std::string& name : available_providers()) {
    test::expect_names(text, {name});
  }
}

TEST_F(PoolTest, SessionsOfOneKeyShareTheLoadedModel) {
  Session first = open("module");
  Session second = open("module");
  EXPECT_EQ(loads, 1);
  EXPECT_EQ(relu(first, 3), 3);
  EXPECT_EQ(relu(first, -3), 0);
  EXPECT_EQ(relu(second, 4), 4);
  const std::vector<ModelUse> use = pool_.use();
  ASSERT_EQ(use.size(), 1U);
  EXPECT_EQ(use.front().name, "relu");
  EXPECT_EQ(use.front().runs, 3);
  EXPECT_GT(use.front().cpu_seconds, 0);
  EXPECT_GT(use.front().load_seconds, 0);
}

TEST_F(PoolTest, ModuleAndDeviceArePartOfTheKey) {
  const Session first = open("module");
  const Session other_module = open("other");
  const Session other_device = open("module", 1);
  EXPECT_EQ(loads, 3);
  EXPECT_EQ(pool_.use().size(), 3U);
}

TEST_F(PoolTest, ReleaseForgetsOneModule) {
  Session kept = open("module");
  const Session other = open("other");
  pool_.release("module");
  EXPECT_EQ(pool_.use().size(), 1U);
  EXPECT_EQ(relu(kept, 5), 5);  // an open session keeps its model alive
  const Session again = open("module");
  EXPECT_EQ(loads, 3);
  EXPECT_EQ(pool_.use().size(), 2U);
}

TEST_F(PoolTest, SessionsOutliveThePool) {
  std::optional<InferencePool> pool(std::in_place, ExecutionOptions{});
  Session session = pool->open("module", {"relu", scratch_ / "relu.onnx"}, inputs_);
  pool.reset();
  EXPECT_EQ(relu(session, 2), 2);
}

TEST_F(PoolTest, ThreadsThatOpenAtOnceLoadOnce) {
  constexpr int kThreads = 8;
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Session session = open("module");
      right += relu(session, static_cast<float>(i)) == static_cast<float>(i) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(loads, 1);
  EXPECT_EQ(right, kThreads);
  ASSERT_EQ(pool_.use().size(), 1U);
  EXPECT_EQ(pool_.use().front().runs, kThreads);
}

TEST_F(PoolTest, AFailedLoadIsNoModelAndMayBeTriedAgain) {
  const ModelSource late{"late", scratch_ / "late.onnx"};
  test::message_of(ErrorCode::kFailed, [&] { pool_.open("module", late, inputs_); });
  EXPECT_TRUE(pool_.use().empty());
  std::filesystem::copy_file(scratch_ / "relu.onnx", late.path);
  Session session = pool_.open("module", late, inputs_);
  EXPECT_EQ(relu(session, 6), 6);
}

}  // namespace
}  // namespace facegraph::runtime
