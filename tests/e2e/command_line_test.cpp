// Command lines and configuration files as users of the reference write them. spec: application.md 1, 3, 11.12, 11.14
#include <algorithm>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "device/gpu/gpu.hpp"
#include "e2e/sandbox.hpp"
#include "media/probe/probe.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

class CommandLine : public Sandbox {
 protected:
  void SetUp() override {
    make_folders();
    fs::create_directory(folder());
  }

  fs::path folder() const { return root_ / "here"; }  // the current one of the program
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder() / name) << text; }

  Outcome facegraph(const Strings& arguments, std::map<std::string, std::string> environment = {},
                    bool as_nobody = false) const {
    environment.insert({{"FACEGRAPH_MODELS_PATH", (root_ / "none").string()}, {"TMPDIR", (root_ / "tmp").string()}});
    Strings all{"/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder().string(), FACEGRAPH_PROGRAM};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program({.arguments = all,
                        .environment = environment,
                        .log_folder = root_ / "log",
                        .largest_file = {},
                        .as_nobody = as_nobody});
  }

  void expect_code(int code, const Strings& arguments) const {
    const Outcome outcome = facegraph(arguments);
    EXPECT_EQ(outcome.code, code) << testing::PrintToString(arguments) << outcome.err;
  }
  // The last line is the error, and holds the part.
  void expect_usage(const Strings& arguments, const std::string& part) const {
    const Outcome outcome = facegraph(arguments);
    EXPECT_EQ(outcome.code, 2) << testing::PrintToString(arguments);
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
    EXPECT_LE(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 2) << outcome.err;
  }
  // What `config` says of a key with these arguments.
  std::string setting(const std::string& key, Strings arguments = {}) const {
    arguments.insert(arguments.begin(), "config");
    const Outcome outcome = facegraph(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(key + " =")) {
        return line.substr(std::min(line.size(), key.size() + 3));
      }
    }
    return "absent";
  }
};

TEST_F(CommandLine, ExitCodes) {
  expect_code(0, {});
  expect_code(0, {"-v"});
  expect_code(0, {"--help"});
  expect_code(0, {"headless-run", "-h"});
  expect_code(2, {"unknown-command"});
  expect_code(1, {"run"});
  expect_usage({"headless-run", "--output-image-quality", "101"}, "--output-image-quality: expected [0..100:1]");
  expect_usage({"headless-run", "--face-swapper-pixel-boost", "128x128"},
               "--face-swapper-pixel-boost: expected one of 256x256, 512x512, 768x768, 1024x1024 with "
               "--face-swapper-model hyperswap_1a_256, found '128x128'");
  expect_usage({"--face-swapper-model", "dlib"}, "--face-swapper-model: expected one of");
}

TEST_F(CommandLine, JobCommandsWantTheirArguments) {
  expect_usage({"job-create"}, "job_id: expected a text, found the end of the line");
  expect_usage({"job-list", "foo"}, "job_status: expected one of drafted, queued, completed, failed, found 'foo'");
  expect_usage({"job-remove-step", "a", "first"}, "step_index: expected an integer, found 'first'");
  expect_usage({"job-create", "a", "--config-path", "b.ini"}, "unknown option '--config-path'");
  expect_usage({"job-remix-step", "a", "0", "--target-path", "b.png"}, "unknown option '--target-path'");
  EXPECT_TRUE(fs::is_empty(folder()));
}

// spec: application.md 2.1, the end
TEST_F(CommandLine, OptionsOfOlderReleasesAreUsageErrors) {
  for (const char* option : {"--execution-queue-count", "--system-memory-limit", "--keep-temp", "--skip-download"}) {
    expect_usage({"headless-run", option, "1"}, std::string("unknown option '") + option + "'");
  }
}

TEST_F(CommandLine, MarginsAreSanitisedOnTheLineOnly) {
  EXPECT_EQ(setting("face_detector_margin", {"--face-detector-margin", "5", "999"}), "5 0");
  write("facefusion.ini", "[face_detector]\nFACE_DETECTOR_MARGIN: 500\n   7\n");
  EXPECT_EQ(setting("face_detector_margin"), "500 7");
  EXPECT_NE(facegraph({"config"}).out.find("# facefusion.ini:2\nface_detector_margin = 500 7\n"), std::string::npos);
}

