// A jobs folder on a disk that is full (ENOSPC) or broken (EIO) from any call on: the command says so in one line, and
// the folder is as it was. Done again on a disk that is well, it gives what an undisturbed one gives.
#include <fstream>
#include <map>

#include <opencv2/imgcodecs.hpp>

#include "e2e/faults.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

constexpr int kMostCalls = 400;  // a loop that does not end is a failure

class WriteFaults : public FaultySandbox {
 protected:
  // From a call on nothing more can be written, or one call fails.
  enum class Disk { kFull, kBroken };

  void SetUp() override {
    FaultySandbox::SetUp();
    if (IsSkipped()) {
      return;
    }
    ASSERT_EQ(code({"job-create", "A"}), 0);
    add_step("A", step("mini.png", "a.png"));
    add_step("A", step("mini.png", "b.png"));
  }

  fs::path saved() const { return root_ / "saved"; }
  void save() const {
    fs::remove_all(saved());
    fs::copy(jobs(), saved(), fs::copy_options::recursive);
  }
  void restore() const {
    fs::remove_all(jobs());
    fs::copy(saved(), jobs(), fs::copy_options::recursive);
    for (const std::string& name : names_in(root_ / "out")) {
      fs::remove(out(name));
    }
  }

  // Every job by its id: where it is and what it has, dates left out. Fails for a file that is none of a job, or is
  // there twice.
  std::map<std::string, std::string> state() const {
    std::map<std::string, std::string> found;
    for (const char* status : {"drafted", "queued", "completed", "failed"}) {
      for (const std::string& name : names_in(jobs() / status)) {
        Json json = Json::parse(read_text(jobs() / status / name), nullptr, false);
        EXPECT_FALSE(json.is_discarded()) << status << "/" << name;
        EXPECT_FALSE(found.contains(name)) << name << " is there twice";
        json.erase("date_created");
        json.erase("date_updated");
        found[name] = std::string(status) + json.dump();
      }
    }
    return found;
  }

  // Fails the command at its first, second, ... call that changes something in the jobs folder until none is left.
  // again(): what brings a failed one to its end.
  void expect_nothing_lost(const Words& words, Disk disk, const std::function<void()>& again,
                           const std::function<void()>& check_end) {
    save();
    ASSERT_EQ(code(words), 0);
    const std::map<std::string, std::string> end = state();
    const bool once = disk == Disk::kBroken;
    int call = 1;
    for (bool met = true; met && call < kMostCalls && !HasFailure(); ++call) {
      restore();
      SCOPED_TRACE(words[0] + (once ? ": EIO at call " : ": no space from call ") + std::to_string(call));
      const Fault fault{.path = jobs().string() + "/", .error = once ? EIO : ENOSPC, .write_from = call, .once = once};
      const Run run = run_with(command(words), fault);
      met = run.met;
      EXPECT_TRUE(run.outcome.code == 0 || met) << run.outcome.err;
      if (run.outcome.code != 0) {
        expect_one_line(run.outcome, {jobs().string(), once ? "Input/output error" : "No space left on device"});
        state();
        again();
      }
      EXPECT_EQ(state(), end);
      check_end();
    }
    EXPECT_GT(call, 3) << "no call failed";
    EXPECT_LT(call, kMostCalls);
    restore();
  }
  void expect_nothing_lost(const Words& words) {
    for (const Disk disk : {Disk::kFull, Disk::kBroken}) {
      expect_nothing_lost(
          words, disk, [&] { EXPECT_EQ(code(words), 0); }, [] {});
    }
  }
  void expect_run_loses_nothing(Disk disk);
};

TEST_F(WriteFaults, Create) {
  expect_nothing_lost({"job-create", "B"});
}

TEST_F(WriteFaults, Steps) {
  Words add{"job-add-step", "A"};
  Words insert{"job-insert-step", "A", "1"};
  const Words more = step("mini.png", "c.png");
  add.insert(add.end(), more.begin(), more.end());
  insert.insert(insert.end(), more.begin(), more.end());
  expect_nothing_lost(add);
  expect_nothing_lost(insert);
  expect_nothing_lost({"job-remix-step", "A", "0", "-o", out("d.png")});
  expect_nothing_lost({"job-remove-step", "A", "0"});
}

TEST_F(WriteFaults, Submit) {
  expect_nothing_lost({"job-submit", "A"});
}

TEST_F(WriteFaults, SubmitAll) {
  ASSERT_EQ(code({"job-create", "B"}), 0);
  add_step("B", step("mini.png", "c.png"));
  save();
  bool met = true;
  for (int call = 1; met && call < kMostCalls; ++call) {
    restore();
    SCOPED_TRACE(call);
    const Run run =
        run_with(command({"job-submit-all"}), {.path = jobs().string() + "/", .error = ENOSPC, .write_from = call});
    met = run.met;
    EXPECT_TRUE(run.outcome.code == 0 || met) << run.outcome.err;
    code({"job-submit-all"});
    EXPECT_EQ(step_statuses("queued", "A"), (Words{"queued", "queued"}));
    EXPECT_EQ(step_statuses("queued", "B"), Words{"queued"});
    EXPECT_EQ(state().size(), 2U);
  }
}

// Outputs appear whole or not at all.
void WriteFaults::expect_run_loses_nothing(Disk disk) {
  ASSERT_EQ(code({"job-remove-step", "A", "1"}), 0);
  ASSERT_EQ(code({"job-submit", "A"}), 0);
  const cv::Mat expected = [this] {
    save();
    EXPECT_EQ(code({"job-run", "A"}), 0);
    cv::Mat picture = cv::imread(out("a.png").string());
    restore();
    return picture;
  }();
  ASSERT_FALSE(expected.empty());
  expect_nothing_lost(
      {"job-run", "A"}, disk,
      [this] {
        code({"job-list", "queued"});  // a run whose end could not be written is set right by the next command
        const bool queued = fs::exists(file("queued", "A"));
        EXPECT_EQ(code({queued ? "job-run" : "job-retry", "A"}), 0);
      },
      [&] {
        EXPECT_EQ(names_in(root_ / "out"), Words{"a.png"});
        EXPECT_EQ(cv::norm(cv::imread(out("a.png").string()), expected, cv::NORM_INF), 0);
        if (!names_in(jobs() / "resume").empty()) {
          code({"job-list", "failed"});  // takes away what a completed job has left
        }
        EXPECT_EQ(names_in(jobs() / "resume"), Words{});
      });
}

TEST_F(WriteFaults, RunOnAFullDisk) {
  expect_run_loses_nothing(Disk::kFull);
}

TEST_F(WriteFaults, RunOnABrokenDisk) {
  expect_run_loses_nothing(Disk::kBroken);
}

}  // namespace
}  // namespace facegraph::test
