// What it costs to analyse one 1080p frame with one face on the CPU when the models are tiny: everything around them.
// The same models and the same frame go through a transcription of our specification in NumPy and OpenCV
// (bench/baseline/analyse.py); both on one thread, turn by turn, and the ratio of the medians is printed.
//
//   analyse_cpu --photo FILE [--python COMMAND] [--rounds N] [--json FILE]
//
// The command must find NumPy, OpenCV and ONNX Runtime, for example "env PYTHONPATH=... python3".
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "analysers/face/face_analyser.hpp"
#include "core/base/error.hpp"
#include "media/image/image_file.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/threads.hpp"
#include "runtime/provider/providers.hpp"
#include "support/onnx_writer.hpp"

namespace {

namespace fs = std::filesystem;
namespace fg = facegraph;
using fg::test::constant;
using fg::test::OnnxInitializer;

constexpr fg::core::Size kFrame{1920, 1080};
constexpr int kRunsPerRound = 20;
constexpr double kGoal = 1.3;

struct Arguments {
  fs::path photo;
  std::string python = "python3";
  fs::path json;
  int rounds = 5;
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = values[i];
    const std::string value = values[i + 1];
    if (name == "--photo") {
      arguments.photo = value;
    } else if (name == "--python") {
      arguments.python = value;
    } else if (name == "--json") {
      arguments.json = value;
    } else if (name == "--rounds") {
      arguments.rounds = std::stoi(value);
    } else {
      fg::core::fail(fg::core::ErrorCode::kUsage, "unknown option {}", name);
    }
  }
  return arguments;
}

void write(const fs::path& folder, const std::string& name, const std::vector<std::int64_t>& input,
           const std::vector<OnnxInitializer>& outputs) {
  fg::test::constant_model({"input", {input.begin(), input.end()}}, outputs).write(folder / (name + ".onnx"));
}

// Of the detector's 8400 anchors three see the face, which is 150 pixels wide in the detector's picture.
OnnxInitializer detections() {
  constexpr std::size_t kAnchors = 8400;
  constexpr float kSide = 150;
  std::vector<float> rows(20 * kAnchors);
  const fg::core::Landmark5& unit = fg::ops::warp_template(fg::ops::WarpTemplate::kArcface112V2);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t anchor = 4000 + i;
    const auto put = [&](std::size_t row, float value) { rows[row * kAnchors + anchor] = value; };
    put(0, 320);
    put(1, 180);
    put(2, kSide);
    put(3, kSide);
    put(4, 0.9F - 0.1F * static_cast<float>(i));
    for (std::size_t j = 0; j < unit.size(); ++j) {
      put(5 + 3 * j, 320 - kSide / 2 + kSide * static_cast<float>(unit[j].x));
      put(6 + 3 * j, 180 - kSide / 2 + kSide * static_cast<float>(unit[j].y));
    }
  }
  return constant("output0", {1, 20, kAnchors}, rows);
}

// An upright face on the landmarker's grid of 64; every second point gets a place of its own.
OnnxInitializer landmarks() {
  std::vector<float> points(68 * 3);
  const auto put = [&](std::size_t first, std::size_t last, float x, float y) {
    for (std::size_t i = first; i <= last; ++i) {
      points[3 * i] = x + 0.1F * static_cast<float>(i % 2);
      points[3 * i + 1] = y;
    }
  };
  put(0, 67, 32, 40);
  put(36, 41, 22, 26);
  put(42, 47, 42, 26);
  put(30, 30, 32, 36);
  put(48, 48, 24, 46);
  put(54, 54, 40, 46);
  return constant("landmarks", {1, 68, 3}, points);
}

void write_models(const fs::path& folder) {
  const auto id = [](const std::string& name) {
    return OnnxInitializer{
        .name = name, .dims = {1}, .type = fg::test::OnnxType::kInt64, .raw = fg::test::raw_bytes<std::int64_t>({1})};
  };
  std::vector<float> upright(136, 0.5F);
  upright[0] = 0;  // point 0 to the left of point 16
  upright[32] = 1;
  write(folder, "yoloface_8n", {1, 3, 640, 640}, {detections()});
  write(folder, "fan_68_5", {1, 5, 2}, {constant("output", {1, 68, 2}, upright)});
  write(folder, "2dfan4", {1, 3, 256, 256},
        {landmarks(), constant("heatmaps", {1, 68, 64, 64}, std::vector<float>(std::size_t{68} * 64 * 64, 0.9F))});
  write(folder, "arcface_w600k_r50", {1, 3, 112, 112}, {constant("output", {1, 512}, std::vector<float>(512, 1.0F))});
  write(folder, "fairface", {1, 3, 224, 224}, {id("race"), id("gender"), id("age")});
}

