#include "runtime/precision/rewritten_model.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "runtime/pool/inference_pool.hpp"
#include "runtime/records/content_key.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

namespace fs = std::filesystem;

// The cache lies in the working folder.
class RewrittenModelTest : public testing::Test {
 protected:
  RewrittenModelTest() : before_(fs::current_path()) { fs::current_path(scratch_ / ""); }
  ~RewrittenModelTest() override { fs::current_path(before_); }

  // input (op) 1.001, which is 1 + 1/1024 in half precision.
  static ModelSource write_model(const char* op) {
    const std::string weight = test::raw_bytes(std::vector<float>{1.001F});
    test::OnnxModel{{{"input", {1}}},
                    {{"output", {1}}},
                    {{op, {"input", "weight"}, {"output"}}},
                    {{"weight", {1}, test::OnnxType::kFloat, weight}}}
        .write("net.onnx");
    return {"net", "net.onnx"};
  }
  static float run(const ModelSource& model, float value) {
    ExecutionOptions options;
    options.precision = Precision::kFp16;
    InferencePool pool(options);
    Session session = pool.open("module", model, std::vector<InputSpec>{{"input", {1}}});
    session.input("input").as<float>()[0] = value;
    session.run();
    return session.output(0).as<const float>()[0];
  }
  static int cached_files() {
    return static_cast<int>(std::distance(fs::directory_iterator(".caches/fp16"), fs::directory_iterator()));
  }

  test::Scratch scratch_;
  fs::path before_;
};

TEST_F(RewrittenModelTest, IsWrittenOnceAndForFp16Only) {
  const ModelSource model = write_model("Mul");
  EXPECT_EQ(rewritten_model(model, Precision::kTf32).path, model.path);
  EXPECT_FALSE(fs::exists(".caches"));
  EXPECT_EQ(run(model, 1024), 1025);
  const fs::path cached = rewritten_model(model, Precision::kFp16).path;
  EXPECT_EQ(rewritten_model(model, Precision::kFp16).contents, content_key(model.path));  // known by its origin
  const auto written = fs::last_write_time(cached);
  EXPECT_EQ(run(model, 1024), 1025);
  EXPECT_EQ(fs::last_write_time(cached), written);
  EXPECT_EQ(cached_files(), 1);
}

TEST_F(RewrittenModelTest, NetworksThatDecideKeepTheirNumbers) {
  const ModelSource model = write_model("Mul");
  EXPECT_NEAR(run({.name = model.name, .path = model.path, .role = Role::kDecides}, 1024), 1025.024F, 1e-3);
  EXPECT_EQ(run(model, 1024), 1025);
}

TEST_F(RewrittenModelTest, AChangedModelIsRewrittenAnew) {
  const ModelSource model = write_model("Mul");
  std::ofstream("net.hash") << "00000001";
  EXPECT_EQ(run(model, 1024), 1025);
  write_model("Add");
  std::ofstream("net.hash") << "00000002";
  EXPECT_EQ(run(model, 0), 1.0009765625F);
}

TEST_F(RewrittenModelTest, ABrokenCacheIsWrittenAnew) {
  const ModelSource model = write_model("Mul");
  const fs::path cached = rewritten_model(model, Precision::kFp16).path;
  fs::resize_file(cached, fs::file_size(cached) / 2);
  EXPECT_EQ(run(model, 1024), 1025);
  EXPECT_EQ(cached_files(), 1);
}

TEST_F(RewrittenModelTest, IsWrittenAgainWhenSomebodyEmptiedTheFolder) {
  const ModelSource model = write_model("Mul");
  const std::vector<InputSpec> one{{"input", {1, 1}}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(fs::exists(rewritten_model(model, Precision::kFp16).path));
    EXPECT_TRUE(fs::exists(with_open_batch(model, one).path));
    fs::remove_all(".caches");
  }
}

TEST_F(RewrittenModelTest, WithoutAPlaceForItTheModelItselfRuns) {
  const ModelSource model = write_model("Mul");
  std::ofstream(".caches") << "in the way";
  EXPECT_EQ(rewritten_model(model, Precision::kFp16).path, model.path);
  EXPECT_NEAR(run(model, 1024), 1025.024F, 1e-3);
}

}  // namespace
}  // namespace facegraph::runtime