TEST_F(CommandLine, FileLineAndProgramInThisOrder) {
  EXPECT_EQ(setting("output_image_quality"), "80");
  write("facefusion.ini", "[output_creation]\noutput_image_quality = 70\n");
  EXPECT_EQ(setting("output_image_quality"), "70");
  EXPECT_EQ(setting("output_image_quality", {"--output-image-quality", "60"}), "60");
  write("facegraph.ini", "[output_creation]\noutput_image_scale = 2.0\n");
  EXPECT_EQ(setting("output_image_quality"), "80") << "facegraph.ini is read instead";
  EXPECT_EQ(setting("output_image_scale"), "2.0");
  EXPECT_EQ(setting("output_image_quality", {"--config-path", "facefusion.ini"}), "70");
  EXPECT_EQ(setting("output_image_quality", {"--config-p=facefusion.ini"}), "70");
}

TEST_F(CommandLine, WrongConfigurationEndsEveryCommandWithOneLine) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"[misc]\nlog_level = loud\n", "facefusion.ini:2: log_level: expected one of error, warn, info, debug"},
      {"[face_detector]\nface_detector_model = dlib\n", "facefusion.ini:2: face_detector_model: expected one of"},
      {"[output_creation]\noutput_image_quality = many\n", "facefusion.ini:2: output_image_quality: expected"},
      {"[face_masker]\nface_mask_types = box ball\n", "facefusion.ini:2: face_mask_types: expected one of"},
      {"[misc]\nlog_level = %\n", "facefusion.ini:2: log_level: a percent sign must be written twice"},
      {"log_level = info\n", "facefusion.ini:1: expected a [section]"},
      {"[misc]\n[misc]\n", "facefusion.ini:2: section [misc] stands in line 1 already"},
  };
  for (const auto& [text, message] : rows) {
    write("facefusion.ini", text);
    for (const Strings& line : std::vector<Strings>{{"headless-run"}, {"doctor"}}) {
      const Outcome outcome = facegraph(line);
      EXPECT_EQ(outcome.code, 2) << text;
      EXPECT_TRUE(outcome.err.starts_with("[FACEGRAPH.CLI] " + message)) << outcome.err;
      EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    }
    expect_code(0, {"headless-run", "--help"});
    expect_code(0, {"-v"});
  }
}

TEST_F(CommandLine, FilesThatAreNotThereOrNotReadable) {
  EXPECT_EQ(facegraph({"config"}).err, "");
  const Outcome absent = facegraph({"config", "--config-path", "absent.ini"});
  EXPECT_EQ(absent.code, 0);
  EXPECT_EQ(absent.err,
            "[FACEGRAPH.CONFIG] absent.ini: cannot be read: No such file or directory; the built-in defaults are "
            "used\n");
  write("facefusion.ini", "[output_creation]\noutput_image_quality = 70\n");
  fs::permissions(folder() / "facefusion.ini", fs::perms::none);
  const Outcome closed = facegraph({"config"}, {}, geteuid() == 0);
  EXPECT_EQ(closed.code, 0);
  EXPECT_EQ(closed.err,
            "[FACEGRAPH.CONFIG] facefusion.ini: cannot be read: Permission denied; the built-in defaults are used\n");
  EXPECT_NE(closed.out.find("output_image_quality = 80\n"), std::string::npos);
}

TEST_F(CommandLine, UnknownNamesInTheFileAreWarnedAbout) {
  write("facegraph.ini", "[output_creation]\noutput_image_qualty = 70\n[memori]\n");
  EXPECT_EQ(facegraph({"config"}).err,
            "[FACEGRAPH.CONFIG] facegraph.ini:2: unknown key 'output_image_qualty'; did you mean "
            "'output_image_quality'?\n"
            "[FACEGRAPH.CONFIG] facegraph.ini:3: unknown section [memori]; did you mean 'memory'?\n");
  EXPECT_EQ(facegraph({"config", "--log-level", "error"}).err, "");
}

