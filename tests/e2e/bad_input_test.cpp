// Bad input, file by file: one clear line, the right exit code, nothing left behind.
#include <algorithm>
#include <fstream>

#include <opencv2/imgcodecs.hpp>
#include <sys/mount.h>
#include <unistd.h>

#include "e2e/sandbox.hpp"
#include "media/decode/frame_source.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

#define MAKE_OR_SKIP(...)                                                   \
  if (!make_with_ffmpeg(__VA_ARGS__)) {                                     \
    GTEST_SKIP() << "no ffmpeg executable that can write this test's file"; \
  }

class Pictures : public Sandbox {};
class Videos : public Sandbox {};
class Models : public Sandbox {
 protected:
  void SetUp() override {
    Sandbox::SetUp();
    if (IsSkipped()) {
      return;
    }
    fs::create_directory(folder());
    for (const fs::directory_entry& entry : fs::directory_iterator(stand_in_models())) {
      fs::create_symlink(entry.path(), folder() / entry.path().filename());
    }
  }

  fs::path folder() const { return root_ / "models"; }
  // Puts something else in a model file's place.
  void replace(const std::string& name, const std::string& bytes) const {
    fs::remove(folder() / name);
    std::ofstream(folder() / name, std::ios::binary) << bytes;
  }
  // Another model with its matching hash under this name.
  void disguise(const std::string& name, const std::string& as) const {
    for (const char* extension : {".onnx", ".hash"}) {
      replace(as + extension, read_text(stand_in_models() / (name + extension)));
    }
  }
  Job swap_with_folder() const {
    Job job = swap(photo("astro.png"));
    job.models = folder();
    return job;
  }
};
class Outputs : public Sandbox {};
class Options : public Sandbox {};

TEST_F(Pictures, NotAPicture) {
  for (const char* name : {"text.png", "text.jpg", "text.webp", "text.bmp", "text.tiff"}) {
    expect_failure(swap(written(name, "this is a text\n")), 1, {name});
  }
  expect_failure(swap(written("empty.png", "")), 1, {"empty.png"});
}

TEST_F(Pictures, SourceThatIsNoPicture) {
  Job job = swap(photo("astro.png"));
  job.source = written("source.png", "this is a text\n");
  expect_failure(job, 1, {"source.png"});
}

TEST_F(Pictures, Truncated) {
  expect_failure(swap(truncated(photo("astro.jpg"), "cut.jpg")), 1, {"cut.jpg"});
  expect_failure(swap(truncated(photo("astro.png"), "cut.png")), 1, {"cut.png"});
}

TEST_F(Pictures, Missing) {
  Job job = swap(in("absent.png"));
  expect_failure(job, 1, {"absent.png", "does not exist"});
  job = swap(photo("astro.png"));
  job.source = in("absent.png");
  expect_failure(job, 1, {"absent.png", "does not exist"});
}

TEST_F(Pictures, OddSizesBecomeEven) {
  const cv::Mat odd = cv::imread(photo("astro.png").string())(cv::Rect(0, 0, 321, 181));
  cv::imwrite(in("odd.png").string(), odd);
  expect_success(swap(in("odd.png")));
  EXPECT_EQ(cv::imread(out("odd.png").string()).size(), cv::Size(320, 180));
}

TEST_F(Pictures, OnePixel) {
  cv::imwrite(in("pixel.png").string(), cv::Mat(1, 1, CV_8UC3, cv::Scalar(10, 200, 30)));
  expect_success(swap(in("pixel.png")));
  EXPECT_EQ(cv::imread(out("pixel.png").string()).size(), cv::Size(1, 1));
}

TEST_F(Pictures, SixteenThousandPixelsWide) {
  cv::imwrite(in("wide.png").string(), cv::Mat(8640, 15360, CV_8UC3, cv::Scalar(10, 200, 30)));
  expect_success(swap(in("wide.png")));
  EXPECT_EQ(cv::imread(out("wide.png").string()).size(), cv::Size(15360, 8640));
}

