// What every processor costs around its models on the CPU, on one 1080p frame with one face of 512 pixels. The same
// models and the same frame go through a transcription of our specification in NumPy and OpenCV
// (bench/baseline/processors.py); both on one thread, turn by turn, and the ratio of the medians is printed. CPU time
// is measured, so that others on the machine matter little, and time in ONNX Runtime is left out on both sides.
//
//   processors_cpu --photo FILE [--python COMMAND] [--only CASE] [--rounds N] [--json FILE]
//
// The command must find NumPy, OpenCV and ONNX Runtime, for example "env PYTHONPATH=... python3". Models are those of
// FACEGRAPH_MODELS_PATH, else the stand-ins of the reference data.
#include <algorithm>
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

#include "core/base/error.hpp"
#include "media/image/image_file.hpp"
#include "ops/threads.hpp"
#include "processors/test_support.hpp"
#include "runtime/provider/providers.hpp"

namespace {

namespace fs = std::filesystem;
namespace fg = facegraph;
using fg::processors::FrameFacts;
using fg::processors::ProcessorBench;
using fg::processors::TempFrame;
using nlohmann::json;

constexpr double kGoal = 1;
constexpr double kSecondsPerRound = 1;
// Between the two sides, of 255, where they changed the frame: OpenCV 4 warps at 1/32 of a pixel, we do exactly, as
// OpenCV 5.
constexpr double kMostDifference = 2;

struct Case {
  std::string name;  // as in bench/baseline/processors.py
  std::map<std::string, std::vector<std::string>> options = {};

