// What it costs to analyse 1080p frames with one face each on a GPU, beside what the GPU needs for the models alone.
//
//   analyse_gpu FOLDER --photo FILE [--detector-model NAME] [--detector-score N] [--landmarker-model NAME] [--frames N]
//               [--batch-frames N] [--device N] [--json FILE]
//
// FOLDER holds models under their usual names; the photo, scaled to 1080p, must have one face for the detector. Frames
// follow each other as in a job with one lane, N of them (1) analysed together: `whole` is the host's clock for the
// analysis of a frame that lies on the GPU, `from_host` of a single one with the copy that brings it there; medians.
// `replays` is the GPU's time for each model's replay, many of them in a row, times the runs a frame; `in_frame` is
// measured around the replays of the analysed frames.
#include <algorithm>
#include <chrono>
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
#include "runtime/graph/cuda_unit.hpp"
#include "runtime/provider/providers.hpp"
#include "support/gpu_versions.hpp"
#include "timed_units.hpp"

namespace {

namespace fs = std::filesystem;
namespace fg = facegraph;
namespace rt = facegraph::runtime;
using fg::analysers::FaceAnalyser;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr fg::core::Size kFrame{1920, 1080};
constexpr double kGoal = 1.15;
constexpr int kWarmFrames = 10;
constexpr int kReplays = 100;

struct Arguments {
  fs::path folder;
  fs::path photo;
  fs::path json;
  int frames = 200;
  int together = 1;
  int device_id = 0;
  fg::analysers::FaceAnalyserOptions analyser;
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  arguments.analyser.detector.score = 0.5;
  arguments.analyser.landmarker.score = 0.5;
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    const auto value = [&]() -> std::string {
      if (++i >= count) {
        fg::core::fail(fg::core::ErrorCode::kUsage, "{} needs a value", name);
      }
      return values[i];
    };
    if (name == "--photo") {
      arguments.photo = value();
    } else if (name == "--detector-model") {
      arguments.analyser.detector.model = value();
    } else if (name == "--detector-score") {
      arguments.analyser.detector.score = std::stod(value());
    } else if (name == "--landmarker-model") {
      arguments.analyser.landmarker.model = value();
    } else if (name == "--frames") {
      arguments.frames = std::stoi(value());
    } else if (name == "--batch-frames") {
      arguments.together = std::stoi(value());
    } else if (name == "--device") {
      arguments.device_id = std::stoi(value());
    } else if (name == "--json") {
      arguments.json = value();
    } else {
      arguments.folder = name;
    }
  }
  if (!fs::is_directory(arguments.folder) || arguments.photo.empty()) {
    fg::core::fail(fg::core::ErrorCode::kUsage, "a folder of models and --photo FILE are expected");
  }
  return arguments;
}

fg::core::Image frame_of(const fs::path& photo) {
  return fg::media::scale_image(fg::media::read_image(photo, fg::media::ReadMode::kColour), kFrame);
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

template <typename Analyse>
std::vector<double> milliseconds_of(int count, const Analyse& analyse) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const Clock::time_point start = Clock::now();
    analyse();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  return times;
}

class Measurement {
 public:
  Measurement(const Arguments& arguments, const fs::path& records)
      : arguments_(arguments),
        options_{.providers = {"cuda"}, .device_ids = {arguments.device_id}, .batch_frames = arguments.together},
        pool_(options_, {fg::device::cuda_gpu,
                         std::make_shared<fg::bench::TimedUnits>(rt::make_cuda_units(options_), model_times_),
                         std::make_shared<rt::GraphRecords>(records, "bench")}),
        store_(arguments.folder) {}

  json measure() {
    pool_.expect_runs(1'000'000);  // so that graphs are captured at once
    const fg::device::Site site = pool_.site(arguments_.device_id);
    FaceAnalyser analyser({pool_, store_, arguments_.device_id, site}, arguments_.analyser);
    const fg::core::Image frame = frame_of(arguments_.photo);
    const fg::device::Picture on_gpu = site.copy_in(frame);
    const std::vector<fg::core::ConstImageView> frames(static_cast<std::size_t>(arguments_.together), on_gpu);
    for (int i = 0; i < kWarmFrames; ++i) {
      expect_one(analyser.analyse(frame));
      expect_one(analyser.analyse_on_site(frames).back());
    }
    const fg::device::GpuCounters& counters = site.stream().gpu().counters;
    const std::int64_t allocations = counters.allocations;
    const std::int64_t waits = counters.waits;
    const std::int64_t copies = counters.copies;
    model_times_.restart();
    const std::vector<double> whole = milliseconds_of(arguments_.frames, [&] { analyser.analyse_on_site(frames); });
    const auto a_frame = [&](std::int64_t now, std::int64_t before) {
      return static_cast<double>(now - before) / analysed();
    };
    json result{{"whole_ms", median(whole) / arguments_.together},
                {"whole_least_ms", *std::min_element(whole.begin(), whole.end()) / arguments_.together},
                {"waits_a_frame", a_frame(counters.waits, waits)},
                {"copies_a_frame", a_frame(counters.copies, copies)},
                {"allocations_a_frame", a_frame(counters.allocations, allocations)}};
    add_models(result, site);
    result["from_host_ms"] = median(milliseconds_of(arguments_.frames, [&] { analyser.analyse(frame); }));
    result["ratio"] = result["whole_ms"].get<double>() / result["replays_ms"].get<double>();
    return result;
  }