TEST_F(Pictures, TooLarge) {
  cv::imwrite(in("huge.png").string(), cv::Mat(2, 40000, CV_8UC1, cv::Scalar(0)));
  expect_failure(swap(in("huge.png")), 1, {"huge.png", "40000"});
}

TEST_F(Pictures, AlphaIsKept) {
  expect_success(swap(photo("astro_rgba.png")));
  EXPECT_EQ(cv::imread(out("astro_rgba.png").string(), cv::IMREAD_UNCHANGED).channels(), 4);
}

TEST_F(Pictures, SixteenBitsBecomeEight) {
  const cv::Mat colour = cv::imread(photo("astro.png").string());
  cv::Mat deep;
  colour.convertTo(deep, CV_16UC3, 257);
  cv::imwrite(in("deep.png").string(), deep);
  expect_success(swap(in("deep.png")));
  ASSERT_EQ(start(swap(photo("astro.png"))).code, 0);
  const cv::Mat swapped = cv::imread(out("deep.png").string(), cv::IMREAD_UNCHANGED);
  ASSERT_EQ(swapped.type(), CV_8UC3);
  EXPECT_EQ(cv::norm(swapped, cv::imread(out("astro.png").string()), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(swapped, colour, cv::NORM_INF), 20) << "the face is swapped";
}

TEST_F(Pictures, GreyBecomesColour) {
  cv::imwrite(in("grey.png").string(), cv::imread(photo("astro.png").string(), cv::IMREAD_GRAYSCALE));
  expect_success(swap(in("grey.png")));
  EXPECT_EQ(cv::imread(out("grey.png").string(), cv::IMREAD_UNCHANGED).type(), CV_8UC3);
}

TEST_F(Pictures, NoFaceInTheSource) {
  Job job = swap(photo("astro.png"));
  job.source = photo("noface.png");
  expect_failure(job, 1, {"no face", "source"});
}

TEST_F(Pictures, NoFaceInTheTarget) {
  expect_success(swap(photo("noface.png")));
  const cv::Mat before = cv::imread(photo("noface.png").string());
  EXPECT_EQ(cv::norm(before, cv::imread(out("noface.png").string()), cv::NORM_INF), 0) << "the picture is unchanged";
}

TEST_F(Pictures, NamesWithBlanksAndBytesThatAreNoText) {
  for (const std::string name : {"with blank.png", "-minus.png", "\xff\xfe\x80.png", "\xc3\xa4 \xe6\xbc\xa2.png"}) {
    fs::copy_file(photo("astro.png"), in(name));
    const Job job = swap(in(name));
    expect_success(job);
    fs::remove(job.output);
  }
  expect_failure(swap(written("\xff\n\x1b.png", "text")), 1, {"\xff"});
}

TEST_F(Videos, NotAVideo) {
  for (const char* name : {"text.mp4", "text.mkv", "text.avi", "text.webm"}) {
    expect_failure(swap(written(name, "this is a text\n")), 1, {name});
  }
  expect_failure(swap(written("empty.mp4", "")), 1, {"empty.mp4"});
}

TEST_F(Videos, TruncatedBeforeItsIndex) {
  MAKE_OR_SKIP("index_last.mp4", {"-i", photo("clip.mp4").string(), "-c", "copy"});
  expect_failure(swap(truncated(in("index_last.mp4"), "cut.mp4")), 1, {"cut.mp4"});
}

TEST_F(Videos, TruncatedBehindItsIndexKeepsWhatIsThere) {
  MAKE_OR_SKIP("index_first.mp4", {"-i", photo("clip.mp4").string(), "-an", "-c:v", "copy", "-movflags", "faststart"});
  Job job = swap(truncated(in("index_first.mp4"), "cut.mp4", 0.7));
  job.log_level = "warn";
  const Outcome outcome = start(job);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_NE(outcome.err.find("cut.mp4"), std::string::npos) << outcome.err;
  expect_left({"cut.mp4"});
}

TEST_F(Videos, NoVideoStream) {
  MAKE_OR_SKIP("sound.mp4", {"-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac"});
  expect_failure(swap(in("sound.mp4")), 1, {"sound.mp4", "no video stream"});
}

TEST_F(Videos, NoFrames) {
  MAKE_OR_SKIP("frameless.avi", {"-f", "lavfi", "-i", "testsrc=size=64x64", "-c:v", "mjpeg", "-frames:v", "0"});
  expect_failure(swap(in("frameless.avi")), 1, {"frameless.avi", "frame"});
}

TEST_F(Videos, HeaderThatClaimsTenHours) {
  MAKE_OR_SKIP("short.avi", {"-f", "lavfi", "-i", "testsrc=size=64x64:rate=25", "-c:v", "mjpeg", "-frames:v", "5"});
  std::string bytes = read_text(in("short.avi"));
  const std::string count = std::string("\xA0\xBB\x0D", 3) + '\0';  // 900 000
  const std::size_t main_header = bytes.find("avih") + 8;
  const std::size_t stream_header = bytes.find("strh") + 8;
  bytes.replace(main_header + 16, 4, count);    // dwTotalFrames
  bytes.replace(stream_header + 32, 4, count);  // dwLength
  const Job job = swap(written("long.avi", bytes));
  const Outcome outcome = start(job);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto source = media::open_video(job.output, {});
  int frames = 0;
  while (source->read()) {
    ++frames;
  }
  EXPECT_EQ(frames, 5);
  expect_left({"long.avi"});
}

TEST_F(Videos, TrimRangeWithoutFrames) {
  Job job = swap(photo("clip.mp4"));
  job.options = {"--trim-frame-start", "100000"};
  expect_failure(job, 1, {"no frames"});
}

TEST_F(Videos, OddSizesBecomeEven) {
  MAKE_OR_SKIP("odd.mkv", {"-f", "lavfi", "-i", "testsrc=size=321x181:duration=0.4", "-c:v", "ffv1"});
  expect_success(swap(in("odd.mkv")));
  MAKE_OR_SKIP("first.png", {"-i", out("odd.mkv").string(), "-frames:v", "1"});
  EXPECT_EQ(cv::imread(in("first.png").string()).size(), cv::Size(320, 180));
}

TEST_F(Videos, OnePixel) {
  MAKE_OR_SKIP("pixel.mkv",
               {"-f", "lavfi", "-i", "color=size=2x2:duration=0.2", "-vf", "format=rgb24,crop=1:1", "-c:v", "png"});
  // The encoder takes even sides only.
  expect_success(swap(in("pixel.mkv")));
  MAKE_OR_SKIP("first.png", {"-i", out("pixel.mkv").string(), "-frames:v", "1"});
  EXPECT_EQ(cv::imread(in("first.png").string()).size(), cv::Size(2, 2));
}

TEST_F(Models, Missing) {
  fs::remove(folder() / "inswapper_128.onnx");
  expect_failure(swap_with_folder(), 1, {"inswapper_128"});
}

TEST_F(Models, NoneAtAll) {
  Job job = swap(photo("astro.png"));
  job.models = root_ / "in";
  expect_failure(job, 1, {"inswapper_128", "yoloface_8n", "FACEGRAPH_MODELS_PATH"});
}

TEST_F(Models, HashMissing) {
  fs::remove(folder() / "inswapper_128.hash");
  expect_failure(swap_with_folder(), 1, {"inswapper_128"});
}

TEST_F(Models, Corrupt) {
  std::string bytes = read_text(stand_in_models() / "inswapper_128.onnx");
  bytes[bytes.size() / 2] ^= 1;
  replace("inswapper_128.onnx", bytes);
  expect_failure(swap_with_folder(), 1, {"inswapper_128"});
}

TEST_F(Models, NotAModelThoughItsHashFits) {
  replace("inswapper_128.onnx", "123456789");
  replace("inswapper_128.hash", "cbf43926");  // CRC-32 of these digits
  expect_failure(swap_with_folder(), 1, {"inswapper_128"});
}

TEST_F(Models, OtherTensorNames) {
  disguise("arcface_w600k_r50", "inswapper_128");
  expect_failure(swap_with_folder(), 1, {"inswapper_128"});
}

TEST_F(Models, OtherShapes) {
  disguise("hyperswap_1a_256", "inswapper_128");
  expect_failure(swap_with_folder(), 1, {"inswapper_128"});
  disguise("2dfan4", "yoloface_8n");
  expect_failure(swap_with_folder(), 1, {"yoloface_8n"});
}

TEST_F(Outputs, FolderMissing) {
  Job job = swap(photo("astro.png"));
  job.output = out("absent") / "astro.png";
  expect_failure(job, 1, {"absent"});
}

TEST_F(Outputs, FolderNotWritable) {
  fs::permissions(root_ / "out",
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  for (const char* target : {"astro.png", "clip.mp4"}) {
    Job job = swap(photo(target));
    job.as_nobody = geteuid() == 0;
    expect_failure(job, 1, {"out", "writable"});
  }
}

TEST_F(Outputs, IsAnInput) {
  fs::copy_file(photo("astro.png"), out("astro.png"));
  Job job = swap(out("astro.png"));
  expect_failure(job, 1, {"astro.png"});
  fs::create_symlink(out("astro.png"), out("link.png"));
  job.output = out("link.png");
  expect_failure(job, 1, {"link.png"});
  EXPECT_EQ(read_text(out("astro.png")), read_text(photo("astro.png"))) << "the input is untouched";
}

TEST_F(Outputs, IsAFolderOrOfAnotherExtension) {
  fs::create_directory(out("folder.png"));
  Job job = swap(photo("astro.png"));
  job.output = out("folder.png");
  expect_failure(job, 1, {"folder.png"});
  job.output = out("astro.jpg");
  expect_failure(job, 1, {"extension"});
}

TEST_F(Outputs, AFailureKeepsTheFileThatWasThere) {
  std::ofstream(out("astro.png")) << "older result";
  Job job = swap(photo("astro.png"));
  job.source = photo("noface.png");
  expect_failure(job, 1, {"no face"});
  EXPECT_EQ(read_text(out("astro.png")), "older result");
}

TEST_F(Outputs, FileThatCannotGrow) {
  for (const char* target : {"astro.png", "astro.jpg", "clip.mp4"}) {
    Job job = swap(photo(target));
    job.largest_file = 12000;  // more than the job's own file
    expect_failure(job, 1, {"/out/" + fs::path(target).stem().string(), "written"});
  }
}

TEST_F(Outputs, DiskFull) {
  if (mount("none", (root_ / "out").c_str(), "tmpfs", 0, "size=16k") != 0) {
    GTEST_SKIP() << "no right to mount a small disk";
  }
  for (const char* target : {"astro.png", "clip.mp4"}) {
    expect_failure(swap(photo(target)), 1, {"/out/" + fs::path(target).stem().string(), "space"});
  }
  umount2((root_ / "out").c_str(), MNT_DETACH);
}

TEST_F(Options, Unknown) {
  Job job = swap(photo("astro.png"));
  job.options = {"--face-swaper-model", "inswapper_128"};
  expect_failure(job, 2, {"'--face-swaper-model'", "did you mean '--face-swapper-model'?"});
}

TEST_F(Options, ValueOutOfRange) {
  for (const std::vector<std::string>& options :
       std::vector<std::vector<std::string>>{{"--output-image-quality", "101"},
                                             {"--face-detector-score", "0.51"},
                                             {"--face-detector-model", "dlib"},
                                             {"--face-swapper-pixel-boost", "100x100"},
                                             {"--trim-frame-start", "first"}}) {
    Job job = swap(photo("astro.png"));
    job.options = options;
    expect_failure(job, 2, {options[0], "expected", options[1]});
  }
}

TEST_F(Options, FilesNotGiven) {
  Job job = swap(photo("astro.png"));
  job.source = "";
  expect_failure(job, 1, {"--source-paths"});
  job = swap(photo("astro.png"));
  job.target = "";
  expect_failure(job, 1, {"--target-path"});
  job = swap(photo("astro.png"));
  job.output = "";
  expect_failure(job, 1, {"--output-path"});
}

}  // namespace
}  // namespace facegraph::test
