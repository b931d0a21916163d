// Jobs with a step that writes what it was asked to do, so that a lost, doubled or stale result shows.
#include "jobs/runner/job_runner.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/log.hpp"
#include "jobs/store/job_id.hpp"
#include "support/scratch.hpp"

namespace facegraph::jobs {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using test::message_of;

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class JobRunnerTest : public testing::Test {
 protected:
  JobRunnerTest() {
    for (const char* name : {"v1.mp4", "v2.mp4", "p.png"}) {
      scratch_.write(name, name);
    }
    fs::create_directory(scratch_ / "out");
  }

  RunnerWork work() {
    return {.process =
                [this](const StepTask& task) {
                  runs_.push_back(task.index);
                  if (static_cast<int>(task.index) == failing_) {
                    core::fail(code_, "step {} cannot", task.index);
                  }
                  const std::string target = content(text_arg(task.args, "target_path"));
                  std::ofstream(task.result) << "<" << target << ">";
                },
            .join =
                [](const std::vector<fs::path>& parts, const fs::path& output) {
                  std::ofstream joined(output);
                  for (const fs::path& part : parts) {
                    joined << content(part) << "|";
                  }
                },
            .settings = settings_};
  }
  void run(const std::string& id) { JobRunner(store_, work()).run(id); }
  void retry(const std::string& id) { JobRunner(store_, work()).retry(id); }

  std::string out(const std::string& name) const { return (scratch_ / "out" / name).string(); }
  void make(const std::string& id, const std::vector<std::pair<std::string, std::string>>& steps) {
    store_.create(id);
    for (const auto& [target, output] : steps) {
      add(id, target.find('/') == std::string::npos ? (scratch_ / target).string() : target, out(output));
    }
    store_.submit(id);
  }
  void add(const std::string& id, const std::string& target, const std::string& output) {
    store_.edit(id, [&](Job& job) {
      append_step(job, {{"source_paths", {}}, {"target_path", target}, {"output_path", output}});
    });
  }
  std::vector<std::string> statuses(const std::string& id) const {
    std::vector<std::string> names;
    const Job job = store_.find(id).value_or(Job{});
    for (const JobStep& step : job.steps) {
      names.emplace_back(name_of(step.status));
    }
    return names;
  }
  std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(scratch_ / "out")) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  test::Scratch scratch_;
  JobStore store_{scratch_ / "jobs"};
  std::vector<std::size_t> runs_;
  int failing_ = -1;
  ErrorCode code_ = ErrorCode::kFailed;
  std::string settings_;
};

using Names = std::vector<std::string>;
using Runs = std::vector<std::size_t>;

TEST_F(JobRunnerTest, FourStepsThreeOutputs) {
  make("j", {{"v1.mp4", "a.mp4"}, {"v1.mp4", "a.mp4"}, {"v2.mp4", "b.mp4"}, {"p.png", "c.png"}});
  run("j");
  EXPECT_EQ(left(), (Names{"a.mp4", "b.mp4", "c.png"}));
  EXPECT_EQ(content(out("a.mp4")), "<v1.mp4>|<v1.mp4>|");
  EXPECT_EQ(content(out("b.mp4")), "<v2.mp4>");
  EXPECT_EQ(content(out("c.png")), "<p.png>");
  EXPECT_EQ(store_.status_of("j"), JobStatus::kCompleted);
  EXPECT_EQ(statuses("j"), Names(4, "completed"));
  EXPECT_FALSE(fs::exists(store_.resume_folder("j")));
}

TEST_F(JobRunnerTest, OfSeveralPicturesTheLastOneStays) {
  make("j", {{"p.png", "c.png"}, {"v1.mp4", "c.png"}});
  run("j");
  EXPECT_EQ(content(out("c.png")), "<v1.mp4>");
  EXPECT_EQ(left(), Names{"c.png"});
}

TEST_F(JobRunnerTest, ChainedSteps) {
  make("j", {{"p.png", "c.png"}, {out("c-j-0.png"), "d.png"}, {out("d-j-1.png"), "c.png"}});
  run("j");
  EXPECT_EQ(content(out("c.png")), "<<<p.png>>>");
  EXPECT_EQ(content(out("d.png")), "<<p.png>>");
  EXPECT_EQ(left(), (Names{"c.png", "d.png"}));
}