  std::string processor() const { return name.substr(0, name.find(',')); }
};

const std::vector<Case> kCases{
    {"face_swapper"},
    {"face_swapper, boost 512, all masks",
     {{"face-swapper-pixel-boost", {"512x512"}}, {"face-mask-types", {"box", "occlusion", "area", "region"}}}},
    {"deep_swapper", {{"deep-swapper-model", {"custom/contract_morph_256"}}}},
    {"face_enhancer"},
    {"age_modifier"},
    {"age_modifier, styleganex_age", {{"age-modifier-model", {"styleganex_age"}}}},
    {"face_debugger"},
    {"face_editor"},
    {"expression_restorer"},
    {"lip_syncer"},
    {"lip_syncer, edtalk_256", {{"lip-syncer-model", {"edtalk_256"}}}},
    {"frame_enhancer"},
    {"frame_colorizer"},
    {"frame_colorizer, deoldify", {{"frame-colorizer-model", {"deoldify"}}}},
    {"background_remover"},
    {"background_remover, corridor_key_1024", {{"background-remover-model", {"corridor_key_1024"}}}},
};

struct Arguments {
  fs::path photo;
  std::string python = "python3";
  std::string only;
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
    } else if (name == "--only") {
      arguments.only = value;
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

json points_of(const auto& points) {
  json list = json::array();
  for (const fg::core::Point& point : points) {
    list.push_back({point.x, point.y});
  }
  return list;
}

void write_inputs(const fs::path& folder, const fg::core::Image& frame) {
  std::ofstream(folder / "frame.raw", std::ios::binary)
      .write(reinterpret_cast<const char*>(frame.row<std::uint8_t>(0)), static_cast<std::streamsize>(frame.bytes()));
  const fg::core::Face face = ProcessorBench::one_face().selected.front();
  const fg::core::AgeRange age = face.age.value();
  const json facts{{"size", {frame.width(), frame.height()}},
                   {"five", points_of(face.landmarks.five_of_68)},
                   {"sixty_eight", points_of(face.landmarks.sixty_eight)},
                   {"age", (age.start + age.end - 1) / 2.0},
                   {"embedding", face.embedding},
                   {"source", ProcessorBench::sources().pictures.front().faces.front().embedding_norm}};
  std::ofstream(folder / "facts.json") << facts;
}

json baseline(const Arguments& arguments, const fs::path& folder, const Case& wanted) {
  const fs::path script = fs::path(FACEGRAPH_SOURCE_FOLDER) / "bench" / "baseline" / "processors.py";
  const std::string command =
      fmt::format("{} '{}' --models '{}' --inputs '{}' --case '{}' --seconds {}", arguments.python, script.string(),
                  ProcessorBench::models_folder(), folder.string(), wanted.name, kSecondsPerRound);
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  char part[4096];
  for (std::size_t got = 0; pipe != nullptr && (got = std::fread(part, 1, sizeof part, pipe)) > 0;) {
    text.append(part, got);
  }
  if (pipe == nullptr || ::pclose(pipe) != 0) {
    fg::core::fail(fg::core::ErrorCode::kFailed, "the baseline failed: {}", command);
  }
  return json::parse(text);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<std::uint8_t> pixels_of(const fg::core::ConstImageView& image) {
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < image.height; ++y) {
    const auto* row = image.row<std::uint8_t>(y);
    pixels.insert(pixels.end(), row, row + image.row_bytes());
  }
  return pixels;
}

std::vector<std::uint8_t> read_raw(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The mean over the values that one of the two changed; of an enlarged frame over all.
double difference(const std::vector<std::uint8_t>& ours, const std::vector<std::uint8_t>& theirs,
                  const std::vector<std::uint8_t>& before) {
  if (ours.size() != theirs.size()) {
    fg::core::fail(fg::core::ErrorCode::kFailed, "the baseline's picture has {} bytes, ours {}", theirs.size(),
                   ours.size());
  }
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (ours.size() != before.size() || ours[i] != before[i] || theirs[i] != before[i]) {
      sum += std::abs(ours[i] - theirs[i]);
      ++count;
    }
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

// The two must have made the same, or their times say nothing.
double compare(const fs::path& folder, const TempFrame& ours, const fg::core::Image& before) {
  double found = difference(pixels_of(ours.frame), read_raw(folder / "result.raw"), pixels_of(before));
  if (!ours.mask.empty()) {
    const std::vector<std::uint8_t> opaque(ours.mask.bytes(), 255);
    found = std::max(found, difference(pixels_of(ours.mask), read_raw(folder / "mask.raw"), opaque));
  }
  if (found > kMostDifference) {
    fg::core::fail(fg::core::ErrorCode::kFailed, "the baseline made another picture: {:.2f} of 255 apart", found);
  }
  return found;
}

json measure(const Arguments& arguments, const fs::path& folder, const Case& wanted, const fg::core::Image& frame) {
  ProcessorBench bench(wanted.processor(), wanted.options);
  FrameFacts facts = ProcessorBench::one_face();
  facts.target = frame;
  std::vector<double> ours;
  std::vector<double> theirs;
  double in_models = 0;
  double apart = 0;
  json last;
  for (int round = 0; round < arguments.rounds; ++round) {
    ProcessorBench::Run run;
    double spent = 0;
    for (int i = 0; i < 3 || spent < kSecondsPerRound; ++i) {
      run = bench.process({fg::core::Image::copy_of(frame), {}}, facts);
      ours.push_back(run.around);
      in_models += run.in_model;
      spent += run.around + run.in_model;
    }
    last = baseline(arguments, folder, wanted);
    apart = compare(folder, run.result, frame);
    for (const json& value : last["around"]) {
      theirs.push_back(value.get<double>());
    }
  }
  return {{"name", wanted.name},
          {"models_ms", 1e3 * in_models / static_cast<double>(ours.size())},
          {"around_ms", 1e3 * median(ours)},
          {"baseline_around_ms", 1e3 * median(theirs)},
          {"ratio", median(theirs) / median(ours)},
          {"difference", apart},
          {"runs", ours.size()},
          {"baseline_runs", theirs.size()},
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

void save(const Arguments& arguments, json cases) {
  double load = 0;
  std::ifstream("/proc/loadavg") >> load;
  const json versions = cases.empty() ? json() : cases.front()["baseline_versions"];
  for (json& line : cases) {
    line.erase("baseline_versions");
  }
  const json result{{"command", fmt::format("processors_cpu --photo {} --rounds {}",
                                            arguments.photo.filename().string(), arguments.rounds)},
                    {"machine", processor_name()},
                    {"load_average", load},
                    {"onnxruntime", fg::runtime::runtime_version()},
                    {"baseline_versions", versions},
                    {"cases", cases}};
  std::ofstream(arguments.json) << result.dump(1) << '\n';
}

void run(const Arguments& arguments) {
  const fg::core::Image frame = fg::media::scale_image(
      fg::media::read_image(arguments.photo, fg::media::ReadMode::kColour), ProcessorBench::kFrameWithFace);
  std::string name = (fs::temp_directory_path() / "facegraph-bench-XXXXXX").string();
  const fs::path folder = mkdtemp(name.data());
  write_inputs(folder, frame);
  fg::ops::set_operator_threads(1);
  fmt::print("one 1080p frame with one face of 512 pixels, one thread, CPU time around the models, goal: ratio >= {}\n",
             kGoal);
  fmt::print("{:<38} {:>9} {:>10} {:>10} {:>7} {:>10}\n", "", "models ms", "around ms", "NumPy ms", "ratio",
             "difference");
  json cases = json::array();
  for (const Case& wanted : kCases) {
    if (!arguments.only.empty() && arguments.only != wanted.name) {
      continue;
    }
    cases.push_back(measure(arguments, folder, wanted, frame));
    const json& line = cases.back();
    const auto number = [&](const char* key) { return line[key].get<double>(); };
    fmt::print("{:<38} {:>9.2f} {:>10.2f} {:>10.2f} {:>7.2f} {:>10.3f}\n", wanted.name, number("models_ms"),
               number("around_ms"), number("baseline_around_ms"), number("ratio"), number("difference"));
    std::fflush(stdout);
  }
  fs::remove_all(folder);
  if (!arguments.json.empty()) {
    save(arguments, cases);
  }
}

}  // namespace

int main(int count, char** values) {
  try {
    run(parse(count, values));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "processors_cpu: " << error.what() << '\n';
    return 1;
  }
}
