// What every processor costs around its models on a GPU, on one 1080p frame with one face of 512 pixels that lies
// there.
//
//   processors_gpu FOLDER [--only NAME] [--frames N] [--device N] [--json FILE]
//
// FOLDER holds models under their usual names: tools/make_test_models --size full writes it. Frames are enqueued one
// after the other, each waited for when two more are queued, so that the GPU never runs dry and what the host lent is
// lent again, as in a video: `whole` is the host's clock from the first call until all are done, for one
// frame. `models` is the GPU's time between events right before and right after each model in that same run, for one
// frame; a stream that is never empty makes that the replays' own time. The rest is `around`: kernels, copies, gaps,
// waits of the host. The copy that gives each frame its pixels counts as around.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "core/base/error.hpp"
#include "processors/test_support.hpp"
#include "runtime/graph/cuda_unit.hpp"
#include "runtime/provider/providers.hpp"
#include "support/gpu_versions.hpp"
#include "timed_units.hpp"

namespace {

namespace fs = std::filesystem;
namespace fg = facegraph;
namespace rt = facegraph::runtime;
using fg::processors::FrameFacts;
using fg::processors::ProcessorBench;
using fg::processors::TempFrame;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr double kGoal = 0.1;
constexpr int kWarmFrames = 10;
constexpr std::size_t kQueued = 2;

struct Arguments {
  fs::path folder;
  std::string only;
  fs::path json;
  int frames = 100;
  int device_id = 0;
};

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
    if (name == "--only") {
      arguments.only = value();
    } else if (name == "--frames") {
      arguments.frames = std::stoi(value());
    } else if (name == "--device") {
      arguments.device_id = std::stoi(value());
    } else if (name == "--json") {
      arguments.json = value();
    } else {
      arguments.folder = name;
    }
  }
  if (!fs::is_directory(arguments.folder)) {
    fg::core::fail(fg::core::ErrorCode::kUsage, "a folder of models is expected; tools/make_test_models writes one");
  }
  return arguments;
}

// The deep swapper has no default: any .dfm of the folder.
std::optional<std::string> deep_model(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".dfm") {
      return entry.path().lexically_relative(folder).replace_extension().string();
    }
  }
  return std::nullopt;
}

// Of one frame.
struct Times {
  double whole = 0;  // seconds
  double host = 0;   // until the last call returned
  double models = 0;
  double allocations = 0;
  double copies = 0;
  double waits = 0;
};

class Measurement {
 public:
  Measurement(const Arguments& arguments, const fs::path& records, const std::string& processor)
      : arguments_(arguments),
        options_{.providers = {"cuda"}, .device_ids = {arguments.device_id}},
        pool_(options_, {fg::device::cuda_gpu,
                         std::make_shared<fg::bench::TimedUnits>(rt::make_cuda_units(options_), model_times_),
                         std::make_shared<rt::GraphRecords>(records, "bench")}),
        store_(arguments.folder) {
    std::map<std::string, std::vector<std::string>> given{{"processors", {processor}}};
    if (const auto model = deep_model(arguments.folder)) {
      given["deep-swapper-model"] = {*model};
    }
    const auto values = fg::test::values_of(
        {fg::models::model_set_options(), fg::analysers::masker_options(), fg::processors::processor_options()}, given);
    processor_ = std::move(fg::processors::make_processors(values).front());
  }

  bool works_on_site() const { return processor_->works_on_site(); }

  json measure() {
    pool_.expect_runs(1'000'000);  // so that graphs are captured at once
    const fg::device::Site site = pool_.site(arguments_.device_id);
    auto frames = processor_->open({pool_, store_, arguments_.device_id, site}, ProcessorBench::sources());
    const TempFrame shown = ProcessorBench::frame(ProcessorBench::kFrameWithFace);
    const fg::device::Picture target = site.copy_in(shown.frame.view());
    FrameFacts facts = ProcessorBench::one_face();
    facts.target = target;
    run(site, *frames, facts, kWarmFrames);
    json line = to_json(run(site, *frames, facts, arguments_.frames));
    line["models"] = models();
    frames.reset();
    for (const rt::GraphReport& report : pool_.graph_reports()) {
      if (report.state != rt::GraphState::kCaptured) {
        line["not_captured"][report.model] = report.reason;
      }
    }
    return line;
  }

