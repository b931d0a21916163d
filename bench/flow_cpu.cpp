// A whole video job on the CPU: where its time and memory go. Prints frames per second, CPU time per frame inside ONNX
// Runtime, in the encoder and everything else, how busy the cores are, and peak memory against the models' own. All
// figures are from one run.
//
//   flow_cpu --photo FILE --source FILE [--seconds N] [--size WxH] [--loops N] [--json FILE]
//            [options of headless-run...]
//
// The target is a clip that the bench makes of the photo by panning over it, so often one after the other as --loops
// says; FACEGRAPH_MODELS_PATH names the models as for the program itself.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "app/cli/command_parser.hpp"
#include "app/config/option_tables.hpp"
#include "core/base/error.hpp"
#include "media/concat/concat.hpp"
#include "models/store/store.hpp"
#include "pipeline/headless.hpp"
#include "runtime/provider/providers.hpp"
#include "support/panned_clip.hpp"
#include "support/resident_memory.hpp"

namespace {

namespace fs = std::filesystem;
using facegraph::core::Size;

constexpr long long kFirstFrames = 2000;  // enough for all memory to be taken

struct Arguments {
  fs::path photo;
  fs::path source;
  fs::path json;
  Size size{1280, 720};
  double seconds = 10;
  int loops = 1;
  std::vector<std::string> run;  // for headless-run
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    const auto value = [&]() -> std::string {
      if (++i >= count) {
        facegraph::core::fail(facegraph::core::ErrorCode::kUsage, "{} needs a value", name);
      }
      return values[i];
    };
    if (name == "--photo") {
      arguments.photo = value();
    } else if (name == "--source") {
      arguments.source = value();
    } else if (name == "--json") {
      arguments.json = value();
    } else if (name == "--seconds") {
      arguments.seconds = std::stod(value());
    } else if (name == "--loops") {
      arguments.loops = std::stoi(value());
    } else if (name == "--size") {
      std::sscanf(value().c_str(), "%dx%d", &arguments.size.width, &arguments.size.height);
    } else {
      arguments.run.push_back(name);
    }
  }
  return arguments;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double model_megabytes(const facegraph::pipeline::RunReport& report) {
  const auto store = facegraph::models::Store::standard();
  double bytes = 0;
  for (const auto& model : report.models) {
    const fs::path file = model.name + ".onnx";
    const fs::path embedded = facegraph::models::installation_root() / "models" / "embedded" / file;
    bytes += static_cast<double>(fs::file_size(fs::exists(embedded) ? embedded : store.folder() / file));
  }
  return bytes / (1 << 20);
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

nlohmann::json measure(const Arguments& arguments, const fs::path& folder) {
  const fs::path once = folder / "once.mp4";
  const fs::path clip = folder / "clip.mp4";
  facegraph::bench::make_panned_clip(once, arguments.photo, arguments.size, arguments.seconds);
  facegraph::media::concat_videos(std::vector<fs::path>(static_cast<std::size_t>(arguments.loops), once), clip);
  std::vector<std::string> run{"-s", arguments.source.string(),    "-t", clip.string(),
                               "-o", (folder / "out.mp4").string()};
  run.insert(run.end(), arguments.run.begin(), arguments.run.end());
  namespace app = facegraph::app;
  const app::OptionTables tables =
      app::tables_of(std::array{app::Group::kTemp, app::Group::kStep, app::Group::kSource, app::Group::kTarget,
                                app::Group::kOutput, app::Group::kRun});
  const facegraph::core::OptionValues values = app::option_values(tables, app::parse_line(run, tables).given);
  const facegraph::core::StopToken stop;
  facegraph::core::Progress progress;
  facegraph::bench::ResidentMemory memory(progress, kFirstFrames);
  const auto report = facegraph::pipeline::run_headless(values, stop, progress);
  const auto resident = memory.seen();

  const double frames = static_cast<double>(report.frames);
  const double cores = std::thread::hardware_concurrency();
  const double rest = report.flow_cpu_seconds - report.runtime_cpu_seconds - report.encoder_cpu_seconds;
  nlohmann::json result{{"frames", report.frames},
                        {"size", fmt::format("{}x{}", arguments.size.width, arguments.size.height)},
                        {"lanes", report.lanes},
                        {"cores", cores},
                        {"fps", frames / report.flow_seconds},
                        {"runtime_cpu_ms_per_frame", report.runtime_cpu_seconds / frames * 1e3},
                        {"encoder_cpu_ms_per_frame", report.encoder_cpu_seconds / frames * 1e3},
                        {"rest_cpu_ms_per_frame", rest / frames * 1e3},
                        {"cores_busy", report.flow_cpu_seconds / report.flow_seconds / cores},
                        {"peak_mb", peak_megabytes()},
                        {"model_files_mb", model_megabytes(report)}};
  if (resident.begun_mb > 0) {
    result["resident_mb"] = {{"after_frames", kFirstFrames},
                             {"then", resident.begun_mb},
                             {"at_most", resident.most_mb},
                             {"at_the_end", resident.last_mb}};
  }
  for (const auto& model : report.models) {
    result["models"].push_back({{"name", model.name}, {"runs", model.runs}, {"cpu_seconds", model.cpu_seconds}});
  }
  return result;
}

void print(const nlohmann::json& result) {
  const auto number = [&](const char* key) { return result[key].get<double>(); };
  fmt::print("{} frames of {}, {} lanes on {} cores\n", number("frames"), result["size"].get<std::string>(),
             number("lanes"), number("cores"));
  fmt::print("frames per second            {:8.2f}\n", number("fps"));
  fmt::print("ONNX Runtime, CPU ms/frame   {:8.2f}\n", number("runtime_cpu_ms_per_frame"));
  fmt::print("encoder, CPU ms/frame        {:8.2f}\n", number("encoder_cpu_ms_per_frame"));
  fmt::print("everything else, CPU ms/frame{:8.2f}   goal <= 15, ratio {:.2f}\n", number("rest_cpu_ms_per_frame"),
             number("rest_cpu_ms_per_frame") / 15);
  fmt::print("cores busy, %                {:8.1f}   goal >= 95\n", number("cores_busy") * 100);
  fmt::print("peak memory, MB              {:8.0f}   goal <= {:.0f} (model files {:.0f} + 400)\n", number("peak_mb"),
             number("model_files_mb") + 400, number("model_files_mb"));
  if (result.contains("resident_mb")) {
    fmt::print("resident memory, MB            {}\n", result["resident_mb"].dump());
  }
}

}  // namespace

int main(int count, char** values) {
  try {
    const Arguments arguments = parse(count, values);
    std::string name = (fs::temp_directory_path() / "facegraph-bench-XXXXXX").string();
    const fs::path folder = mkdtemp(name.data());
    nlohmann::json result = measure(arguments, folder);
    fs::remove_all(folder);
    print(result);
    if (!arguments.json.empty()) {
      std::ostringstream command;
      command << "flow_cpu";
      for (int i = 1; i < count; ++i) {
        command << ' ' << (fs::exists(values[i]) ? fs::path(values[i]).filename().string() : values[i]);
      }
      result["command"] = command.str();
      result["machine"] = processor_name();
      result["onnxruntime"] = facegraph::runtime::runtime_version();
      std::ofstream(arguments.json) << result.dump(2) << '\n';
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "flow_cpu: " << error.what() << '\n';
    return 1;
  }
}
