#include "runtime/records/graph_records.hpp"

#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/log.hpp"
#include "device/gpu/test_support.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines;
void keep_line(core::LogLevel level, const std::string& line) {
  EXPECT_EQ(level, core::LogLevel::kDebug) << line;
  lines.push_back(line);
}

class GraphRecordsTest : public testing::Test {
 protected:
  void SetUp() override {
    lines.clear();
    core::set_log_level(core::LogLevel::kDebug);
    core::set_log_hook(keep_line);
  }
  void TearDown() override {
    core::set_log_hook(nullptr);
    core::set_log_level(core::LogLevel::kInfo);
  }
  GraphRecords open(const std::string& machine = "this") { return {file_, machine}; }
  GraphKey key(const std::string& name, const std::string& inputs = "input 4") {
    return graph_key({name, name + ".onnx"}, inputs, gpu_, form_);
  }
  static GraphReport report(GraphState state, const std::string& reason = "") {
    GraphReport report;
    report.model = "net";
    report.state = state;
    report.reason = reason;
    return report;
  }
  int part_files() const {
    return static_cast<int>(std::count_if(fs::directory_iterator(file_.parent_path()), fs::directory_iterator(),
                                          [](const auto& entry) { return entry.path().extension() == ".part"; }));
  }

  test::Scratch scratch_;
  fs::path file_ = scratch_ / ".caches" / "graphs.json";
  device::FakeGpu gpu_;
  Form form_;
};

