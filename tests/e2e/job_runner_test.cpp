// The commands that run jobs: spec, application.md 11.4, 11.6, 11.14, and runs that end early.
#include <chrono>
#include <cmath>
#include <fstream>
#include <thread>

#include <opencv2/imgcodecs.hpp>
#include <signal.h>

#include "e2e/jobs.hpp"
#include "media/decode/frame_source.hpp"
#include "media/probe/probe.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

class JobRunnerProgram : public JobsSandbox {
 protected:
  // Two steps of a frame each that belong to one video.
  void make_video_job(const std::string& id) const {
    ASSERT_EQ(code({"job-create", id}), 0);
    for (int i = 0; i < 2; ++i) {
      Words words = step("clip.mp4", id + ".mp4");
      words.insert(words.end(), {"--trim-frame-end", "1", "--output-audio-volume", "0"});
      add_step(id, words);
    }
  }
  void make_image_job(const std::string& id) const {
    ASSERT_EQ(code({"job-create", id}), 0);
    add_step(id, step("mini.png", id + ".png"));
  }
  // As the reference's test does it: a job that failed, made by hand.
  void fail_by_hand(const std::string& id) const {
    Json failed = job("drafted", id);
    for (Json& step : failed["steps"]) {
      step["status"] = "failed";
    }
    fs::remove(file("drafted", id));
    std::ofstream(file("failed", id)) << failed.dump(4);
  }
  static std::vector<core::Image> frames_of(const fs::path& video) {
    std::vector<core::Image> frames;
    const auto source = media::open_video(video, {});
    while (auto frame = source->read()) {
      frames.push_back(std::move(frame->image));
    }
    return frames;
  }
  static double distance(const core::Image& a, const core::Image& b) {
    double sum = 0;
    for (int y = 0; y < a.height(); ++y) {
      for (int x = 0; x < a.width() * a.channels(); ++x) {
        sum += std::abs(a.row<std::uint8_t>(y)[x] - b.row<std::uint8_t>(y)[x]);
      }
    }
    return sum / static_cast<double>(a.bytes());
  }
  cv::Mat picture(const std::string& name) const { return cv::imread(out(name).string()); }
};

