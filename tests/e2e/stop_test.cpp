// Ctrl-C: over soon, exit code 4, nothing left behind.
#include <chrono>
#include <functional>
#include <iterator>
#include <thread>

#include <signal.h>

#include "e2e/sandbox.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double kLimitSeconds =
    10;  // tells a hang; the promised two seconds are recorded below, a loaded machine must not fail them

class Stop : public Sandbox {
 protected:
  // Long enough for any machine, too short to be written in segments; false without ffmpeg.
  bool make_film() const {
    return make_with_ffmpeg("film.mp4", {"-stream_loop", "-1", "-i", photo("clip.mp4").string(), "-frames:v", "480",
                                         "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"});
  }

  // Runs until `moment`, then sends the signals and expects the end.
  void expect_stop(const Job& job, const std::vector<int>& signals,
                   const std::function<bool(const Program&)>& moment) const {
    Program program(launch_of(job));
    const auto start = Clock::now();
    while (!moment(program) && program.running() && Clock::now() - start < std::chrono::seconds(60)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ASSERT_TRUE(program.running()) << program.wait().err;
    const auto sent = Clock::now();
    for (const int signal : signals) {
      program.send(signal);
    }
    const Outcome outcome = program.wait(30);
    const double seconds = std::chrono::duration<double>(Clock::now() - sent).count();
    EXPECT_EQ(outcome.code, 4) << "signal " << outcome.signal << ", stderr: " << outcome.err;
    EXPECT_LT(seconds, kLimitSeconds);
    RecordProperty("milliseconds", static_cast<int>(seconds * 1000));
  }

  static std::ptrdiff_t files_in(const fs::path& folder) {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  }
  // The encoder is at work: the unfinished file lies in the output folder.
  std::function<bool(const Program&)> when_writing() const {
    return [this](const Program&) { return files_in(root_ / "out") > 0; };
  }
};

#define FILM_OR_SKIP()                                     \
  if (!make_film()) {                                      \
    GTEST_SKIP() << "no ffmpeg executable to make a film"; \
  }

TEST_F(Stop, InterruptedWhileWriting) {
  FILM_OR_SKIP();
  expect_stop(swap(in("film.mp4")), {SIGINT}, when_writing());
  expect_left({});
}

TEST_F(Stop, InterruptedAtOnce) {
  FILM_OR_SKIP();
  expect_stop(swap(in("film.mp4")), {SIGINT}, [](const Program& program) { return program.catches(SIGINT); });
  expect_left({});
}

TEST_F(Stop, TerminatedWhileWriting) {
  FILM_OR_SKIP();
  expect_stop(swap(in("film.mp4")), {SIGTERM}, when_writing());
  expect_left({});
}

TEST_F(Stop, TheSecondInterruptIsIgnored) {
  FILM_OR_SKIP();
  expect_stop(swap(in("film.mp4")), {SIGINT, SIGINT}, when_writing());
  expect_left({});
}

TEST_F(Stop, TheEarlierOutputStays) {
  FILM_OR_SKIP();
  fs::copy_file(photo("clip.mp4"), out("film.mp4"));
  expect_stop(swap(in("film.mp4")), {SIGINT}, [this](const Program&) { return files_in(root_ / "out") > 1; });
  expect_left({"film.mp4"});
  EXPECT_EQ(read_text(out("film.mp4")), read_text(photo("clip.mp4")));
}

}  // namespace
}  // namespace facegraph::test
