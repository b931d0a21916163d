// Whole video jobs on a GPU, each in the reference's way of working and in ours, all in one run: frames per second
// without the first and the last 100 frames, how busy the GPU was then, how much of its work was on pixels (not in
// replayed models), and what a frame cost the host; and of the whole job, from the content gate's verdict on and with
// what the gate took.
//
//   flow_gpu --one FILE [--four FILE] --source FILE [--seconds N] [--size WxH] [--jobs NAME,...] [--ways NAME,...]
//            [--left-out N] [--no-encoder] [--json FILE] [options of headless-run for all runs...]
//
// --one, --four: pictures with one and four faces; the targets are clips that pan over them. Ways: `baseline`
// (synchronous runs on host tensors, everything else with OpenCV on the CPU, 8 threads), `default` (ours as it comes)
// and what the options of the table below add to it, one lever each or several. --left-out: frames at both ends, 100 by
// default. --no-encoder: frames end on the host, in all ways. FACEGRAPH_MODELS_PATH names the models as for the program
// itself.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "app/cli/command_parser.hpp"
#include "app/config/option_tables.hpp"
#include "core/base/error.hpp"
#include "device/gpu/gpu.hpp"
#include "models/download/download_options.hpp"
#include "pipeline/headless.hpp"
#include "pipeline/workflows/engine.hpp"
#include "runtime/choice/form_trial.hpp"
#include "runtime/provider/providers.hpp"
#include "support/gpu_activity.hpp"
#include "support/panned_clip.hpp"
#include "support/resident_memory.hpp"

namespace {

namespace fs = std::filesystem;
namespace fg = facegraph;
using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

struct Job {
  const char* name;
  Words options;
  bool faces;  // there are clips with one and with four
};

const std::vector<Job>& jobs() {
  static const Words detector{"--face-detector-model", "scrfd", "--face-detector-size", "640x640"};
  static const auto with_detector = [](Words words) {
    words.insert(words.end(), detector.begin(), detector.end());
    return words;
  };
  static const std::vector<Job> all{
      {"swap", with_detector({"--processors", "face_swapper", "--face-swapper-model", "inswapper_128"}), true},
      {"swap+enhance",
       with_detector({"--processors", "face_swapper", "face_enhancer", "--face-swapper-model", "inswapper_128",
                      "--face-enhancer-model", "gfpgan_1.4"}),
       true},
      {"frame_enhancer", {"--processors", "frame_enhancer", "--frame-enhancer-model", "real_esrgan_x2"}, false},
      {"background_remover", {"--processors", "background_remover", "--background-remover-model", "modnet"}, false}};
  return all;
}

// Of ours.
const std::map<std::string, Words>& ways() {
  static const std::map<std::string, Words> all{
      {"default", {}},
      {"one_lane", {"--execution-lanes", "1"}},
      {"fused", {"--cuda-fuse-bias"}},
      {"nhwc", {"--cuda-nhwc"}},
      {"fp16", {"--precision", "fp16"}},
      {"auto", {"--precision", "auto"}},
      {"batches", {"--execution-batch-frames", "auto"}},
      {"nhwc+batches", {"--cuda-nhwc", "--execution-batch-frames", "auto"}},
      {"auto+batches", {"--precision", "auto", "--execution-batch-frames", "auto"}}};
  return all;
}

struct Arguments {
  fs::path one;
  fs::path four;
  fs::path source;
  fs::path json;
  fg::core::Size size{1920, 1080};
  double seconds = 30;
  Words jobs;
  Words ways{"baseline", "default"};
  bool encodes = true;
  int left_out = 100;  // frames at both ends
  Words run;           // for headless-run
};

Words split(const std::string& list) {
  Words parts;
  std::stringstream stream(list);
  for (std::string part; std::getline(stream, part, ',');) {
    parts.push_back(part);
  }
  return parts;
}

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    const auto value = [&]() -> std::string {
      if (++i >= count) {
        fg::core::fail(fg::core::ErrorCode::kUsage, "{} needs a value", name);
      }
      return values[i];
    };
    if (name == "--one") {
      arguments.one = value();
    } else if (name == "--four") {
      arguments.four = value();
    } else if (name == "--source") {
      arguments.source = value();
    } else if (name == "--json") {
      arguments.json = value();
    } else if (name == "--seconds") {
      arguments.seconds = std::stod(value());
    } else if (name == "--size") {
      std::sscanf(value().c_str(), "%dx%d", &arguments.size.width, &arguments.size.height);
    } else if (name == "--jobs") {
      arguments.jobs = split(value());
    } else if (name == "--ways") {
      arguments.ways = split(value());
    } else if (name == "--left-out") {
      arguments.left_out = std::stoi(value());
    } else if (name == "--no-encoder") {
      arguments.encodes = false;
    } else {
      arguments.run.push_back(name);
    }
  }
  return arguments;
}

