// Files that a disk can give a part of only (EIO): the run fails and names the file; what was read before is no result.
#include <fstream>

#include "e2e/faults.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReason = "Input/output error";

class ReadFaults : public FaultySandbox {
 protected:
  void expect_refused(const Job& job, const fs::path& broken, double share = 0.6) const {
    const auto from = static_cast<long long>(static_cast<double>(fs::file_size(broken)) * share);
    const Run run = run_with(launch_of(job), {.path = fs::path("/" / broken.filename()).string(), .read_from = from});
    EXPECT_TRUE(run.met) << broken;
    expect_one_line(run.outcome, {broken.filename().string(), kReason});
    expect_left({});
    EXPECT_EQ(names_in(jobs() / "failed").size(), 1U);
    fs::remove_all(jobs());
  }
  bool make_film(const std::string& name, const Words& encoder) const {
    Words words{"-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=4",
                "-f", "lavfi", "-i", "sine=duration=4"};
    words.insert(words.end(), encoder.begin(), encoder.end());
    return make_with_ffmpeg(name, words);
  }
  Job enhance(const fs::path& target) const {
    Job job = swap(target);
    job.source = "";
    job.options = {"--processors", "frame_enhancer"};
    return job;
  }
};

TEST_F(ReadFaults, Pictures) {
  for (const char* name : {"astro.png", "astro.jpg", "mini.webp", "mini.tiff", "mini.bmp"}) {
    expect_refused(swap(photo(name)), photo(name));
  }
  Job job = swap(photo("astro.png"));
  expect_refused(job, job.source);
}

TEST_F(ReadFaults, VideosAreNotCutShort) {
  int made = 0;
  for (const auto& [name, encoder] : std::vector<std::pair<std::string, Words>>{
           {"first.mp4", {"-c:v", "libx264", "-c:a", "aac", "-movflags", "faststart"}},
           {"last.mp4", {"-c:v", "libx264", "-c:a", "aac"}},
           {"film.mov", {"-c:v", "mjpeg", "-c:a", "pcm_s16le", "-movflags", "faststart"}},
           {"film.mkv", {"-c:v", "mjpeg", "-c:a", "flac"}},
           {"film.webm", {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"}},
           {"film.avi", {"-c:v", "mjpeg", "-c:a", "pcm_s16le"}},
           {"film.mpeg", {"-c:v", "mpeg2video", "-c:a", "mp2"}},
           {"film.gif", {"-an"}}}) {
    if (make_film(name, encoder)) {
      ++made;
      expect_refused(enhance(in(name)), in(name));
    }
  }
  if (made == 0) {
    GTEST_SKIP() << "no ffmpeg executable to make films";
  }
}

TEST_F(ReadFaults, AVideoBeforeAndAfterItsMiddle) {
  if (!make_film("film.mkv", {"-c:v", "mjpeg", "-c:a", "flac"})) {
    GTEST_SKIP() << "no ffmpeg executable to make a film";
  }
  for (const double share : {0.0, 0.002, 0.1, 0.98}) {
    expect_refused(enhance(in("film.mkv")), in("film.mkv"), share);
  }
  Job on_disk = enhance(in("film.mkv"));
  on_disk.options.insert(on_disk.options.end(), {"--workflow-strategy", "disk", "--temp-frame-format", "bmp"});
  expect_refused(on_disk, in("film.mkv"));
  Job trimmed = enhance(in("film.mkv"));
  trimmed.options.insert(trimmed.options.end(), {"--trim-frame-start", "90"});
  expect_refused(trimmed, in("film.mkv"));
}

TEST_F(ReadFaults, PicturesOfTheDiskStrategy) {
  Job job = enhance(photo("clip.mp4"));
  job.options.insert(job.options.end(), {"--workflow-strategy", "disk", "--temp-frame-format", "bmp"});
  const Run run = run_with(launch_of(job), {.path = "/00000003.bmp", .read_from = 100});
  EXPECT_TRUE(run.met);
  expect_one_line(run.outcome, {"00000003.bmp", kReason});
  expect_left({});
}

TEST_F(ReadFaults, Sounds) {
  Job job = swap(photo("clip.mp4"));
  job.source = photo("voice.wav");
  job.options = {"--processors", "lip_syncer"};
  expect_refused(job, job.source);
}

TEST_F(ReadFaults, Models) {
  const fs::path model = stand_in_models() / "inswapper_128.onnx";
  expect_refused(swap(photo("astro.png")), model);
  expect_refused(swap(photo("astro.png")), stand_in_models() / "inswapper_128.hash", 0.4);
}

TEST_F(ReadFaults, Jobs) {
  ASSERT_EQ(code({"job-create", "A"}), 0);
  add_step("A", step("mini.png", "a.png"));
  const std::string before = read_text(file("drafted", "A"));
  const auto expect_line = [this](const Words& words) {
    const Run run = run_with(command(words), {.path = "/A.json", .read_from = 300});
    EXPECT_TRUE(run.met);
    expect_one_line(run.outcome, {"A.json", kReason});
  };
  Words add{"job-add-step", "A"};
  const Words more = step("mini.png", "b.png");
  add.insert(add.end(), more.begin(), more.end());
  for (const Words& words : std::vector<Words>{add,
                                               {"job-remix-step", "A", "0", "-o", out("c.png")},
                                               {"job-remove-step", "A", "0"},
                                               {"job-submit", "A"},
                                               {"job-list", "drafted"}}) {
    expect_line(words);
    EXPECT_EQ(read_text(file("drafted", "A")), before);
  }
  ASSERT_EQ(code({"job-submit", "A"}), 0);
  expect_line({"job-run", "A"});
  EXPECT_EQ(step_statuses("queued", "A"), Words{"queued"});
  EXPECT_EQ(code({"job-run", "A"}), 0) << "the disk is well again";
  expect_left({"a.png"});
}

// The record of what is done is not taken for empty.
TEST_F(ReadFaults, TheRecordOfARun) {
  ASSERT_EQ(code({"job-create", "A"}), 0);
  add_step("A", step("mini.png", "a.png"));
  Words beyond = step("clip.mp4", "beyond.mp4");
  beyond.insert(beyond.end(), {"--trim-frame-start", "1000"});
  add_step("A", beyond);
  ASSERT_EQ(code({"job-submit", "A"}), 0);
  EXPECT_EQ(code({"job-run", "A"}), 1);
  const Run run = run_with(command({"job-retry", "A"}), {.path = "/resume/A/steps", .read_from = 20});
  EXPECT_TRUE(run.met);
  expect_one_line(run.outcome, {"steps", kReason});
  EXPECT_EQ(step_statuses("failed", "A"), (Words{"completed", "failed"}));
  expect_left({"a-A-0.png"});
  EXPECT_EQ(code({"job-delete", "A"}), 0);
  expect_left({});
}

}  // namespace
}  // namespace facegraph::test