TEST_F(JobRunnerProgram, Run) {
  EXPECT_EQ(code({"job-run", "A"}), 1);
  make_image_job("A");
  EXPECT_EQ(code({"job-run", "A"}), 1) << "still drafted";
  EXPECT_EQ(code({"job-submit", "A"}), 0);
  EXPECT_EQ(code({"job-run", "A"}), 0);
  EXPECT_EQ(step_statuses("completed", "A"), Words{"completed"});
  expect_left({"A.png"});
  EXPECT_EQ(code({"job-run", "A"}), 1);
  // The job's picture is the headless run's.
  EXPECT_EQ(code({"headless-run", "--processors", "face_debugger", "-t", photo("mini.png"), "-o", out("B.png")}), 0);
  EXPECT_EQ(cv::norm(picture("A.png"), picture("B.png"), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(picture("A.png"), cv::imread(photo("mini.png").string()), cv::NORM_INF), 50);
  EXPECT_EQ(names_in(jobs() / "resume"), Words{});
}

TEST_F(JobRunnerProgram, RunAll) {
  EXPECT_EQ(code({"job-run-all", "--halt-on-error"}), 1);
  make_image_job("A");
  make_video_job("B");
  EXPECT_EQ(code({"job-run-all", "--halt-on-error"}), 1) << "still drafted";
  EXPECT_EQ(code({"job-submit-all", "--halt-on-error"}), 0);
  EXPECT_EQ(code({"job-run-all", "--halt-on-error"}), 0);
  expect_left({"A.png", "B.mp4"});
  EXPECT_EQ(frames_of(out("B.mp4")).size(), 2U);
  EXPECT_EQ(code({"job-run-all", "--halt-on-error"}), 1);
}

TEST_F(JobRunnerProgram, Retry) {
  EXPECT_EQ(code({"job-retry", "A"}), 1);
  make_image_job("A");
  EXPECT_EQ(code({"job-retry", "A"}), 1) << "still drafted";
  fail_by_hand("A");
  EXPECT_EQ(code({"job-retry", "A"}), 0);
  expect_left({"A.png"});
  EXPECT_EQ(code({"job-retry", "A"}), 1);
}

TEST_F(JobRunnerProgram, RetryAll) {
  EXPECT_EQ(code({"job-retry-all", "--halt-on-error"}), 1);
  make_image_job("A");
  make_video_job("B");
  EXPECT_EQ(code({"job-retry-all", "--halt-on-error"}), 1) << "still drafted";
  fail_by_hand("A");
  fail_by_hand("B");
  EXPECT_EQ(code({"job-retry-all", "--halt-on-error"}), 0);
  expect_left({"A.png", "B.mp4"});
  EXPECT_EQ(frames_of(out("B.mp4")).size(), 2U);
  EXPECT_EQ(code({"job-retry-all", "--halt-on-error"}), 1);
}

TEST_F(JobRunnerProgram, ChainedStepsAndPathsWithQuotes) {
  fs::create_directory(out("it's a \"folder\""));
  const fs::path video = out("it's a \"folder\"/o'ut.mp4");
  const fs::path last = out("it's a \"folder\"/last.mp4");
  ASSERT_EQ(code({"job-create", "A"}), 0);
  const Words debug{"--processors", "face_debugger", "--output-audio-encoder", "aac"};
  Words first{"-t", photo("clip.mp4"), "-o", video, "--trim-frame-end", "3"};
  first.insert(first.end(), debug.begin(), debug.end());
  add_step("A", first);
  Words second{"-t", photo("clip.mp4"), "-o", video, "--trim-frame-start", "3", "--trim-frame-end", "8"};
  second.insert(second.end(), debug.begin(), debug.end());
  add_step("A", second);
  ASSERT_EQ(
      code({"job-remix-step", "A", "1", "-o", last, "--processors", "frame_enhancer", "--output-audio-encoder", "aac"}),
      0);
  ASSERT_EQ(code({"job-submit", "A"}), 0);
  EXPECT_EQ(code({"job-run", "A"}), 0);
  EXPECT_EQ(names_in(out("it's a \"folder\"")), (Words{"last.mp4", "o'ut.mp4"}));
  EXPECT_EQ(frames_of(video).size(), 8U);
  EXPECT_EQ(frames_of(last).size(), 5U);
  EXPECT_TRUE(media::probe_video(video).has_audio);
}

TEST_F(JobRunnerProgram, TwoTrimsOfOneTargetKeepTheirLengths) {
  // The reference's probe remembers the first output's length: 10 and 30 frames became 22.
  ASSERT_TRUE(make_with_ffmpeg("t.mp4", {"-f", "lavfi", "-i", "testsrc=size=64x48:rate=25:duration=2"}));
  ASSERT_EQ(code({"job-create", "A"}), 0);
  const Words both{"--processors", "frame_enhancer", "-t", in("t.mp4"), "-o", out("t.mp4")};
  Words words = both;
  words.insert(words.end(), {"--trim-frame-end", "10"});
  add_step("A", words);
  words = both;
  words.insert(words.end(), {"--trim-frame-start", "10", "--trim-frame-end", "40"});
  add_step("A", words);
  ASSERT_EQ(code({"job-submit", "A"}), 0);
  ASSERT_EQ(code({"job-run", "A"}), 0);
  EXPECT_EQ(frames_of(out("t.mp4")).size(), 40U);
  expect_left({"t.mp4"});
}

TEST_F(JobRunnerProgram, AFailedStep) {
  make_image_job("A");
  Words beyond = step("clip.mp4", "beyond.mp4");
  beyond.insert(beyond.end(), {"--trim-frame-start", "1000"});
  add_step("A", beyond);
  ASSERT_EQ(code({"job-submit", "A"}), 0);
  const Outcome outcome = run({"job-run", "A"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("no frames"), std::string::npos) << outcome.err;
  EXPECT_EQ(step_statuses("failed", "A"), (Words{"completed", "failed"}));
  expect_left({"A-A-0.png"});
  EXPECT_EQ(code({"job-delete", "A"}), 0);
  expect_left({});
  EXPECT_EQ(names_in(jobs() / "resume"), Words{});
}

TEST_F(JobRunnerProgram, AStepOfAnotherProgram) {
  make_image_job("A");
  Json edited = job("drafted", "A");
  Json& args = edited["steps"][0]["args"];
  args.erase("face_mask_blur");         // missing: the default
  args["output_image_quality"] = 80.0;  // as sliders store it
  args["face_detector_margin"] = {500, 7};
  args["something_new"] = "ignored";
  std::ofstream(file("drafted", "A")) << edited.dump(4);
  ASSERT_EQ(code({"job-submit", "A"}), 0);
  EXPECT_EQ(job("queued", "A")["steps"][0]["args"]["something_new"], "ignored") << "kept as it was";
  EXPECT_EQ(code({"job-run", "A"}), 0);
  make_image_job("B");
  edited = job("drafted", "B");
  edited["steps"][0]["args"]["face_detector_model"] = "dlib";
  std::ofstream(file("drafted", "B")) << edited.dump(4);
  ASSERT_EQ(code({"job-submit", "B"}), 0);
  const Outcome outcome = run({"job-run", "B"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("face_detector_model"), std::string::npos) << outcome.err;
}

TEST_F(JobRunnerProgram, HeadlessRunLeavesItsJob) {
  EXPECT_EQ(code({"headless-run", "--processors", "face_debugger", "-t", photo("mini.png"), "-o", out("a.png")}), 0);
  ASSERT_EQ(names_in(jobs() / "completed").size(), 1U);
  EXPECT_TRUE(names_in(jobs() / "completed")[0].starts_with("headless-2"));
  Launch without_models = command(
      {"headless-run", "--offline", "--processors", "face_debugger", "-t", photo("mini.png"), "-o", out("b.png")});
  without_models.environment["FACEGRAPH_MODELS_PATH"] = in("").string();
  EXPECT_EQ(run_program(without_models).code, 1);
  ASSERT_EQ(names_in(jobs() / "failed").size(), 1U);
  EXPECT_EQ(step_statuses("failed", fs::path(names_in(jobs() / "failed")[0]).stem()), Words{"failed"});
  expect_left({"a.png"});
}

class BatchProgram : public JobRunnerProgram {
 protected:
  void SetUp() override {
    JobRunnerProgram::SetUp();
    if (!IsSkipped()) {
      fs::copy_file(photo("mini.png"), in("target-1.png"));
      fs::copy_file(photo("statesman_small.png"), in("target-2.png"));
    }
  }
};

TEST_F(BatchProgram, TargetsOnly) {
  EXPECT_EQ(code({"batch-run", "--processors", "face_debugger", "-t", in("target-*.png"), "-o", out("o-{index}.png")}),
            0);
  expect_left({"o-0.png", "o-1.png"});
  EXPECT_EQ(picture("o-1.png").size(), cv::imread(in("target-2.png").string()).size());
  ASSERT_EQ(names_in(jobs() / "completed").size(), 1U);
  const std::string id = fs::path(names_in(jobs() / "completed")[0]).stem();
  EXPECT_TRUE(id.starts_with("batch-2"));
  EXPECT_FALSE(job("completed", id)["steps"][0]["args"].contains("source_paths"));
}

TEST_F(BatchProgram, EverySourceWithEveryTarget) {
  const auto batch = [this](const std::string& source) {
    return code({"batch-run", "--face-swapper-model", "inswapper_128", "-s", source, "-t", in("target-*.png"), "-o",
                 out("{index:02}-{source_name}-{target_name}{target_extension}")});
  };
  EXPECT_EQ(batch(in("target-?.png")), 0);
  expect_left(
      {"00-target-1-target-1.png", "01-target-1-target-2.png", "02-target-2-target-1.png", "03-target-2-target-2.png"});
}

TEST_F(BatchProgram, WhatCannotBeRun) {
  const auto batch = [this](const Words& more) {
    Words words{"batch-run", "--processors", "face_debugger"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  const auto target = in("target-*.png").string();
  EXPECT_EQ(batch({"-t", in("none-*.png"), "-o", out("{index}.png")}).code, 1);
  EXPECT_EQ(batch({"-o", out("{index}.png")}).code, 1);
  EXPECT_EQ(batch({"-t", target}).code, 1);
  for (const char* name : {"{name}.png", "{}.png", "{source_name}.png", "{index.png"}) {
    const Outcome outcome = batch({"-t", target, "-o", out(name)});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_NE(outcome.err.find(name), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(names_in(jobs() / "drafted").size(), 7U) << "the job is left without steps";
  EXPECT_EQ(batch({"-t", target, "-o", out("absent/{index}.png")}).code, 1);
  EXPECT_EQ(names_in(jobs() / "failed").size(), 1U);
  expect_left({});
}

// Runs that end early.
class Interrupted : public JobRunnerProgram {
 protected:
  // Waits for a file while the program runs.
  static bool appears(Program& program, const fs::path& path) {
    for (int i = 0; i < 6000 && program.running() && !fs::exists(path); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return fs::exists(path);
  }
};

TEST_F(Interrupted, BetweenStepsByASignal) {
  if (!make_with_ffmpeg("film.mp4",
                        {"-stream_loop", "-1", "-i", photo("clip.mp4"), "-frames:v", "480", "-c:v", "libx264"})) {
    GTEST_SKIP() << "no ffmpeg executable to make a film";
  }
  make_image_job("A");
  add_step("A", {"--processors", "face_debugger", "-t", in("film.mp4"), "-o", out("film.mp4")});
  ASSERT_EQ(code({"job-submit", "A"}), 0);
  Program program(command({"job-run", "A"}));
  ASSERT_TRUE(appears(program, out("A-A-0.png")));
  program.send(SIGTERM);
  EXPECT_EQ(program.wait(60).code, 4);
  code({"job-list", "failed"});  // had it been cut off, this command sets it right
  EXPECT_EQ(step_statuses("failed", "A"), (Words{"completed", "failed"}));
  expect_left({"A-A-0.png"});
}

TEST_F(Interrupted, ALongVideoGoesOnWithItsLastSegment) {
  if (!make_with_ffmpeg("long.mp4", {"-f", "lavfi", "-i", "testsrc=size=32x24:rate=25:duration=52", "-f", "lavfi", "-i",
                                     "sine=duration=52", "-preset", "ultrafast", "-c:a", "aac"})) {
    GTEST_SKIP() << "no ffmpeg executable to make a film";
  }
  // Without a lookahead: with one, libx264 was seen to code a picture otherwise on a busy machine.
  Words words{"--processors", "frame_enhancer", "-t", in("long.mp4"), "--output-video-preset", "ultrafast"};
  words.insert(words.end(), {"--output-audio-encoder", "aac", "-o"});
  const auto make = [&](const std::string& id) {
    ASSERT_EQ(code({"job-create", id}), 0);
    Words with_output = words;
    with_output.push_back(out(id + ".mp4"));
    add_step(id, with_output);
    ASSERT_EQ(code({"job-submit", id}), 0);
  };
  make("once");
  ASSERT_EQ(code({"job-run", "once"}), 0);
  make("killed");
  for (const auto& [command_name, segment] : {std::pair{"job-run", "000000.mp4"}, {"job-retry", "000001.mp4"}}) {
    Program program(command({command_name, "killed"}));
    ASSERT_TRUE(appears(program, jobs() / "resume/killed/step-0" / segment));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // its line in the list is written
    program.send(SIGKILL);
    EXPECT_EQ(program.wait().signal, SIGKILL);
    EXPECT_EQ(code({"job-list", "failed"}), 0);
    EXPECT_EQ(step_statuses("failed", "killed"), Words{"failed"});
  }
  const auto first = fs::last_write_time(jobs() / "resume/killed/step-0/000000.mp4");
  Program last(command({"job-retry", "killed"}));
  ASSERT_TRUE(appears(last, jobs() / "resume/killed/step-0/000002.mp4"));
  EXPECT_EQ(fs::last_write_time(jobs() / "resume/killed/step-0/000000.mp4"), first) << "not done again";
  EXPECT_EQ(last.wait().code, 0);
  expect_left({"killed.mp4", "once.mp4"});
  EXPECT_EQ(names_in(jobs() / "resume"), Words{});

  const std::vector<core::Image> expected = frames_of(out("once.mp4"));
  const std::vector<core::Image> found = frames_of(out("killed.mp4"));
  ASSERT_EQ(expected.size(), 1300U);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(distance(found[i], expected[i]), 0) << "frame " << i;
  }
  EXPECT_TRUE(media::probe_video(out("killed.mp4")).has_audio);
}

// A disk that fills up at any place: in the job's own file, in the record of the run, in a picture.
TEST_F(Interrupted, ByWritesThatFailAtSomeByte) {
  make_image_job("whole");
  ASSERT_EQ(code({"job-submit", "whole"}), 0);
  ASSERT_EQ(code({"job-run", "whole"}), 0);
  const std::string expected = read_text(out("whole.png"));
  for (const std::uint64_t limit : {0U, 150U, 5000U, 20000U}) {
    const std::string id = "limit-" + std::to_string(limit);
    make_image_job(id);
    add_step(id, {"--processors", "face_debugger", "-t", photo("mini.png"), "-o", out("second-" + id + ".png")});
    ASSERT_EQ(code({"job-submit", id}), 0);
    Launch launch = command({"job-run", id});
    launch.largest_file = limit;
    EXPECT_EQ(run_program(launch).code, 1) << limit;
    ASSERT_TRUE(fs::exists(file("failed", id))) << limit;
    EXPECT_FALSE(fs::exists(out(id + ".png")));
    EXPECT_EQ(code({"job-retry", id}), 0);
    EXPECT_EQ(read_text(out(id + ".png")), expected);
    EXPECT_EQ(read_text(out("second-" + id + ".png")), expected);
    EXPECT_EQ(names_in(jobs() / "resume"), Words{});
  }
}

TEST_F(Interrupted, OneJobIsRunByOneProcess) {
  make_image_job("A");
  add_step("A", {"--processors", "face_debugger", "-t", photo("clip.mp4"), "-o", out("A.mp4")});
  ASSERT_EQ(code({"job-submit", "A"}), 0);
  Program program(command({"job-run", "A"}));
  ASSERT_TRUE(appears(program, jobs() / "resume/A/running"));
  Launch other = command({"job-run", "A"});
  other.log_folder = root_ / "in";
  EXPECT_EQ(run_program(other).code, 1);
  EXPECT_EQ(program.wait().code, 0);
  expect_left({"A.mp4", "A.png"});
}

TEST_F(Interrupted, TwoProcessesShareTheQueue) {
  for (const char* id : {"A", "B", "C", "D"}) {
    make_image_job(id);
  }
  ASSERT_EQ(code({"job-submit-all"}), 0);
  Program one(command({"job-run-all"}));
  Launch second = command({"job-run-all"});
  second.log_folder = root_ / "in";
  Program two(second);
  one.wait();
  two.wait();
  EXPECT_EQ(names_in(jobs() / "completed"), (Words{"A.json", "B.json", "C.json", "D.json"}));
  expect_left({"A.png", "B.png", "C.png", "D.png"});
}

}  // namespace
}  // namespace facegraph::test