 private:
  static void expect_one(const fg::core::Faces& faces) {
    if (faces.size() != 1) {
      fg::core::fail(fg::core::ErrorCode::kFailed,
                     "{} faces in the photo, expected one: take another photo, detector or score", faces.size());
    }
  }

  // Frames, of which --frames times as many as go together.
  double analysed() const { return static_cast<double>(arguments_.frames) * arguments_.together; }

  void add_models(json& result, const fg::device::Site& site) {
    double replays = 0;
    double in_frame = 0;
    for (const auto& [model, sum] : model_times_.sums()) {
      const double runs = static_cast<double>(sum.second) / analysed();
      json line{{"name", model}, {"runs_a_frame", runs}, {"in_frame_ms", 1e3 * sum.first / analysed()}};
      const auto unit = model_times_.replaying.find(model);
      if (unit == model_times_.replaying.end()) {
        fg::core::fail(fg::core::ErrorCode::kFailed, "{} has no graph: its replay cannot be timed", model);
      }
      line["replay_ms"] = 1e3 * fg::bench::replay_seconds(*unit->second, site.stream(), kReplays);
      replays += runs * line["replay_ms"].get<double>();
      in_frame += line["in_frame_ms"].get<double>();
      result["models"].push_back(line);
    }
    result["replays_ms"] = replays;
    result["in_frame_ms"] = in_frame;
  }

  const Arguments& arguments_;
  fg::bench::ModelTimes model_times_;  // outlives the pool's sessions
  rt::ExecutionOptions options_;
  rt::InferencePool pool_;
  fg::models::Store store_;
};

void print(const json& result) {
  const auto number = [](const json& line, const char* key) { return line[key].get<double>(); };
  fmt::print("{:<36} {:>10} {:>10} {:>10}\n", "model", "runs", "replay ms", "in frame");
  for (const json& line : result["models"]) {
    fmt::print("{:<36} {:>10.2f} {:>10.3f} {:>10.3f}\n", line["name"].get<std::string>(), number(line, "runs_a_frame"),
               number(line, "replay_ms"), number(line, "in_frame_ms"));
  }
  fmt::print("replays {:.3f} ms, whole {:.3f} ms (least {:.3f}), from the host {:.3f} ms\n",
             number(result, "replays_ms"), number(result, "whole_ms"), number(result, "whole_least_ms"),
             number(result, "from_host_ms"));
  fmt::print("a frame: {:.2f} waits, {:.1f} copies, {:.2f} allocations\n", number(result, "waits_a_frame"),
             number(result, "copies_a_frame"), number(result, "allocations_a_frame"));
  fmt::print("whole / replays {:.3f}      goal <= {}\n", number(result, "ratio"), kGoal);
}

void run(int count, char** values) {
  const Arguments arguments = parse(count, values);
  rt::check_providers({.providers = {"cuda"}, .device_ids = {arguments.device_id}});
  std::string name = (fs::temp_directory_path() / "facegraph-bench-XXXXXX").string();
  const fs::path scratch = mkdtemp(name.data());
  json result = Measurement(arguments, scratch / "graphs.json").measure();
  fs::remove_all(scratch);
  print(result);
  if (!arguments.json.empty()) {
    result["versions"] = facegraph::bench::gpu_versions();
    result["command"] = fmt::format(
        "analyse_gpu {} --photo {} --detector-model {} --landmarker-model {} --frames {} --batch-frames {}",
        arguments.folder.filename().string(), arguments.photo.filename().string(), arguments.analyser.detector.model,
        arguments.analyser.landmarker.model, arguments.frames, arguments.together);
    result["goal"] = kGoal;
    std::ofstream(arguments.json) << result.dump(1) << '\n';
  }
}

}  // namespace

int main(int count, char** values) {
  try {
    run(count, values);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "analyse_gpu: " << error.what() << '\n';
    return 1;
  }
}