// CPU seconds of the threads that work on frames.
double lane_cpu_seconds() {
  double ticks = 0;
  std::error_code gone;  // a thread may end meanwhile
  for (const auto& task : fs::directory_iterator("/proc/self/task", gone)) {
    std::string line;
    std::getline(std::ifstream(task.path() / "stat"), line);
    const std::size_t end = line.rfind(')');
    if (end == std::string::npos || line.find("(fg-lane)") == std::string::npos) {
      continue;
    }
    std::istringstream fields(line.substr(end + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) {
      fields >> skipped;
    }
    double user = 0;
    double system = 0;
    fields >> user >> system;
    ticks += user + system;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// What had happened when a frame was written.
struct Moment {
  long long frames = 0;
  Clock::time_point time;
  std::uint64_t gpu_time = 0;
  std::int64_t waits = 0;
  std::int64_t allocations = 0;
  std::int64_t bytes = 0;
  double lane_seconds = 0;
  std::size_t used = 0;
};

// Looks at a run from outside: the moments between which it is steady.
class Watch {
 public:
  Watch(const fg::core::Progress& progress, fg::device::Gpu& gpu, int left_out)
      : progress_(progress), gpu_(gpu), left_out_(left_out), thread_([this] { look(); }) {}
  ~Watch() { end(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void end() {
    ended_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  const std::optional<Moment>& from() const { return from_; }
  const std::optional<Moment>& to() const { return to_; }
  fg::bench::GpuActivity& activity() { return activity_; }

 private:
  Moment now(long long frames) {
    const fg::device::MemoryInfo memory = gpu_.memory();
    return {frames,
            Clock::now(),
            activity_.now(),
            gpu_.counters.waits,
            gpu_.counters.allocations,
            gpu_.counters.copied_bytes,
            lane_cpu_seconds(),
            memory.total - memory.free};
  }
  void look() {
    gpu_.bind_thread();
    while (!ended_ && !to_) {
      for (const auto& phase : progress_.phases()) {
        if (phase.label != "processing") {
          continue;
        }
        if (!from_ && phase.done >= left_out_) {
          from_ = now(phase.done);
        }
        if (from_ && !to_ && phase.done >= phase.total - left_out_) {
          to_ = now(phase.done);
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  const fg::core::Progress& progress_;
  fg::device::Gpu& gpu_;
  const int left_out_;
  fg::bench::GpuActivity activity_;
  std::optional<Moment> from_;
  std::optional<Moment> to_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

nlohmann::json measure(const Arguments& arguments, Words words, const std::string& way) {
  namespace app = fg::app;
  if (way != "baseline") {
    if (!ways().contains(way)) {
      fg::core::fail(fg::core::ErrorCode::kUsage, "no way `{}`", way);
    }
    const Words& more = ways().at(way);
    words.insert(words.end(), more.begin(), more.end());
  }
  const app::OptionTables tables =
      app::tables_of(std::array{app::Group::kTemp, app::Group::kStep, app::Group::kSource, app::Group::kTarget,
                                app::Group::kOutput, app::Group::kRun});
  const fg::core::OptionValues values = app::option_values(tables, app::parse_line(words, tables).given);
  fg::pipeline::RunOptions options = fg::pipeline::RunOptions::from(values);
  options.execution.host_tensors = way == "baseline";
  options.encodes = arguments.encodes;
  fg::device::Gpu& gpu = fg::device::cuda_gpu(options.execution.device_ids.front());
  gpu.bind_thread();
  const fg::device::MemoryInfo before = gpu.memory();
  const fg::core::StopToken stop;
  fg::core::Progress progress;
  const fg::pipeline::Engine engine(values, options);
  engine.provide_models(fg::models::DownloadOptions::from(values), stop, progress);
  Watch watch(progress, gpu, arguments.left_out);
  fg::bench::ResidentMemory memory(progress, arguments.left_out);
  const auto report = fg::pipeline::run_headless(engine, options, stop, progress);
  const fg::bench::ResidentMemory::Seen host = memory.seen();
  watch.end();
  if (!watch.from() || !watch.to() || watch.to()->frames <= watch.from()->frames) {
    fg::core::fail(fg::core::ErrorCode::kUsage, "{} frames are too few: the first and the last {} are left out",
                   report.frames, arguments.left_out);
  }
  const Moment& from = *watch.from();
  const Moment& to = *watch.to();
  const auto frames = static_cast<double>(to.frames - from.frames);
  const auto all_frames = static_cast<double>(report.frames);
  const fg::bench::GpuShares work = watch.activity().shares(from.gpu_time, to.gpu_time);
  nlohmann::json graphs = nlohmann::json::object();
  for (const auto& graph : report.graphs) {
    graphs[graph.model] = {{"state", fg::runtime::name_of(graph.state)}, {"replay_us", graph.replay_us}};
  }
  return {{"way", way},
          {"encoder", arguments.encodes},
          {"fps", frames / std::chrono::duration<double>(to.time - from.time).count()},
          {"gpu_busy", work.busy},
          {"pixel_work", work.pixels},
          {"gpu_busy_unknown", watch.activity().problem()},
          {"host_us_per_frame", (to.lane_seconds - from.lane_seconds) * 1e6 / frames},
          {"waits_per_frame", static_cast<double>(to.waits - from.waits) / frames},
          {"allocations_per_frame", static_cast<double>(to.allocations - from.allocations) / frames},
          {"pcie_bytes_per_frame", static_cast<double>(to.bytes - from.bytes) / frames},
          {"device_mb", (static_cast<double>(to.used) - static_cast<double>(before.total - before.free)) / 1e6},
          {"device_grown_mb", (static_cast<double>(to.used) - static_cast<double>(from.used)) / 1e6},
          {"host_mb", {{"begun", host.begun_mb}, {"most", host.most_mb}, {"last", host.last_mb}}},
          {"lanes", report.lanes},
          {"frames", report.frames},
          {"frames_left_out", 2 * arguments.left_out},
          {"frames_unchanged", report.unchanged},
          {"first_frame_seconds", report.first_frame_seconds},
          {"first_frame_after_verdict_seconds", report.first_frame_seconds - report.verdict_seconds},
          {"gate_seconds", report.gate_seconds},
          {"flow_seconds", report.flow_seconds},
          {"fps_of_flow", all_frames / report.flow_seconds},
          {"fps_with_gate", all_frames / (report.flow_seconds + report.gate_seconds)},
          {"encoder_cpu_ms_per_frame", report.encoder_cpu_seconds * 1e3 / all_frames},
          {"graphs", graphs}};
}

void run_job(const Arguments& arguments, const Job& job, int faces, const fs::path& clip, nlohmann::json& results) {
  std::optional<double> baseline;
  for (const std::string& way : arguments.ways) {
    const fs::path output = clip.parent_path() / "out.mp4";
    Words words{"-s",  arguments.source.string(), "-t", clip.string(), "-o", output.string(), "--execution-providers",
                "cuda"};
    words.insert(words.end(), job.options.begin(), job.options.end());
    words.insert(words.end(), arguments.run.begin(), arguments.run.end());
    nlohmann::json result{{"job", job.name}, {"faces", faces}};
    try {
      result.update(measure(arguments, words, way));
      const double fps = result["fps"];
      if (way == "baseline") {
        baseline = fps;
      }
      const double pixel_work = result["pixel_work"];  // negative: without graphs it cannot be told
      result["ratio"] = baseline ? nlohmann::json(fps / *baseline) : nlohmann::json();
      fmt::print(
          "{:<20} {} faces  {:<12} {:>7.1f} fps  {:>5.2f}x  GPU busy {:>5.1f} %, pixel work {}  host {:>6.0f} "
          "us  {:.2f} waits, "
          "{:.2f} "
          "allocations, {:.2f} MB over PCIe a frame; {:.0f} MB on the GPU, {} lanes, first frame {:.1f} s, {:.1f} s "
          "after "
          "the gate's verdict; all frames at {:.1f} fps, {:.1f} with the gate's {:.1f} s\n",
          job.name, faces, way, fps, baseline ? fps / *baseline : 0.0, 100 * result["gpu_busy"].get<double>(),
          pixel_work < 0 ? "-" : fmt::format("{:.1f} %", 100 * pixel_work), result["host_us_per_frame"].get<double>(),
          result["waits_per_frame"].get<double>(), result["allocations_per_frame"].get<double>(),
          result["pcie_bytes_per_frame"].get<double>() / 1e6, result["device_mb"].get<double>(),
          result["lanes"].get<int>(), result["first_frame_seconds"].get<double>(),
          result["first_frame_after_verdict_seconds"].get<double>(), result["fps_of_flow"].get<double>(),
          result["fps_with_gate"].get<double>(), result["gate_seconds"].get<double>());
    } catch (const fg::core::Error& error) {
      fmt::print("{:<20} {} faces  {:<12} failed: {}\n", job.name, faces, way, error.what());
      result["failed"] = error.what();
    }
    std::fflush(stdout);
    results.push_back(result);
    if (!arguments.json.empty()) {
      std::ofstream(arguments.json) << nlohmann::json{{"jobs", results}}.dump(1) << '\n';  // a run may be cut off
    }
  }
}

nlohmann::json run(const Arguments& arguments, const fs::path& folder) {
  nlohmann::json results = nlohmann::json::array();
  for (const auto& [faces, photo] : {std::pair(1, arguments.one), std::pair(4, arguments.four)}) {
    if (photo.empty()) {
      continue;
    }
    const fs::path clip = folder / fmt::format("clip_{}.mp4", faces);
    fg::bench::make_panned_clip(clip, photo, arguments.size, arguments.seconds);
    for (const Job& job : jobs()) {
      const bool wanted = arguments.jobs.empty() ||
                          std::find(arguments.jobs.begin(), arguments.jobs.end(), job.name) != arguments.jobs.end();
      if (wanted && (faces == 1 || job.faces)) {
        run_job(arguments, job, faces, clip, results);
      }
    }
  }
  return results;
}

}  // namespace

int main(int count, char** values) {
  facegraph::runtime::offer_form_trials(count, values);
  try {
    const Arguments arguments = parse(count, values);
    const fg::device::CudaStatus& status = fg::device::cuda_status();
    if (!status.problem.empty()) {
      fg::core::fail(fg::core::ErrorCode::kFailed, "{}", status.problem);
    }
    std::string name = (fs::temp_directory_path() / "facegraph-bench-XXXXXX").string();
    const fs::path folder = mkdtemp(name.data());
    nlohmann::json result{{"command", fmt::format("{}", fmt::join(values, values + count, " "))},
                          {"gpu", status.gpus.front().name},
                          {"cores", std::thread::hardware_concurrency()},
                          {"cuda_driver", status.driver_version},
                          {"cuda_runtime", status.runtime_version},
                          {"onnxruntime", fg::runtime::runtime_version()}};
    result["jobs"] = run(arguments, folder);
    fs::remove_all(folder);
    if (!arguments.json.empty()) {
      std::ofstream(arguments.json) << result.dump(1) << '\n';
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "flow_gpu: " << error.what() << '\n';
    return 1;
  }
}