 private:
  Times run(const fg::device::Site& site, fg::processors::FrameProcessor& frames, const FrameFacts& facts, int count) {
    const fg::device::GpuCounters& counters = site.stream().gpu().counters;
    model_times_.restart();
    site.wait();
    const std::int64_t allocations = counters.allocations;
    const std::int64_t copies = counters.copies;
    const std::int64_t waits = counters.waits;
    const Clock::time_point start = Clock::now();
    std::deque<fg::device::Mark> queued;
    for (int i = 0; i < count; ++i) {
      TempFrame temp{site.picture(ProcessorBench::kFrameWithFace, 3), {}};
      site.copy(temp.frame, facts.target);
      frames.process_frame(facts, temp);
      queued.push_back(site.mark());
      if (queued.size() > kQueued) {
        site.wait(queued.front());
        queued.pop_front();
      }
    }
    const std::chrono::duration<double> host = Clock::now() - start;
    const auto a_frame = [count](std::int64_t before, std::int64_t now) {
      return static_cast<double>(now - before) / count;
    };
    Times times{.host = host.count() / count,
                .allocations = a_frame(allocations, counters.allocations),
                .copies = a_frame(copies, counters.copies),
                .waits = a_frame(waits, counters.waits)};
    site.wait();
    times.whole = std::chrono::duration<double>(Clock::now() - start).count() / count;
    pool_.check_finite(arguments_.device_id);
    for (const auto& [model, sum] : model_times_.sums()) {
      times.models += sum.first / count;
    }
    return times;
  }

  static json to_json(const Times& times) {
    const double around = times.whole - times.models;
    return {{"whole_ms", 1e3 * times.whole},
            {"host_ms", 1e3 * times.host},
            {"models_ms", 1e3 * times.models},
            {"around_ms", 1e3 * around},
            {"around_of_models", around / times.models},
            {"allocations_a_frame", times.allocations},
            {"copies_a_frame", times.copies},
            {"waits_a_frame", times.waits}};
  }

  json models() const {
    const double count = arguments_.frames;
    json list = json::array();
    for (const auto& [model, sum] : model_times_.sums()) {
      list.push_back({{"name", model}, {"runs_a_frame", sum.second / count}, {"ms_a_frame", 1e3 * sum.first / count}});
    }
    return list;
  }

  const Arguments& arguments_;
  fg::bench::ModelTimes model_times_;  // outlives the pool's sessions
  rt::ExecutionOptions options_;
  rt::InferencePool pool_;
  fg::models::Store store_;
  std::unique_ptr<fg::processors::Processor> processor_;
};

// What became of a processor, or why it has no time.
json outcome(const Arguments& arguments, const fs::path& records, const std::string& processor) {
  if (processor == "deep_swapper" && !deep_model(arguments.folder)) {
    return {{"name", processor}, {"skipped", "no .dfm file in the folder"}};
  }
  Measurement measurement(arguments, records, processor);
  if (!measurement.works_on_site()) {
    return {{"name", processor}, {"skipped", "it works on the host and has no model of its own"}};
  }
  json line = measurement.measure();
  line["name"] = processor;
  return line;
}

void print(const json& line) {
  if (line.contains("skipped")) {
    fmt::print("{:<20} skipped: {}\n", line["name"].get<std::string>(), line["skipped"].get<std::string>());
    return;
  }
  const auto number = [&](const char* key) { return line[key].get<double>(); };
  fmt::print("{:<20} {:>9.3f} {:>9.3f} {:>9.3f} {:>9.3f} {:>7.1f} % {:>6.1f} {:>6.1f} {:>6.1f} {}\n",
             line["name"].get<std::string>(), number("models_ms"), number("whole_ms"), number("host_ms"),
             number("around_ms"), 100 * number("around_of_models"), number("waits_a_frame"), number("copies_a_frame"),
             number("allocations_a_frame"),
             line.contains("not_captured") ? "not captured: " + line["not_captured"].dump() : "");
  std::fflush(stdout);
}

void run(int count, char** values) {
  const Arguments arguments = parse(count, values);
  rt::check_providers({.providers = {"cuda"}, .device_ids = {arguments.device_id}});
  const fg::test::ScopedVariable folder("FACEGRAPH_MODELS_PATH", arguments.folder.string());
  std::string name = (fs::temp_directory_path() / "facegraph-bench-XXXXXX").string();
  const fs::path scratch = mkdtemp(name.data());
  fmt::print(
      "one 1080p frame with one face of 512 pixels, {} frames queued, milliseconds a frame, goal: around <= {} %\n",
      arguments.frames, 100 * kGoal);
  fmt::print("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>6} {:>6} {:>6}\n", "", "models", "whole", "host", "around",
             "ratio", "waits", "copies", "allocs");
  json lines = json::array();
  for (const std::string& processor : fg::processors::processor_options().front().choices) {
    if (arguments.only.empty() || arguments.only == processor) {
      lines.push_back(outcome(arguments, scratch / "graphs.json", processor));
      print(lines.back());
    }
  }
  fs::remove_all(scratch);
  if (!arguments.json.empty()) {
    const json result{{"versions", facegraph::bench::gpu_versions()},
                      {"command", fmt::format("processors_gpu {} --frames {}", arguments.folder.filename().string(),
                                              arguments.frames)},
                      {"goal_around_of_models", kGoal},
                      {"processors", lines}};
    std::ofstream(arguments.json) << result.dump(1) << '\n';
  }
}

}  // namespace

int main(int count, char** values) {
  try {
    run(count, values);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "processors_gpu: " << error.what() << '\n';
    return 1;
  }
}