nlohmann::json baseline(const Arguments& arguments, const fs::path& folder) {
  const fs::path script = fs::path(FACEGRAPH_SOURCE_FOLDER) / "bench" / "baseline" / "analyse.py";
  const std::string command =
      fmt::format("{} '{}' --models '{}' --frame '{}' --runs {}", arguments.python, script.string(), folder.string(),
                  (folder / "frame.png").string(), kRunsPerRound);
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  char part[4096];
  for (std::size_t got = 0; pipe != nullptr && (got = std::fread(part, 1, sizeof part, pipe)) > 0;) {
    text.append(part, got);
  }
  if (pipe == nullptr || ::pclose(pipe) != 0) {
    fg::core::fail(fg::core::ErrorCode::kFailed, "the baseline failed: {}", command);
  }
  return nlohmann::json::parse(text);
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

// The two must have found the same, or their times say nothing.
void expect_same(const fg::core::Faces& ours, const nlohmann::json& theirs) {
  double off = ours.size() == 1 && theirs["boxes"].size() == 1 ? 0 : 1e9;
  for (std::size_t i = 0; off == 0 && i < 5; ++i) {
    const fg::core::Point& point = ours[0].landmarks.five_of_68[i];
    off = std::max({off, std::abs(point.x - theirs["five"][0][i][0].get<double>()),
                    std::abs(point.y - theirs["five"][0][i][1].get<double>())});
  }
  if (off > 0.1) {
    fg::core::fail(fg::core::ErrorCode::kFailed, "the baseline found another face: {} pixels apart", off);
  }
}

nlohmann::json measure(const Arguments& arguments, const fs::path& folder) {
  write_models(folder);
  const fg::core::Image frame =
      fg::media::scale_image(fg::media::read_image(arguments.photo, fg::media::ReadMode::kColour), kFrame);
  fg::media::write_image(folder / "frame.png", frame, 100);
  const fg::models::Store store(folder);
  fg::runtime::ExecutionOptions execution;
  execution.threads_per_session = 1;
  fg::runtime::InferencePool pool(execution);
  fg::ops::set_operator_threads(1);
  fg::analysers::FaceAnalyserOptions options;
  options.detector.score = 0.5;
  options.landmarker.score = 0.5;
  fg::analysers::FaceAnalyser analyser({pool, store}, options);
  const fg::core::Faces faces = analyser.analyse(frame);

  std::vector<double> ours;
  std::vector<double> theirs;
  nlohmann::json last;
  for (int round = 0; round < arguments.rounds; ++round) {
    for (int run = 0; run < kRunsPerRound; ++run) {
      const auto start = std::chrono::steady_clock::now();
      analyser.analyse(frame);
      ours.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    last = baseline(arguments, folder);
    expect_same(faces, last);
    for (const nlohmann::json& value : last["seconds"]) {
      theirs.push_back(value.get<double>());
    }
  }
  double runtime = 0;
  for (const auto& use : pool.use()) {
    runtime += use.cpu_seconds;
  }
  return {{"facegraph_ms", median(ours) * 1e3},
          {"facegraph_least_ms", *std::min_element(ours.begin(), ours.end()) * 1e3},
          {"facegraph_models_ms", runtime / static_cast<double>(ours.size() + 1) * 1e3},
          {"baseline_ms", median(theirs) * 1e3},
          {"baseline_least_ms", *std::min_element(theirs.begin(), theirs.end()) * 1e3},
          {"ratio", median(theirs) / median(ours)},
          {"runs", ours.size()},
          {"baseline_versions", last["versions"]}};
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) {
      return line.substr(line.find(':') + 2);
    }
  }
  return "unknown";
}

}  // namespace

int main(int count, char** values) {
  try {
    const Arguments arguments = parse(count, values);
    std::string name = (fs::temp_directory_path() / "facegraph-bench-XXXXXX").string();
    const fs::path folder = mkdtemp(name.data());
    nlohmann::json result = measure(arguments, folder);
    fs::remove_all(folder);
    const auto number = [&](const char* key) { return result[key].get<double>(); };
    fmt::print("one 1080p frame with one face, one thread, medians of {} runs (least)\n", number("runs"));
    fmt::print("facegraph            {:8.2f} ms ({:.2f}), {:.2f} of it in ONNX Runtime\n", number("facegraph_ms"),
               number("facegraph_least_ms"), number("facegraph_models_ms"));
    fmt::print("NumPy and OpenCV     {:8.2f} ms ({:.2f})\n", number("baseline_ms"), number("baseline_least_ms"));
    fmt::print("ratio                {:8.2f}      goal >= {}\n", number("ratio"), kGoal);
    if (!arguments.json.empty()) {
      double load = 0;
      std::ifstream("/proc/loadavg") >> load;
      result["command"] =
          fmt::format("analyse_cpu --photo {} --rounds {}", arguments.photo.filename().string(), arguments.rounds);
      result["machine"] = processor_name();
      result["load_average"] = load;
      result["onnxruntime"] = fg::runtime::runtime_version();
      std::ofstream(arguments.json) << result.dump(2) << '\n';
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "analyse_cpu: " << error.what() << '\n';
    return 1;
  }
}
