// What CUDA-graph replay gains on this machine's GPU: every model of a folder with host tensors (as the reference
// runs), with bound device buffers and replayed, and a chain of models in a row. Prints the ratios; all sides are from
// one run.
//
//   graph_replay FOLDER [--chain NAME,NAME...] [--only NAME,...] [--rounds N] [--nhwc] [--precision tf32|fp32]
//                [--preset] [--device N] [--json FILE]
//
// --preset: bound and replayed sides in half precision with fused biases, each model in the layout that replays faster
// (it is measured in both); the side with host tensors stays as the other options say.
//
// FOLDER holds models.json and the files it names: tools/make_test_models writes it.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "runtime/benchmark/graph_benchmark.hpp"
#include "runtime/provider/providers.hpp"
#include "support/test_models.hpp"

namespace {

namespace fs = std::filesystem;
namespace rt = facegraph::runtime;
using nlohmann::json;

struct Arguments {
  fs::path folder;
  fs::path json_file;
  std::vector<std::string> chain;
  std::vector<std::string> only;
  rt::BenchSettings settings;
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    parts.push_back(part);
  }
  return parts;
}

Arguments parse(int count, char** values) {
  Arguments arguments;
  arguments.settings.execution.providers = {"cuda"};
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    const auto value = [&]() -> std::string {
      if (++i >= count) {
        facegraph::core::fail(facegraph::core::ErrorCode::kUsage, "{} needs a value", name);
      }
      return values[i];
    };
    if (name == "--chain") {
      arguments.chain = split(value());
    } else if (name == "--only") {
      arguments.only = split(value());
    } else if (name == "--rounds") {
      arguments.settings.rounds = std::stoi(value());
    } else if (name == "--nhwc") {
      arguments.settings.execution.nhwc = true;
    } else if (name == "--preset") {
      arguments.settings.preset = true;
    } else if (name == "--precision") {
      arguments.settings.execution.precision = value() == "fp32" ? rt::Precision::kFp32 : rt::Precision::kTf32;
    } else if (name == "--device") {
      arguments.settings.device_id = std::stoi(value());
    } else if (name == "--json") {
      arguments.json_file = value();
    } else {
      arguments.folder = name;
    }
  }
  if (arguments.folder.empty()) {
    facegraph::core::fail(facegraph::core::ErrorCode::kUsage, "a folder with models.json is expected");
  }
  return arguments;
}

rt::BenchModel bench_model(const fs::path& folder, const json& entry) {
  rt::BenchModel model{{entry.at("name"), folder / entry.at("file").get<std::string>()}, {}};
  for (const json& input : entry.at("inputs")) {
    model.inputs.push_back({input.at("name"), input.at("shape"), facegraph::test::element_type(input.at("dtype"))});
  }
  return model;
}

// With the preset in the layout that replays faster, which is put into the model.
rt::GraphTimes measure(rt::BenchModel& model, const rt::BenchSettings& settings) {
  rt::GraphTimes nchw = rt::measure_model(model, settings);
  if (!settings.preset) {
    return nchw;
  }
  rt::BenchModel other = model;
  other.nhwc = true;
  try {
    rt::GraphTimes nhwc = rt::measure_model(other, settings);
    if (nhwc.replay_us > 0 && (nchw.replay_us == 0 || nhwc.replay_us < nchw.replay_us)) {
      model.nhwc = true;
      return nhwc;
    }
  } catch (const facegraph::core::Error& error) {
    fmt::print("{:<28} not in channels-last: {}\n", model.source.name, error.what());
  }
  return nchw;
}

json to_json(const json& entry, const rt::GraphTimes& times) {
  const rt::GraphReport& report = times.report;
  json line{{"name", report.model},
            {"family", entry.value("family", "")},
            {"shapes", report.shapes},
            {"state", rt::name_of(report.state)},
            {"reason", report.reason},
            {"host_us", times.host_us},
            {"bound_us", times.bound_us},
            {"replay_us", times.replay_us},
            {"enqueue_us", times.enqueue_us},
            {"graph_mb", static_cast<double>(report.graph_bytes) / 1e6},
            {"device_mb", static_cast<double>(report.device_bytes) / 1e6},
            {"capture_ms", report.capture_ms},
            {"load_s", report.load_seconds},
            {"warm_up_s", report.warm_up_seconds}};
  line["bit_identical"] = report.bit_identical ? json(*report.bit_identical) : json();
  line["kernels"] = rt::name_of(report.kernels);
  line["deterministic"] = report.deterministic ? json(*report.deterministic) : json();
  return line;
}

// What is known so far: a run over all models takes minutes, and one that is cut off should not be lost.
void save(const Arguments& arguments, const json& result) {
  if (!arguments.json_file.empty()) {
    std::ofstream(arguments.json_file) << result.dump(1) << "\n";
  }
}

