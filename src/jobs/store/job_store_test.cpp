// The reference's own cases (spec, application.md 11.7), and what several processes may do to one folder.
#include "jobs/store/job_store.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "jobs/store/run_record.hpp"
#include "support/scratch.hpp"

namespace facegraph::jobs {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using test::message_of;

StepArgs args_of(const std::string& target, const std::string& output) {
  return {{"source_paths", std::vector<std::string>{"s.jpg"}}, {"target_path", target}, {"output_path", output}};
}

class JobStoreTest : public testing::Test {
 protected:
  void add(const std::string& id, const StepArgs& args) {
    store_.edit(id, [&](Job& job) { append_step(job, args); });
  }
  std::vector<std::string> targets(const std::string& id) {
    std::vector<std::string> found;
    const Job job = store_.find(id).value_or(Job{});
    for (const JobStep& step : job.steps) {
      found.push_back(text_arg(step.args, "target_path"));
    }
    return found;
  }
  void expect_failure(const std::function<void()>& call, const std::vector<std::string>& parts) {
    test::expect_names(message_of(ErrorCode::kFailed, call), parts);
  }
  fs::path file(const std::string& status, const std::string& id) const {
    return scratch_ / "jobs" / status / (id + ".json");
  }
  test::Scratch scratch_;
  JobStore store_{scratch_ / "jobs"};
};

using Ids = std::vector<std::string>;

TEST_F(JobStoreTest, CreateTwice) {
  store_.create("a");
  EXPECT_TRUE(fs::exists(file("drafted", "a")));
  expect_failure([&] { store_.create("a"); }, {"a", "exists", "drafted"});
  store_.move("a", JobStatus::kFailed);
  expect_failure([&] { store_.create("a"); }, {"a", "exists", "failed"});
}

TEST_F(JobStoreTest, CreateTheNext) {
  EXPECT_EQ(store_.create_next("t"), "t");
  EXPECT_EQ(store_.create_next("t"), "t-2");
  EXPECT_EQ(store_.create_next("t"), "t-3");
}

TEST_F(JobStoreTest, Submit) {
  expect_failure([&] { store_.submit("a"); }, {"a", "does not exist"});
  store_.create("a");
  expect_failure([&] { store_.submit("a"); }, {"a", "no steps"});
  add("a", args_of("t.png", "o.png"));
  EXPECT_EQ(store_.find("a")->steps[0].status, StepStatus::kDrafted);
  store_.submit("a");
  EXPECT_EQ(store_.status_of("a"), JobStatus::kQueued);
  EXPECT_EQ(store_.find("a")->steps[0].status, StepStatus::kQueued);
  EXPECT_FALSE(fs::exists(file("drafted", "a")));
  expect_failure([&] { store_.submit("a"); }, {"a", "queued"});
}

TEST_F(JobStoreTest, Remove) {
  expect_failure([&] { store_.remove("a"); }, {"a", "does not exist"});
  for (const JobStatus status : kJobStatuses) {
    store_.create("a");
    store_.move("a", status);
    store_.remove("a");
    EXPECT_EQ(store_.status_of("a"), std::nullopt);
  }
}

TEST_F(JobStoreTest, IdsInTheOrderOfTheirLastChange) {
  for (const char* id : {"c", "b", "a"}) {
    store_.create(id);
    usleep(20000);
  }
  EXPECT_EQ(store_.ids(JobStatus::kDrafted), (Ids{"c", "b", "a"}));
  store_.move("b", JobStatus::kFailed);
  store_.move("c", JobStatus::kFailed);
  EXPECT_EQ(store_.ids(JobStatus::kDrafted), Ids{"a"});
  EXPECT_EQ(store_.ids(JobStatus::kFailed), (Ids{"c", "b"})) << "a move is no change";
  add("c", args_of("t.png", "o.png"));
  EXPECT_EQ(store_.ids(JobStatus::kFailed), (Ids{"b", "c"}));
}

TEST_F(JobStoreTest, OnlyValidFilesAreListed) {
  store_.create("a");
  std::ofstream(file("drafted", "broken")) << "{";
  ASSERT_EQ(store_.list(JobStatus::kDrafted).size(), 1U);
  EXPECT_EQ(store_.list(JobStatus::kDrafted)[0].id, "a");
  EXPECT_FALSE(store_.find("broken"));
  expect_failure([&] { store_.submit("broken"); }, {"broken.json", "no job"});
}

TEST_F(JobStoreTest, DatesFollowChanges) {
  store_.create("a");
  EXPECT_EQ(store_.find("a")->date_updated, std::nullopt);
  store_.move("a", JobStatus::kQueued);
  EXPECT_EQ(store_.find("a")->date_updated, std::nullopt);
  add("a", args_of("t.png", "o.png"));
  EXPECT_NE(store_.find("a")->date_updated, std::nullopt);
}

TEST_F(JobStoreTest, AddAndInsertAndRemove) {
  expect_failure([&] { add("a", args_of("A", "o.png")); }, {"a", "does not exist"});
  store_.create("a");
  const auto insert = [&](long long index, const std::string& target) {
    store_.edit("a", [&](Job& job) { insert_step(job, "a", index, args_of(target, "o.png")); });
  };
  const auto remove = [&](long long index) { store_.edit("a", [&](Job& job) { remove_step(job, "a", index); }); };
  expect_failure([&] { insert(0, "B"); }, {"no step 0", "0 steps"});
  expect_failure([&] { remove(-1); }, {"no step -1"});
  add("a", args_of("A", "o.png"));
  add("a", args_of("A", "o.png"));
  expect_failure([&] { insert(99, "B"); }, {"no step 99", "2 steps", "0 to 1"});
  insert(0, "B");
  insert(-1, "C");
  EXPECT_EQ(targets("a"), (Ids{"B", "A", "C", "A"}));
  expect_failure([&] { remove(99); }, {"no step 99"});
  remove(0);
  remove(-1);
  EXPECT_EQ(targets("a"), (Ids{"A", "C"}));
}

TEST_F(JobStoreTest, Remix) {
  store_.create("a");
  add("a", args_of("A.mp4", "out/a.MP4"));
  add("a", args_of("B.mp4", "invalid"));
  const auto remix = [&](long long index, const StepArgs& args) {
    store_.edit("a", [&](Job& job) { remix_step(job, "a", index, args); });
  };
  expect_failure([&] { remix(99, {}); }, {"no step 99"});
  const StepArgs x{{"source_paths", {}}, {"output_path", std::string("x.mp4")}};
  remix(0, x);
  remix(-1, x);
  remix(1, x);
  EXPECT_EQ(targets("a"), (Ids{"A.mp4", "B.mp4", "out/a-a-0.mp4", "x-a-2.mp4", ""}));
  EXPECT_EQ(*find_arg(store_.find("a")->steps[4].args, "target_path"), core::OptionValue());
  EXPECT_EQ(text_arg(store_.find("a")->steps[2].args, "output_path"), "x.mp4");
}

TEST_F(JobStoreTest, ADeadHoldersJobFails) {
  for (const char* id : {"dead", "held", "never"}) {
    store_.create(id);
    add(id, args_of("t.png", "o.png"));
    add(id, args_of("t.png", "o.png"));
    store_.submit(id);
    Job job = *store_.find(id);
    job.steps[0].status = StepStatus::kCompleted;
    job.steps[1].status = StepStatus::kStarted;
    store_.write(id, job);
  }
  store_.claim("dead");  // let go at once, without release
  const std::optional<media::FileLock> held = store_.claim("held");
  ASSERT_TRUE(held.has_value());
  const JobStore again(scratch_ / "jobs");
  EXPECT_EQ(again.status_of("dead"), JobStatus::kFailed);
  EXPECT_EQ(again.find("dead")->steps[0].status, StepStatus::kCompleted);
  EXPECT_EQ(again.find("dead")->steps[1].status, StepStatus::kFailed);
  EXPECT_EQ(again.status_of("held"), JobStatus::kQueued);
  EXPECT_EQ(again.status_of("never"), JobStatus::kQueued) << "a step that the reference has started is its own";
}

TEST_F(JobStoreTest, AClaimedJobIsLeftAlone) {
  store_.create("a");
  add("a", args_of("t.png", "o.png"));
  const std::optional<media::FileLock> claim = store_.claim("a");
  ASSERT_TRUE(claim);
  EXPECT_FALSE(store_.claim("a"));
  expect_failure([&] { store_.remove("a"); }, {"a", "being run"});
  expect_failure([&] { add("a", {}); }, {"a", "being run"});
}

TEST_F(JobStoreTest, RemovalTakesEverythingAlong) {
  store_.create("a");
  store_.claim("a");
  RunRecord record(store_.resume_folder("a"));
  record.set(0, {"f", scratch_.write("o-a-0.png", "x"), "d"});
  fs::create_directories(record.step_folder(1));
  store_.release("a");
  store_.remove("a");
  EXPECT_FALSE(fs::exists(scratch_ / "o-a-0.png"));
  EXPECT_FALSE(fs::exists(store_.resume_folder("a")));
}

TEST_F(JobStoreTest, WhatAFinishedJobLeftIsRemoved) {
  store_.create("a");
  store_.claim("a");
  RunRecord(store_.resume_folder("a")).set(0, {"f", scratch_.write("o-a-0.png", "x"), "d"});
  store_.move("a", JobStatus::kCompleted);
  std::ofstream(scratch_ / "jobs/drafted/.b.partial-1.json") << "{";
  const JobStore again(scratch_ / "jobs");
  EXPECT_FALSE(fs::exists(scratch_ / "o-a-0.png"));
  EXPECT_FALSE(fs::exists(again.resume_folder("a")));
  EXPECT_TRUE(fs::is_empty(scratch_ / "jobs/drafted"));
}

TEST_F(JobStoreTest, FoldersThatCannotBeMade) {
  scratch_.write("file", "");
  expect_failure([&] { JobStore(scratch_ / "file"); }, {"file", "--jobs-path"});
}

TEST_F(JobStoreTest, AFailedWriteKeepsTheJob) {
  store_.create("a");
  add("a", args_of("t.png", "o.png"));
  const std::string before = core::read_file(file("drafted", "a"));
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    bool all_failed = true;
    for (rlim_t limit = 0; limit < before.size(); limit += 37) {
      const rlimit limits{limit, RLIM_INFINITY};
      setrlimit(RLIMIT_FSIZE, &limits);
      try {
        add("a", args_of("t.png", "o.png"));
        all_failed = false;
      } catch (const core::Error&) {
      }
    }
    _exit(all_failed ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(core::read_file(file("drafted", "a")), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch_ / "jobs/drafted"), fs::directory_iterator()), 1);
}

// Two processes that add steps to one job, each a hundred: none is lost.
TEST_F(JobStoreTest, TwoProcesses) {
  constexpr int kSteps = 100;
  store_.create("a");
  const pid_t child = fork();
  JobStore own(scratch_ / "jobs");
  for (int i = 0; i < kSteps; ++i) {
    own.edit("a", [&](Job& job) { append_step(job, args_of(child == 0 ? "child" : "parent", "o.png")); });
  }
  if (child == 0) {
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  const Ids found = targets("a");
  EXPECT_EQ(std::count(found.begin(), found.end(), "child"), kSteps);
  EXPECT_EQ(std::count(found.begin(), found.end(), "parent"), kSteps);
}

}  // namespace
}  // namespace facegraph::jobs
