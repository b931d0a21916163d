#include "app/cli/benchmark_command.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>

#include "app/cli/progress.hpp"
#include "app/cli/stop_signals.hpp"
#include "app/cli/text_table.hpp"
#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
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

std::string rounded(double value) {
  return core::to_text(std::nearbyint(value * 100) / 100);
}

Strings row_of(const std::string& resolution, const Times& times) {
  const double sum = std::accumulate(times.seconds.begin(), times.seconds.end(), 0.0);
  const auto count = static_cast<double>(times.seconds.size());
  const auto [fastest, slowest] = std::minmax_element(times.seconds.begin(), times.seconds.end());
  return {video_of(resolution), std::to_string(times.seconds.size()),       rounded(sum / count), rounded(*fastest),
          rounded(*slowest),    rounded(double(times.frames) * count / sum)};
}

}  // namespace

void benchmark(const Invocation& call) {
  const Strings& resolutions = call.values.strings("benchmark-resolutions");
  StopSignals signals;
  provide_examples(call.values, signals.token());
  Bench bench(call.values, signals.token());
  Strings headers{"target_path", "cycle_count", "average_run", "fastest_run", "slowest_run", "relative_fps"};
  std::vector<Strings> rows;
  const bool on_gpu = call.values.strings("execution-providers").front() == "cuda";
  const Strings modes = on_gpu ? Strings{"off", "auto"} : Strings{"off"};
  for (const std::string& mode : modes) {
    const std::vector<Times> all = bench.measure(resolutions, mode);
    for (std::size_t i = 0; i < all.size(); ++i) {
      rows.push_back(row_of(resolutions[i], all[i]));
      if (on_gpu) {
        rows.back().push_back(mode == "off" ? "without" : "with");
      }
    }
  }
  if (on_gpu) {
    headers.emplace_back("cuda_graphs");
  } else {
    core::log_info("benchmark", "nothing ran on a GPU: no comparison without and with CUDA graphs");
  }
  print_table(headers, rows);
}

}  // namespace facegraph::app