void run_models(const Arguments& arguments, const json& catalogue, json& result) {
  json& results = result["models"] = json::array();
  fmt::print("{:<28} {:>9} {:>9} {:>9} {:>8} {:>7}  {}\n", "model", "host us", "bound us", "replay us", "enqueue",
             "speedup", "state");
  for (const json& entry : catalogue) {
    const std::string name = entry.at("name");
    if (!arguments.only.empty() &&
        std::find(arguments.only.begin(), arguments.only.end(), name) == arguments.only.end()) {
      continue;
    }
    try {
      rt::BenchModel model = bench_model(arguments.folder, entry);
      const rt::GraphTimes times = measure(model, arguments.settings);
      const double ratio = times.replay_us > 0 ? times.host_us / times.replay_us : 0;
      const rt::GraphReport& report = times.report;
      fmt::print("{:<28} {:>9.0f} {:>9.0f} {:>9.0f} {:>8.1f} {:>6.2f}x  {}{}{}\n", name, times.host_us, times.bound_us,
                 times.replay_us, times.enqueue_us, ratio, rt::name_of(report.state),
                 report.bit_identical.value_or(true) ? "" : ", NOT bit-identical",
                 report.reason.empty() ? "" : ": " + report.reason.substr(0, 160));
      results.push_back(to_json(entry, times));
      results.back()["nhwc"] = arguments.settings.execution.nhwc || model.nhwc;
    } catch (const facegraph::core::Error& error) {
      fmt::print("{:<28} failed: {}\n", name, error.what());
      results.push_back({{"name", name}, {"state", "failed"}, {"reason", error.what()}});
    }
    std::fflush(stdout);
    save(arguments, result);
  }
}

json run_chain(const Arguments& arguments, const json& catalogue) {
  std::vector<rt::BenchModel> models;
  for (const std::string& name : arguments.chain) {
    for (const json& entry : catalogue) {
      if (entry.at("name") == name) {
        models.push_back(bench_model(arguments.folder, entry));
      }
    }
  }
  if (models.size() != arguments.chain.size()) {
    facegraph::core::fail(facegraph::core::ErrorCode::kFailed, "models.json does not have all of {}",
                          fmt::join(arguments.chain, ", "));
  }
  if (arguments.settings.preset) {
    for (rt::BenchModel& model : models) {
      measure(model, arguments.settings);
    }
  }
  const rt::ChainTimes times = rt::measure_chain(models, arguments.settings);
  const double speedup = times.host_us / times.replay_us;
  const double spread = times.replay_p99_us / times.replay_us;
  fmt::print(
      "chain {}: host tensors {:.0f} us, bound {:.0f} us, replayed {:.0f} us: {:.2f}x; p99/p50 {:.3f}; host {:.0f} us "
      "a "
      "frame; {} allocations, {} waits\n",
      fmt::join(arguments.chain, " "), times.host_us, times.bound_us, times.replay_us, speedup, spread,
      times.enqueue_us, times.allocations, times.waits);
  return {{"models", arguments.chain},
          {"host_tensors_us", times.host_us},
          {"bound_us", times.bound_us},
          {"replay_us", times.replay_us},
          {"speedup_vs_host_tensors", speedup},
          {"p99_over_p50", spread},
          {"bound_p99_over_p50", times.bound_p99_us / times.bound_us},
          {"host_us", times.enqueue_us},
          {"allocations", times.allocations},
          {"waits", times.waits}};
}

json versions() {
  const facegraph::device::CudaStatus& status = facegraph::device::cuda_status();
  json gpus = json::array();
  for (const auto& gpu : status.gpus) {
    gpus.push_back(gpu.name);
  }
  return {{"onnxruntime", rt::runtime_version()},
          {"cuda_driver", status.driver_version},
          {"cuda_runtime", status.runtime_version},
          {"gpus", gpus}};
}

void run(int count, char** values) {
  const Arguments arguments = parse(count, values);
  rt::check_providers(arguments.settings.execution);
  json catalogue;
  std::ifstream(arguments.folder / "models.json") >> catalogue;
  json result{{"versions", versions()},
              {"command", fmt::format("{}", fmt::join(values, values + count, " "))},
              {"rounds", arguments.settings.rounds},
              {"nhwc", arguments.settings.execution.nhwc},
              {"preset", arguments.settings.preset},
              {"precision", arguments.settings.execution.precision == rt::Precision::kFp32 ? "fp32" : "tf32"}};
  if (!arguments.chain.empty()) {
    result["chain"] = run_chain(arguments, catalogue);
    save(arguments, result);
  }
  if (arguments.only != std::vector<std::string>{"none"}) {
    run_models(arguments, catalogue, result);
  }
}

}  // namespace

int main(int count, char** values) {
  try {
    run(count, values);
    return 0;
  } catch (const std::exception& error) {
    facegraph::core::log_error("graph_replay", "{}", error.what());
    return 1;
  }
}