TEST_F(JobRunnerTest, OnlyQueuedJobsRun) {
  EXPECT_NE(message_of(ErrorCode::kFailed, [&] { run("j"); }).find("none"), std::string::npos);
  store_.create("j");
  add("j", scratch_ / "p.png", out("c.png"));
  test::expect_names(message_of(ErrorCode::kFailed, [&] { run("j"); }), {"expected a queued", "drafted"});
  test::expect_names(message_of(ErrorCode::kFailed, [&] { retry("j"); }), {"expected a failed", "drafted"});
  store_.submit("j");
  test::expect_names(message_of(ErrorCode::kFailed, [&] { retry("j"); }), {"expected a failed", "queued"});
  run("j");
  test::expect_names(message_of(ErrorCode::kFailed, [&] { run("j"); }), {"expected a queued", "completed"});
}

TEST_F(JobRunnerTest, AFailedStepFailsTheJobAndKeepsWhatIsDone) {
  make("j", {{"p.png", "a.png"}, {"p.png", "b.png"}, {"p.png", "c.png"}});
  failing_ = 1;
  EXPECT_EQ(message_of(ErrorCode::kFailed, [&] { run("j"); }), "step 1 cannot");
  EXPECT_EQ(store_.status_of("j"), JobStatus::kFailed);
  EXPECT_EQ(statuses("j"), (Names{"completed", "failed", "queued"}));
  EXPECT_EQ(left(), Names{"a-j-0.png"});
  const JobStore again(scratch_ / "jobs");
  EXPECT_EQ(again.status_of("j"), JobStatus::kFailed);

  failing_ = -1;
  runs_.clear();
  retry("j");
  EXPECT_EQ(runs_, (Runs{1, 2})) << "the first step's result is still there";
  EXPECT_EQ(left(), (Names{"a.png", "b.png", "c.png"}));
  EXPECT_EQ(store_.status_of("j"), JobStatus::kCompleted);
}

TEST_F(JobRunnerTest, AResultIsUsedAgainOnlyWhenNothingChanged) {
  const auto fail_then_retry = [&](const std::string& id, const std::function<void()>& change) {
    make(id, {{"p.png", "a.png"}, {out("a-" + id + "-0.png"), "b.png"}, {"p.png", "c.png"}});
    failing_ = 2;
    message_of(ErrorCode::kFailed, [&] { run(id); });
    failing_ = -1;
    runs_.clear();
    change();
    retry(id);
    EXPECT_EQ(store_.status_of(id), JobStatus::kCompleted);
    EXPECT_EQ(content(out("b.png")), "<<" + content(scratch_ / "p.png") + ">>");
    return runs_;
  };
  EXPECT_EQ(fail_then_retry("nothing", [] {}), Runs{2});
  EXPECT_EQ(fail_then_retry("file", [&] { std::ofstream(out("b-file-1.png")) << "<<"; }), (Runs{1, 2}));
  EXPECT_EQ(fail_then_retry("gone", [&] { fs::remove(out("b-gone-1.png")); }), (Runs{1, 2}));
  EXPECT_EQ(fail_then_retry("chain", [&] { fs::remove(out("a-chain-0.png")); }), (Runs{0, 1, 2}));
  EXPECT_EQ(fail_then_retry("input", [&] { scratch_.write("p.png", "another"); }), (Runs{0, 1, 2}));
  EXPECT_EQ(fail_then_retry("settings", [&] { settings_ = "other"; }), (Runs{0, 1, 2}));
  EXPECT_EQ(
      fail_then_retry(
          "args",
          [&] { store_.edit("args", [](Job& job) { set_arg(job.steps[1].args, "output_image_quality", 5LL); }); }),
      (Runs{1, 2}));
}

TEST_F(JobRunnerTest, AStopFailsTheJobAndGoesOn) {
  make("j", {{"p.png", "a.png"}, {"p.png", "b.png"}});
  failing_ = 1;
  code_ = ErrorCode::kStopped;
  message_of(ErrorCode::kStopped, [&] { run("j"); });
  EXPECT_EQ(store_.status_of("j"), JobStatus::kFailed);
  EXPECT_EQ(statuses("j"), (Names{"completed", "failed"}));
}

