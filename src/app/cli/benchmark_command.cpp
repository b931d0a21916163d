#include "app/cli/benchmark_command.hpp"

#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "app/cli/benchmark_table.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/stop_signals.hpp"
#include "app/cli/text_table.hpp"
#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "device/gpu/gpu.hpp"
#include "media/probe/probe.hpp"
#include "models/download/provide.hpp"
#include "pipeline/headless.hpp"
#include "pipeline/workflows/engine.hpp"

namespace facegraph::app {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr const char* kExamples = ".assets/examples";

std::string video_of(const std::string& resolution) {
  return fmt::format("{}/target-{}.mp4", kExamples, resolution);
}

// Files that are there are used as they are, the others fetched.
void provide_examples(const core::OptionValues& values, const core::StopToken& stop) {
  Strings names{"source.jpg", "source.mp3"};
  for (const std::string& resolution : values.strings("benchmark-resolutions")) {
    names.push_back(fs::path(video_of(resolution)).filename().string());
  }
  core::Progress progress;
  const ProgressDisplay display(progress, progress_style());
  try {
    models::provide_examples(kExamples, names, models::DownloadOptions::from(values), stop, progress);
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kFailed) {
      throw;
    }
    core::fail(core::ErrorCode::kUsage, "benchmark needs FaceFusion's example files: {}", error.what());
  }
}

// What the reference fixes for a benchmark.
core::OptionValues fixed(core::OptionValues values) {
  values.set("source-paths", Strings{fmt::format("{}/source.jpg", kExamples), fmt::format("{}/source.mp3", kExamples)});
  values.set("face-landmarker-score", 0.0);
  values.set("temp-frame-format", std::string("bmp"));
  values.set("output-audio-volume", 0LL);
  values.set("output-video-preset", std::string("ultrafast"));
  values.set("video-memory-strategy", std::string("tolerant"));
  return values;
}

core::OptionValues for_video(core::OptionValues values, const std::string& video) {
  values.set("target-path", video);
  values.set("output-path", values.string("temp-path") + "/" + core::sha1_of(video) + ".mp4");
  values.set("output-video-fps", media::probe_video(video).frame_rate.value());
  return values;
}

struct Times {
  std::vector<double> seconds;
  std::int64_t frames = 0;  // of each run
};

class Bench {
 public:
  Bench(const core::OptionValues& values, const core::StopToken& stop) : values_(fixed(values)), stop_(stop) {}

  // The videos one after the other on the same models.
  std::vector<Times> measure(const Strings& resolutions, const std::string& graph_mode) {
    values_.set("cuda-graph", graph_mode);
    const core::OptionValues first = for_video(values_, video_of(resolutions[0]));
    const pipeline::Engine engine(first, pipeline::RunOptions::from(first));
    core::Progress progress;
    {
      const ProgressDisplay display(progress, progress_style());
      engine.provide_models(models::DownloadOptions::from(values_), stop_, progress);
    }
    std::vector<Times> all;
    for (const std::string& resolution : resolutions) {
      all.push_back(measure(engine, for_video(values_, video_of(resolution))));
    }
    return all;
  }

 private:
  Times measure(const pipeline::Engine& engine, const core::OptionValues& values) const {
    const pipeline::RunOptions options = pipeline::RunOptions::from(values);
    Times times;
    const long long untimed = values.string("benchmark-mode") == "warm" ? 1 : 0;
    for (long long run = -untimed; run < values.integer("benchmark-cycle-count"); ++run) {
      core::Progress progress;
      const ProgressDisplay display(progress, progress_style());
      const auto start = std::chrono::steady_clock::now();
      times.frames = pipeline::run_headless(engine, options, stop_, progress).frames;
      const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
      if (run >= 0) {
        times.seconds.push_back(elapsed.count());
      }
    }
    fs::remove(options.output_path);
    return times;
  }

  core::OptionValues values_;
  const core::StopToken& stop_;
};

}  // namespace

void benchmark(const Invocation& call) {
  const Strings& resolutions = call.values.strings("benchmark-resolutions");
  StopSignals signals;
  provide_examples(call.values, signals.token());
  std::error_code refused;  // the run names a folder that it cannot write to
  fs::create_directories(call.values.string("temp-path"), refused);
  Bench bench(call.values, signals.token());
  const Strings& providers = call.values.strings("execution-providers");
  const bool on_gpu = providers.front() == "cuda";
  std::vector<Times> without;
  if (on_gpu) {
    without = bench.measure(resolutions, "off");
  }
  const std::vector<Times> times = bench.measure(resolutions, on_gpu ? "auto" : "off");
  std::vector<BenchmarkRuns> runs;
  for (std::size_t i = 0; i < times.size(); ++i) {
    runs.push_back({video_of(resolutions[i]), times[i].frames, times[i].seconds,
                    on_gpu ? without[i].seconds : std::vector<double>{}});
  }
  if (!on_gpu) {
    core::log_info("benchmark", "{}", why_no_graphs(providers, device::cuda_status().problem));
  }
  const BenchmarkTable table = benchmark_table(runs);
  print_table(table.headers, table.rows);
}

}  // namespace facegraph::app