TEST_F(GraphRecordsTest, KeepsEveryFigure) {
  GraphReport written;
  written.model = "net";
  written.shapes = "input 1x3x4x4";
  written.device_id = 1;
  written.state = GraphState::kCaptured;
  written.bit_identical = true;
  written.deterministic = false;
  written.kernels = Kernels::kDeterministic;
  written.form = {Precision::kFp16, true};
  written.candidates = {{{}, 20, 0, ""}, {written.form, 10, 0.001, ""}, {{.fused = true}, 0, 0, "it \"holds\" If"}};
  written.load_seconds = 0.1;
  written.warm_up_seconds = 0.2;
  written.plain_us = 3488.25;
  written.replay_us = 3023.5;
  written.enqueue_plain_us = 812;
  written.enqueue_replay_us = 11;
  written.capture_ms = 42;
  written.device_bytes = std::int64_t{5} << 32U;
  written.graph_bytes = 77;
  const std::vector<BatchTrial> batches{{2, 800, 2e-6, "", 0.001}, {4, 0, 0, "it \"holds\" If", 0.001}};
  open().note(key("net"), written);
  for (const BatchTrial& trial : batches) {
    open().note_batch(key("net"), trial);
  }
  const std::optional<GraphReport> read = open().find(key("net"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->batches, batches);
  EXPECT_EQ(read->model, written.model);
  EXPECT_EQ(read->shapes, written.shapes);
  EXPECT_EQ(read->device_id, 1);
  EXPECT_EQ(read->state, GraphState::kCaptured);
  EXPECT_EQ(read->bit_identical, true);
  EXPECT_EQ(read->deterministic, false);
  EXPECT_EQ(read->kernels, Kernels::kDeterministic);
  EXPECT_EQ(read->form, written.form);
  ASSERT_EQ(read->candidates.size(), 3U);
  EXPECT_EQ(read->candidates[1].form, written.form);
  EXPECT_EQ(read->candidates[1].replay_us, 10);
  EXPECT_EQ(read->candidates[1].difference, 0.001);
  EXPECT_EQ(read->candidates[2].against, "it \"holds\" If");
  EXPECT_EQ(read->load_seconds, 0.1);
  EXPECT_EQ(read->warm_up_seconds, 0.2);
  EXPECT_EQ(read->plain_us, 3488.25);
  EXPECT_EQ(read->replay_us, 3023.5);
  EXPECT_EQ(read->enqueue_plain_us, 812);
  EXPECT_EQ(read->enqueue_replay_us, 11);
  EXPECT_EQ(read->capture_ms, 42);
  EXPECT_EQ(read->device_bytes, written.device_bytes);
  EXPECT_EQ(read->graph_bytes, 77);
  open().note(key("net", "input 8"), report(GraphState::kRefused, "it \"holds\"\nIf \xff"));
  EXPECT_EQ(open().find(key("net", "input 8"))->reason, "it \"holds\"\nIf \xEF\xBF\xBD");
  EXPECT_FALSE(open().find(key("net", "input 8"))->bit_identical);
  EXPECT_TRUE(lines.empty());
}

TEST_F(GraphRecordsTest, KeepsTrialsOfBatchesBesideTheReport) {
  const BatchTrial taken{4, 800, 2e-6, "", 0.001};
  open().note_batch(key("net"), taken);  // of a model that nothing is kept of
  EXPECT_FALSE(open().find(key("net")));
  open().note(key("net"), report(GraphState::kCaptured));
  open().note_batch(key("net"), {.items = 4, .against = "the memory is full", .allowed = 0.001, .passing = true});
  EXPECT_TRUE(open().find(key("net"))->batches.empty());
  open().note_batch(key("net"), {.items = 4, .against = "no time is gained", .allowed = 0.001});
  const BatchTrial bits{4, 800, 0, "", 0};
  open().note_batch(key("net"), bits);
  open().note_batch(key("net"), taken);  // in place of the one with the same limit
  open().note(key("net"), report(GraphState::kCaptured));
  EXPECT_EQ(open().find(key("net"))->batches, (std::vector<BatchTrial>{bits, taken}));
  EXPECT_TRUE(lines.empty());
}

TEST_F(GraphRecordsTest, TheLastUsedOfOneItemOrOfSeveral) {
  const auto find_last = [this](Items items) {
    const std::optional<GraphReport> found = open().find_last(key("net", ""), items);
    return found ? found->reason : "none";
  };
  open().note(key("net", "target 4x3x128x128, source 4x512"), report(GraphState::kRefused, "of four"));
  EXPECT_EQ(find_last(Items::kOne), "none");
  EXPECT_EQ(find_last(Items::kSeveral), "of four");
  open().note(key("net", "target 1x3x128x128, source 1x512"), report(GraphState::kRefused, "of one"));
  open().note(key("net", "target 16x3x128x128, source 16x512"), report(GraphState::kRefused, "of sixteen"));
  EXPECT_EQ(find_last(Items::kOne), "of one");
  EXPECT_EQ(find_last(Items::kSeveral), "of sixteen");
  open().note(key("net", "input 4"), report(GraphState::kRefused, "of one dimension"));
  EXPECT_EQ(find_last(Items::kOne), "of one dimension");
}

TEST_F(GraphRecordsTest, OlderFilesHaveNoTrialsOfBatches) {
  open().note(key("net"), report(GraphState::kCaptured));
  const auto rewrite = [this](const auto& change) {
    auto file = nlohmann::json::parse(std::ifstream(file_));
    change(file["findings"][0]["report"]);
    std::ofstream(file_) << file;
  };
  rewrite([](auto& report) { report.erase("batches"); });
  ASSERT_TRUE(open().find(key("net")));
  EXPECT_TRUE(open().find(key("net"))->batches.empty());
  rewrite([](auto& report) { report["batches"] = {{{"items", "many"}}}; });
  EXPECT_FALSE(open().find(key("net")));
  open().note(key("net"), report(GraphState::kCaptured));
  EXPECT_TRUE(open().find(key("net")));
}

TEST_F(GraphRecordsTest, OfAnotherKeyAreNotUsed) {
  scratch_.write("net.onnx", "contents");
  const ModelSource net{"net", scratch_ / "net.onnx"};
  const auto key_of = [&] { return graph_key(net, "input 4", gpu_, form_); };
  open().note(key_of(), report(GraphState::kCaptured));
  EXPECT_TRUE(open().find(key_of()));
  EXPECT_FALSE(open("another driver").find(key_of()));
  EXPECT_FALSE(open().find(graph_key(net, "input 8", gpu_, form_)));
  EXPECT_FALSE(open().find(choice_key(net, "input 4", gpu_, false)));
  for (const Form& form : {Form{Precision::kFp32}, Form{.nhwc = true}, Form{.fused = true}}) {
    form_ = form;
    EXPECT_FALSE(open().find(key_of()));
  }
  form_ = {};
  EXPECT_TRUE(open().find(key_of()));
  scratch_.write("net.hash", "0123abcd");  // now the file is known by it
  EXPECT_FALSE(open().find(key_of()));
  EXPECT_EQ(key_of().model, "net 0123abcd");
}

TEST_F(GraphRecordsTest, OfAnotherMachineStay) {
  open("one").note(key("net"), report(GraphState::kCaptured));
  open("other").note(key("net"), report(GraphState::kRefused, "it holds If"));
  EXPECT_EQ(open("one").find(key("net"))->state, GraphState::kCaptured);
  EXPECT_EQ(open("other").find(key("net"))->state, GraphState::kRefused);
  EXPECT_EQ(open("one").find_all({"net", "net.onnx"}).size(), 1U);
}

TEST_F(GraphRecordsTest, TellAllAboutAModel) {
  GraphRecords records = open();
  records.note(key("net", "input 4"), report(GraphState::kRefused, "it holds If"));
  records.note(key("net", "input 8"), report(GraphState::kCaptured));
  records.note(key("other"), report(GraphState::kCaptured));
  const std::vector<GraphReport> found = records.find_all({"net", "net.onnx"});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].state, GraphState::kRefused);
  EXPECT_EQ(found[1].state, GraphState::kCaptured);
  EXPECT_TRUE(records.find_all({"third", "third.onnx"}).empty());
  EXPECT_TRUE(records.know("net"));
  EXPECT_FALSE(records.know("ne"));
  EXPECT_FALSE(records.know("third"));
  EXPECT_FALSE(open("other machine").know("net"));
}