TEST_F(JobRunnerTest, AnOutputWithoutNameFailsTheStep) {
  make("j", {{"p.png", "invalid"}});
  test::expect_names(message_of(ErrorCode::kFailed, [&] { run("j"); }), {"invalid", "extension"});
  EXPECT_EQ(statuses("j"), Names{"failed"});
}

TEST_F(JobRunnerTest, AFailedJoinKeepsTheParts) {
  make("j", {{"v1.mp4", "a.mp4"}, {"v2.mp4", "a.mp4"}});
  RunnerWork broken = work();
  broken.join = [](const auto&, const auto&) { core::fail(ErrorCode::kFailed, "cannot join"); };
  EXPECT_EQ(message_of(ErrorCode::kFailed, [&] { JobRunner(store_, broken).run("j"); }), "cannot join");
  EXPECT_EQ(store_.status_of("j"), JobStatus::kFailed);
  EXPECT_EQ(left(), (Names{"a-j-0.mp4", "a-j-1.mp4"}));
  runs_.clear();
  retry("j");
  EXPECT_EQ(runs_, Runs{});
  EXPECT_EQ(content(out("a.mp4")), "<v1.mp4>|<v2.mp4>|");
  EXPECT_EQ(left(), Names{"a.mp4"});
}

TEST_F(JobRunnerTest, AllOfThem) {
  make("a", {{"p.png", "a.png"}});
  make("b", {{"p.png", "b.png"}});
  failing_ = 0;
  const auto run_one = [&](const std::string& id) {
    failing_ = id == "a" ? 0 : -1;
    run(id);
  };
  EXPECT_EQ(message_of(ErrorCode::kFailed, [&] { for_all(store_.ids(JobStatus::kQueued), false, run_one); }),
            "1 of 2 jobs failed");
  EXPECT_EQ(left(), Names{"b.png"});
  make("c", {{"p.png", "c.png"}});
  store_.move("a", JobStatus::kQueued);
  EXPECT_EQ(message_of(ErrorCode::kFailed, [&] { for_all({"a", "c"}, true, run_one); }), "step 0 cannot");
  EXPECT_EQ(store_.status_of("c"), JobStatus::kQueued);
}

// Killed at any moment: the next command finds the job failed or still queued, and finishing it gives every result
// once.
TEST_F(JobRunnerTest, KilledAtAnyMoment) {
  constexpr int kTrials = 30;
  core::set_log_level(core::LogLevel::kError);
  make("whole", {{"v1.mp4", "k.mp4"}, {"v2.mp4", "k.mp4"}, {"p.png", "k.png"}});
  const auto start = std::chrono::steady_clock::now();
  run("whole");
  const auto whole = std::chrono::steady_clock::now() - start;
  fs::remove(out("k.mp4"));
  fs::remove(out("k.png"));
  int interrupted = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::string id = "k" + std::to_string(trial);
    make(id, {{"v1.mp4", "k.mp4"}, {"v2.mp4", "k.mp4"}, {"p.png", "k.png"}});
    const pid_t child = fork();
    if (child == 0) {
      try {
        JobStore store(scratch_ / "jobs");
        JobRunner(store, work()).run(id);
      } catch (const std::exception&) {
        _exit(1);
      }
      _exit(0);
    }
    std::this_thread::sleep_for(whole * trial / kTrials);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    JobStore store(scratch_ / "jobs");
    const std::optional<JobStatus> status = store.status_of(id);
    ASSERT_TRUE(status) << "the job is lost";
    if (*status != JobStatus::kCompleted) {
      ++interrupted;
      JobRunner runner(store, work());
      *status == JobStatus::kQueued ? runner.run(id) : runner.retry(id);
    }
    EXPECT_EQ(store.status_of(id), JobStatus::kCompleted);
    EXPECT_EQ(left(), (Names{"k.mp4", "k.png"}));
    EXPECT_EQ(content(out("k.mp4")), "<v1.mp4>|<v2.mp4>|");
    EXPECT_EQ(content(out("k.png")), "<p.png>");
    fs::remove_all(scratch_ / "out");
    fs::create_directory(scratch_ / "out");
  }
  core::set_log_level(core::LogLevel::kInfo);
  EXPECT_GT(interrupted, 0);
}

}  // namespace
}  // namespace facegraph::jobs
