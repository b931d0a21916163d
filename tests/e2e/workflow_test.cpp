// Workflow strategies and modes, frame rates and trims, as a user asks for them.
#include <chrono>
#include <cmath>
#include <thread>

#include <signal.h>

#include "e2e/sandbox.hpp"
#include "media/decode/frame_source.hpp"
#include "media/probe/probe.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

// On a film without a face: every frame comes back as it was, so its number can be read from it.
class Workflow : public Sandbox {
 protected:
  void SetUp() override {
    Sandbox::SetUp();
    if (!IsSkipped() &&
        !make_with_ffmpeg(
            "film.mp4",
            {"-f", "lavfi", "-i", "color=size=128x96:rate=25:duration=1:color=black,geq=lum='20+8*N':cb=128:cr=128",
             "-f", "lavfi", "-i", "sine=duration=1", "-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", "-c:a",
             "aac"})) {
      GTEST_SKIP() << "no ffmpeg executable that can write this test's film";
    }
  }

  Job job(const std::vector<std::string>& options) const {
    Job result = swap(in("film.mp4"));
    result.options = options;
    for (const char* option : {"--output-video-quality", "100", "--output-video-preset", "ultrafast"}) {
      result.options.push_back(option);
    }
    return result;
  }

  // Which of the film's frames the output shows.
  std::vector<int> shown(const fs::path& file) const {
    std::vector<int> numbers;
    const auto source = media::open_video(file, {});
    while (const auto frame = source->read()) {
      // Limited to full range: (20 + 8 n - 16) * 255 / 219. Green: swscale's chroma of greys is a level too low, which
      // takes four off blue.
      const double grey = frame->image.row<std::uint8_t>(48)[3 * 64 + 1];
      numbers.push_back(static_cast<int>(std::lround((grey * 219 / 255 - 4) / 8)));
    }
    return numbers;
  }
};

std::vector<int> every(int step, int start, int end) {
  std::vector<int> numbers;
  for (int number = start; number < end; number += step) {
    numbers.push_back(number);
  }
  return numbers;
}

TEST_F(Workflow, BothStrategiesGiveTheSameFrames) {
  struct Row {
    std::vector<std::string> options;
    std::vector<int> frames;
    double duration;
  };
  std::vector<int> twice;
  for (int i = 0; i < 50; ++i) {
    twice.push_back(i / 2);
  }
  const std::vector<Row> rows = {
      {{}, every(1, 0, 25), 1},
      {{"--trim-frame-start", "10", "--trim-frame-end", "18"}, every(1, 10, 18), 0.32},
      {{"--trim-frame-start", "-3", "--trim-frame-end", "7"}, every(1, 0, 7), 0.28},
      {{"--trim-frame-start", "19", "--trim-frame-end", "900"}, every(1, 19, 25), 0.24},
      // Fewer frames, same duration (D1), in both strategies the same ones (D8).
      {{"--output-video-fps", "12.5", "--trim-frame-start", "10", "--trim-frame-end", "22"}, every(2, 10, 22), 0.48},
      {{"--output-video-fps", "50"}, twice, 1},
  };
  for (const char* strategy : {"memory", "disk"}) {
    for (const Row& row : rows) {
      if (strategy == std::string("memory") && row.options.empty()) {
        continue;  // other tests do that
      }
      Job run = job(row.options);
      run.options.insert(run.options.end(), {"--workflow-strategy", strategy});
      const Outcome outcome = start(run);
      ASSERT_EQ(outcome.code, 0) << outcome.err;
      EXPECT_EQ(shown(run.output), row.frames) << strategy << testing::PrintToString(row.options);
      EXPECT_NEAR(media::probe_video(run.output).duration, row.duration, 0.001);
      EXPECT_TRUE(media::probe_video(run.output).has_audio);
      expect_left({"film.mp4"});
    }
  }
}

TEST_F(Workflow, EveryTemporaryFormatWorks) {
  for (const char* format : {"bmp", "jpeg", "png", "tiff"}) {
    const Job run = job({"--workflow-strategy", "disk", "--temp-frame-format", format, "--trim-frame-end", "5",
                         "--output-video-scale", "0.5"});
    const Outcome outcome = start(run);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(shown(run.output).size(), 5U);
    EXPECT_EQ(media::probe_video(run.output).size, (core::Size{64, 48})) << format;
    expect_left({"film.mp4"});
  }
}

// Ends by a signal while the files are there: they go too.
TEST_F(Workflow, TemporaryFilesGoWhenTheRunIsStopped) {
  ASSERT_TRUE(make_with_ffmpeg("long.mp4", {"-stream_loop", "-1", "-i", photo("clip.mp4").string(), "-t", "30", "-c:v",
                                            "libx264", "-preset", "ultrafast"}));
  Job run = swap(in("long.mp4"));
  run.options = {"--workflow-strategy", "disk", "--temp-path", (root_ / "tmp").string()};
  Program program(launch_of(run));
  const auto files = [this] {
    std::error_code ignored;
    const auto range = fs::recursive_directory_iterator(root_ / "tmp", ignored);
    return std::distance(begin(range), end(range));
  };
  std::ptrdiff_t seen = 0;
  while ((seen = files()) < 10 && program.running()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_GE(seen, 10);
  program.send(SIGINT);
  EXPECT_EQ(program.wait(60).code, 4);
  expect_left({});
}

TEST_F(Workflow, TemporaryFilesGoWhenTheRunFails) {
  Job run = job({"--workflow-strategy", "disk", "--temp-frame-format", "bmp"});
  run.largest_file = 20000;  // a picture of the film has 36 kB
  expect_failure(run, 1, {".bmp", "cannot be written"});
}

// Two targets of the same name at once do not meet in the temporary folder, as they do in the reference's.
TEST_F(Workflow, RunsOfTheSameNameDoNotMeet) {
  fs::create_directory(in("other"));
  ASSERT_TRUE(make_with_ffmpeg("other/film.mp4", {"-i", in("film.mp4").string(), "-vf", "scale=64:48", "-c:v",
                                                  "libx264", "-qp", "0", "-preset", "ultrafast", "-an"}));
  Job first = job({"--workflow-strategy", "disk"});
  Job second = first;
  second.target = in("other") / "film.mp4";
  second.output = out("second.mp4");
  Launch launch = launch_of(second);
  fs::create_directory(root_ / "log2");
  launch.log_folder = root_ / "log2";
  Program a(launch_of(first));
  Program b(launch);
  EXPECT_EQ(a.wait().code, 0);
  EXPECT_EQ(b.wait().code, 0);
  EXPECT_EQ(shown(first.output), every(1, 0, 25));
  EXPECT_EQ(media::probe_video(second.output).size, (core::Size{64, 48}));
  EXPECT_EQ(media::probe_video(second.output).frame_total, 25);
}

TEST_F(Workflow, ModesFitTheTarget) {
  Job picture = swap(photo("mini.png"));
  picture.options = {"--workflow-mode", "image-to-image"};
  expect_success(picture);
  fs::remove(picture.output);
  picture.options = {"--workflow-mode", "image-to-video"};
  expect_failure(picture, 1, {"workflow mode", "picture"});
  expect_failure(job({"--workflow-mode", "image-to-image"}), 1, {"workflow mode", "video"});
  expect_success(job({"--workflow-mode", "image-to-video", "--trim-frame-end", "2"}));
}

}  // namespace
}  // namespace facegraph::test
