#include "app/cli/model_commands.hpp"

#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "app/cli/command_line.hpp"
#include "device/gpu/test_support.hpp"
#include "runtime/records/graph_records.hpp"
#include "support/scratch.hpp"

namespace facegraph::app {
namespace {

namespace fs = std::filesystem;

class ModelsCommandTest : public testing::Test {
 protected:
  ModelsCommandTest() : before_(fs::current_path()) { fs::current_path(scratch_.folder()); }
  ~ModelsCommandTest() override { fs::current_path(before_); }

  // As a run on one of this machine's GPUs leaves it.
  void note(const std::string& model, const std::string& inputs, runtime::GraphState state,
            const std::string& reason = "", const std::string& machine = runtime::this_machine(),
            const std::vector<runtime::Candidate>& candidates = {}) {
    runtime::GraphReport report;
    report.state = state;
    report.reason = reason;
    report.candidates = candidates;
    report.form = candidates.empty() ? runtime::Form{} : candidates.back().form;
    const device::FakeGpu gpu;
    runtime::GraphRecords(runtime::GraphRecords::kStandardPath, machine)
        .note(runtime::graph_key({model, scratch_ / (model + ".onnx")}, inputs, gpu, {}), report);
  }
  // The row of a model, or "".
  static std::string row(const std::string& model) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(run_command_line({"models"}), 0);
    std::stringstream lines(testing::internal::GetCapturedStdout());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(model + " ")) {
        return line;
      }
    }
    return {};
  }

  test::Scratch scratch_;
  fs::path before_;
  test::ScopedVariable models_{"FACEGRAPH_MODELS_PATH", scratch_.folder().string()};
};

TEST_F(ModelsCommandTest, TellsWhatWasCaptured) {
  using enum runtime::GraphState;
  scratch_.write("inswapper_128.onnx", "weights");
  note("inswapper_128", "input 1", kCaptured);
  note("inswapper_128", "input 2", kRefused, "it is too large");
  note("edtalk_256", "input 1", kRefused, "it holds If");
  note("gfpgan_1.4", "input 1", kCaptured, "", "another machine");
  EXPECT_TRUE(row("name").ends_with(" installed  captured")) << row("name");
  EXPECT_TRUE(row("inswapper_128").ends_with(" captured")) << row("inswapper_128");
  EXPECT_TRUE(row("edtalk_256").ends_with(" refused: it holds If")) << row("edtalk_256");
  EXPECT_TRUE(row("gfpgan_1.4").ends_with(" missing    -")) << row("gfpgan_1.4");
  note("inswapper_128", "input 3", kCaptured, "", runtime::this_machine(),
       {{{}, 20}, {{runtime::Precision::kFp16, true}, 10}});
  EXPECT_TRUE(row("inswapper_128").ends_with(" captured, auto takes fp16 nhwc")) << row("inswapper_128");
  scratch_.write("inswapper_128.onnx", "other weights");
  EXPECT_TRUE(row("inswapper_128").ends_with(" -")) << row("inswapper_128");
}

TEST_F(ModelsCommandTest, NamesRoleLicenceAndWhetherItIsInstalled) {
  const std::string embedded = row("embedded_detector");
  test::expect_names(embedded, {"face_detector", "Apache-2.0", " installed"});
  test::expect_names(row("scrfd_2.5g"), {"face_detector", " missing"});
}

}  // namespace
}  // namespace facegraph::app