TEST_F(GraphRecordsTest, ANewFindingReplacesTheOld) {
  open().note(key("net"), report(GraphState::kRefused, "it holds If"));
  open().note(key("net"), report(GraphState::kCaptured));
  EXPECT_EQ(open().find_all({"net", "net.onnx"}).size(), 1U);
  EXPECT_EQ(open().find(key("net"))->state, GraphState::kCaptured);
}

TEST_F(GraphRecordsTest, ARefusalThatMayPassTellsNothing) {
  GraphReport passing = report(GraphState::kRefused, "its replay differs");
  passing.passing = true;
  open().note(key("net"), passing);
  EXPECT_FALSE(open().find(key("net")));
}

// What a process writes last does not undo what another wrote since it began.
TEST_F(GraphRecordsTest, ProcessesAddToOneFile) {
  GraphRecords first = open();
  GraphRecords second = open();
  first.note(key("one"), report(GraphState::kCaptured));
  second.note(key("two"), report(GraphState::kCaptured));
  first.note(key("three"), report(GraphState::kCaptured));
  for (const char* name : {"one", "two", "three"}) {
    EXPECT_TRUE(open().find(key(name))) << name;
  }
}

TEST_F(GraphRecordsTest, ProcessesThatWriteAtOnceLoseNothing) {
  constexpr int kProcesses = 4;
  constexpr int kFindings = 15;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    children.push_back(fork());
    if (children.back() == 0) {
      for (int i = 0; i < kFindings; ++i) {
        open().note(key("net", fmt::format("input {}x{}", process, i)), report(GraphState::kCaptured));
      }
      _exit(0);
    }
  }
  for (const pid_t child : children) {
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open().find_all({"net", "net.onnx"}).size(), static_cast<std::size_t>(kProcesses * kFindings));
  EXPECT_EQ(part_files(), 0);
  EXPECT_TRUE(lines.empty());
}

TEST_F(GraphRecordsTest, ABrokenFileIsOneDebugLineAndWrittenAnew) {
  open().note(key("net"), report(GraphState::kCaptured));
  nlohmann::json foreign = nlohmann::json::parse(std::ifstream(file_));
  const std::string whole = foreign.dump();
  foreign["version"] = 1;
  nlohmann::json odd = nlohmann::json::parse(whole);
  odd["findings"][0]["report"]["state"] = "plain";
  nlohmann::json formless = nlohmann::json::parse(whole);
  formless["findings"][0]["report"]["form"] = "fp8";
  nlohmann::json less = nlohmann::json::parse(whole);
  less["findings"][0]["report"].erase("plain_us");
  for (const std::string& text : {whole.substr(0, whole.size() / 2), std::string(), std::string("[]"),
                                  std::string("\0\xff", 2), foreign.dump(), odd.dump(), less.dump(), formless.dump()}) {
    SCOPED_TRACE(text);
    std::ofstream(file_) << text;
    lines.clear();
    GraphRecords records = open();
    EXPECT_FALSE(records.find(key("net")));
    records.note(key("net"), report(GraphState::kCaptured));
    ASSERT_EQ(lines.size(), 1U);
    test::expect_names(lines.front(), {"graphs.json", "written anew"});
    EXPECT_TRUE(open().find(key("net")));
  }
}

TEST_F(GraphRecordsTest, APlaceThatCannotBeWrittenIsNotFatal) {
  std::ofstream(scratch_ / ".caches") << "in the way";
  GraphRecords records = open();
  records.note(key("net"), report(GraphState::kCaptured));
  EXPECT_TRUE(records.find(key("net")));  // for this process
  ASSERT_EQ(lines.size(), 1U);
  test::expect_names(lines.front(), {"graphs.json", "cannot be written"});
}

TEST_F(GraphRecordsTest, TheLongestUnusedLeave) {
  constexpr int kMost = 1000;
  {
    GraphRecords records = open();
    records.note(key("first"), report(GraphState::kCaptured));
    nlohmann::json file = nlohmann::json::parse(std::ifstream(file_));
    const nlohmann::json one = file["findings"][0];
    for (int i = 1; i < kMost; ++i) {
      file["findings"].push_back(one);
      file["findings"].back()["key"]["inputs"] = std::to_string(i);
    }
    std::ofstream(file_) << file;
  }
  open().note(key("first"), report(GraphState::kCaptured));  // no news, but used: written at the end
  open().note(key("last"), report(GraphState::kCaptured));
  const auto file = nlohmann::json::parse(std::ifstream(file_));
  EXPECT_EQ(file["findings"].size(), static_cast<std::size_t>(kMost));
  EXPECT_TRUE(open().find(key("first")));
  EXPECT_TRUE(open().find(key("last")));
  EXPECT_FALSE(open().find(key("first", "1")));
  EXPECT_TRUE(open().find(key("first", "2")));
}

}  // namespace
}  // namespace facegraph::runtime