TEST_F(CommandLine, MessagesAsJson) {
  const Outcome outcome =
      facegraph({"--log-format", "json", "-s", "absent.png", "-t", "absent \xff.png", "-o", "out.png"});
  EXPECT_EQ(outcome.code, 1);
  nlohmann::json last;
  std::istringstream lines(outcome.err);
  for (std::string line; std::getline(lines, line);) {
    last = nlohmann::json::parse(line);
    EXPECT_EQ(last.size(), 4U) << line;
  }
  EXPECT_EQ(last["level"], "error");
  EXPECT_NE(last["message"].get<std::string>().find("absent"), std::string::npos) << outcome.err;
}

TEST_F(CommandLine, OddArguments) {
  const std::string huge(100000, 'a');
  for (const Strings& line : std::vector<Strings>{{huge},
                                                  {"headless-run", "--" + huge},
                                                  {"headless-run", "--log-level", huge},
                                                  {"headless-run", "--output-image-quality", huge},
                                                  {"headless-run", huge},
                                                  {"\xff\xfe\x80"},
                                                  {"headless-run", "--\xff\xfe"},
                                                  {"headless-run", "--log-level", "\xff\n\x1b[31m"}}) {
    const Outcome outcome = facegraph(line);
    EXPECT_EQ(outcome.code, 2) << outcome.signal;
    EXPECT_LE(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 2) << outcome.err.substr(0, 1000);
    EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos);
    EXPECT_LT(outcome.err.size(), 10000U) << "a message can be read";
  }
  const Outcome path = facegraph({"-s", huge, "-t", huge + ".png", "-o", huge + ".png"});
  EXPECT_EQ(path.code, 1) << path.signal;
  EXPECT_EQ(facegraph({"headless-run", ""}).code, 2);
}

// A home that nothing can be written to, and none at all.
class Home : public CommandLine {
 protected:
  void SetUp() override {
    Sandbox::SetUp();
    if (!IsSkipped()) {
      fs::create_directory(folder());
    }
  }
};

TEST_F(Home, IsNotWrittenTo) {
  const fs::path home = root_ / "home";
  fs::create_directory(home);
  fs::permissions(home,
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  fs::permissions(folder(), fs::perms::others_all, fs::perm_options::add);
  for (const std::string& value : Strings{home.string(), (root_ / "absent").string(), ""}) {
    const Outcome outcome =
        facegraph({"--model-set", "official", "--face-swapper-model", "inswapper_128", "-s",
                   photo("president.png").string(), "-t", photo("astro.png").string(), "-o", out("astro.png").string()},
                  {{"HOME", value}, {"FACEGRAPH_MODELS_PATH", stand_in_models().string()}}, geteuid() == 0);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(fs::is_empty(home));
    expect_left({"astro.png"});
    fs::remove(out("astro.png"));
  }
}

// The command lines of the reference's CUDA-graph description, which name no command and no folder.
class SeedExamples : public Home {
 protected:
  // With the files in the current folder; both descriptions have this line but for the target's name.
  Outcome run_example(const std::string& target, const std::string& provider) const {
    fs::copy_file(photo("clip.mp4"), folder() / target, fs::copy_options::overwrite_existing);
    cv::imwrite((folder() / "source.jpg").string(), cv::imread(photo("president.png").string()));
    fs::remove(folder() / "output.mp4");
    return facegraph({"--execution-providers", provider, "--source-paths", "source.jpg", "--target-path", target,
                      "--output-path", "output.mp4", "--processors", "face_swapper"},
                     {{"FACEGRAPH_MODELS_PATH", stand_in_models().string()}});
  }
  void expect_example(const std::string& target) const {
    const Outcome cuda = run_example(target, "cuda");
    if (!device::cuda_status().problem.empty()) {
      EXPECT_NE(cuda.code, 0);
      EXPECT_NE(cuda.err.find("cuda"), std::string::npos) << cuda.err;
      EXPECT_FALSE(fs::exists(folder() / "output.mp4"));
      const Outcome cpu = run_example(target, "cpu");
      EXPECT_EQ(cpu.code, 0) << cpu.err;
    } else {
      EXPECT_EQ(cuda.code, 0) << cuda.err;
    }
    const media::VideoInfo before = media::probe_video(photo("clip.mp4"));
    const media::VideoInfo after = media::probe_video(folder() / "output.mp4");
    EXPECT_EQ(after.size, before.size);
    EXPECT_EQ(after.frame_total, before.frame_total);
    EXPECT_EQ(after.has_audio, before.has_audio);
  }
};

TEST_F(SeedExamples, First) {
  expect_example("video.mp4");
}

TEST_F(SeedExamples, Second) {
  expect_example("target.mp4");
}

class Outputs1114 : public Sandbox {};

TEST_F(Outputs1114, OddSizesAreHalvedAndDoubled) {
  cv::imwrite(in("odd.png").string(), cv::imread(photo("astro.png").string())(cv::Rect(0, 0, 321, 181)));
  for (const auto& [scale, size] : {std::pair("0.5", cv::Size(160, 90)), std::pair("2.0", cv::Size(642, 362))}) {
    Job job = swap(in("odd.png"));
    job.options = {"--output-image-scale", scale};
    expect_success(job);
    EXPECT_EQ(cv::imread(job.output.string()).size(), size);
    fs::remove(job.output);
  }
}

TEST_F(Outputs1114, VolumeZeroDropsTheSound) {
  ASSERT_TRUE(media::probe_video(photo("clip.mp4")).has_audio);
  Job job = swap(photo("clip.mp4"));
  job.options = {"--output-audio-volume", "0"};
  expect_success(job);
  EXPECT_FALSE(media::probe_video(job.output).has_audio);
}

// Example files of our own under the reference's names.
class Benchmark : public Home {
 protected:
  void make_examples() const {
    const fs::path examples = folder() / ".assets/examples";
    fs::create_directories(examples);
    cv::imwrite((examples / "source.jpg").string(), cv::imread(photo("president.png").string()));
    std::ofstream(examples / "source.mp3") << "not listened to";
    fs::copy_file(photo("clip.mp4"), examples / "target-240p.mp4");
  }
  Outcome run_benchmark(Strings arguments) const {
    arguments.insert(arguments.begin(), {"benchmark", "--temp-path", (root_ / "tmp").string(), "--log-level", "error"});
    return facegraph(arguments, {{"FACEGRAPH_MODELS_PATH", stand_in_models().string()}});
  }
};

TEST_F(Benchmark, PrintsTheReferencesTable) {
  make_examples();
  for (const char* mode : {"warm", "cold"}) {
    const Outcome outcome =
        run_benchmark({"--benchmark-mode", mode, "--benchmark-cycle-count", "2", "--execution-providers", "cpu"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    std::istringstream lines(outcome.err);
    Strings table;
    for (std::string line; std::getline(lines, line);) {
      table.push_back(line);
    }
    ASSERT_EQ(table.size(), 5U) << outcome.err;
    EXPECT_TRUE(table[0].starts_with("+--") && table[0].ends_with("-+")) << table[0];
    EXPECT_EQ(table[1],
              "| target_path                      | cycle_count | average_run | fastest_run | slowest_run | "
              "relative_fps |");
    EXPECT_EQ(table[2], table[0]);
    EXPECT_TRUE(table[3].starts_with("| .assets/examples/target-240p.mp4 | 2           | ")) << table[3];
    EXPECT_EQ(table[4], table[0]);
    expect_left({});
  }
}

TEST_F(Benchmark, NamesWhatIsMissing) {
  const Outcome outcome = run_benchmark({"--offline", "--benchmark-resolutions", "240p", "720p"});
  EXPECT_EQ(outcome.code, 2);
  for (const char* name : {"source.jpg", "source.mp3", "target-240p.mp4", "target-720p.mp4"}) {
    EXPECT_NE(outcome.err.find(name), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

}  // namespace
}  // namespace facegraph::test
