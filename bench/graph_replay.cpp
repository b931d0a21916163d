// What CUDA-graph replay gains on this machine's GPU: every model of a folder with host tensors (as the reference
// runs), with bound device buffers and replayed, and a chain of models in a row. Prints the ratios; all sides are from
// one run.
//
//   graph_replay FOLDER [--chain NAME,NAME+NAME,...] [--only NAME,...] [--rounds N] [--nhwc] [--precision tf32|fp32]
//                [--auto | --preset | --form FORM] [--batches] [--device N] [--json FILE]
//
// --chain: models in a row; those joined by + do not need each other's results, and are timed side by side as well,
// each on a stream of its own.
//
// --auto: bound and replayed sides of each model in the form that --precision auto chooses for it; the side with host
// tensors stays as the other options say. The chain is timed replayed in both. --preset: the same, but networks that
// decide are chosen for as if they made pixels.
//
// --form: bound and replayed sides in that one, "fp16 nhwc fused" say, also where the product never takes it.
//
// --batches: what a run of 2, 4 and 8 items takes for one of them, for each model, and for all of --only that are run
// together (the chain's throughput); with --auto in the forms chosen for each size.
//
// FOLDER holds models.json and the files it names: tools/make_test_models writes it.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "runtime/benchmark/graph_benchmark.hpp"
#include "runtime/choice/form_trial.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/provider/providers.hpp"
#include "support/gpu_versions.hpp"
#include "support/test_models.hpp"

namespace {

namespace fs = std::filesystem;
namespace rt = facegraph::runtime;
using nlohmann::json;

constexpr int kMostItems = 8;

struct Arguments {
  fs::path folder;
  fs::path json_file;
  std::vector<std::vector<std::string>> chain;  // steps; the models of one may run side by side
  std::vector<std::string> only;
  bool chooses = false;
  bool all_are_pixels = false;
  std::optional<rt::Form> form;
  bool batches = false;
  rt::BenchSettings settings;
};

std::vector<std::string> split(const std::string& text, char separator = ',') {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
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
      for (const std::string& step : split(value())) {
        arguments.chain.push_back(split(step, '+'));
      }
    } else if (name == "--only") {
      arguments.only = split(value());
    } else if (name == "--rounds") {
      arguments.settings.rounds = std::stoi(value());
    } else if (name == "--nhwc") {
      arguments.settings.execution.nhwc = true;
    } else if (name == "--auto" || name == "--preset") {
      arguments.chooses = true;
      arguments.all_are_pixels = name == "--preset";
    } else if (name == "--form") {
      arguments.form = rt::form_named(value());
      if (!arguments.form) {
        facegraph::core::fail(facegraph::core::ErrorCode::kUsage, "no form `{}`", values[i]);
      }
    } else if (name == "--batches") {
      arguments.batches = true;
    } else if (name == "--debug") {
      facegraph::core::set_log_level(facegraph::core::LogLevel::kDebug);
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

// As the product opens it.
rt::Role role_of(const json& entry) {
  const std::string family = entry.at("family");
  const bool landmarker = family == "2dfan4" || family == "peppa_wutz";
  return entry.at("stage") == "processing" ? rt::Role::kPixels : landmarker ? rt::Role::kPositions : rt::Role::kDecides;
}

// In the form that the options say.
rt::BenchModel bench_model(const Arguments& arguments, const json& entry) {
  const fs::path file = arguments.folder / entry.at("file").get<std::string>();
  const rt::Role role = arguments.all_are_pixels ? rt::Role::kPixels : role_of(entry);
  return {.source = {.name = entry.at("name"), .path = file, .role = role},
          .inputs = facegraph::test::inputs_of(entry),
          .form = arguments.form.value_or(rt::form_of(arguments.settings.execution))};
}

// The models of models.json, each in its form, which is measured when the model is first asked for.
class Models {
 public:
  Models(const Arguments& arguments, json& choices) : arguments_(arguments), choices_(choices) {}

  rt::BenchModel& of(const json& entry) {
    const auto [known, is_new] = models_.try_emplace(entry.at("name"));
    if (is_new) {
      known->second = bench_model(arguments_, entry);
      if (arguments_.chooses) {
        choose(known->second);
      }
    }
    return known->second;
  }

 private:
  void choose(rt::BenchModel& model) {
    json candidates = json::array();
    fmt::print("{}:\n", model.source.name);
    const std::vector<rt::Form> forms = rt::forms_for(model.source.role, arguments_.all_are_pixels);
    for (const rt::Candidate& candidate : rt::choose_form(model, arguments_.settings, forms)) {
      const std::string form = rt::name_of(candidate.form);
      fmt::print("  {:<18} {:>9.0f} us  differs by {:.2e}  {}\n", form, candidate.replay_us, candidate.difference,
                 candidate.against.empty() ? "" : "not taken: " + candidate.against);
      candidates.push_back({{"form", form},
                            {"replay_us", candidate.replay_us},
                            {"difference", candidate.difference},
                            {"against", candidate.against}});
    }
    fmt::print("  -> {}\n", rt::name_of(model.form));
    choices_.push_back(
        {{"name", model.source.name}, {"form", rt::name_of(model.form)}, {"candidates", std::move(candidates)}});
  }

  const Arguments& arguments_;
  json& choices_;
  std::map<std::string, rt::BenchModel> models_;
};

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

void run_models(const Arguments& arguments, const json& catalogue, Models& models, json& result) {
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
      const rt::GraphTimes times = rt::measure_model(models.of(entry), arguments.settings);
      const double ratio = times.replay_us > 0 ? times.host_us / times.replay_us : 0;
      const rt::GraphReport& report = times.report;
      fmt::print("{:<28} {:>9.0f} {:>9.0f} {:>9.0f} {:>8.1f} {:>6.2f}x  {}{}{}\n", name, times.host_us, times.bound_us,
                 times.replay_us, times.enqueue_us, ratio, rt::name_of(report.state),
                 report.bit_identical.value_or(true) ? "" : ", NOT bit-identical",
                 report.reason.empty() ? "" : ": " + report.reason.substr(0, 160));
      results.push_back(to_json(entry, times));
      results.back()["form"] = rt::name_of(report.form);
    } catch (const facegraph::core::Error& error) {
      fmt::print("{:<28} failed: {}\n", name, error.what());
      results.push_back({{"name", name}, {"state", "failed"}, {"reason", error.what()}});
    }
    std::fflush(stdout);
    save(arguments, result);
  }
}

// Times of one item in runs of so many, beside those with host tensors, as lanes with --execution-batch-frames 2, 4 and
// 8 find them out.
json run_batches(const Arguments& arguments, const json& catalogue) {
  rt::ExecutionOptions execution = arguments.settings.execution;
  execution.batch_frames = kMostItems;
  execution.shares_weights = true;
  execution.device_ids = {arguments.settings.device_id};
  execution.fuse_bias = execution.fuse_bias || arguments.all_are_pixels;
  execution.precision = arguments.chooses ? rt::Precision::kAuto : execution.precision;
  rt::InferencePool pool(execution);
  pool.expect_runs(1'000'000);  // so that graphs are captured at once
  json models = json::array();
  double sum_of_host = 0;
  double sum_of_one = 0;
  double sum_of_best = 0;
  for (const json& entry : catalogue) {
    const std::string name = entry.at("name");
    if (!arguments.only.empty() &&
        std::find(arguments.only.begin(), arguments.only.end(), name) == arguments.only.end()) {
      continue;
    }
    const rt::BenchModel model = bench_model(arguments, entry);
    json line{{"name", name}, {"sizes", json::array()}};
    try {
      const auto open = [&](const std::vector<rt::InputSpec>& inputs) {
        return pool.open("bench", model.source, inputs, arguments.settings.device_id);
      };
      const std::vector<rt::InputSpec>& inputs = model.inputs;
      const double host_us = rt::measure_model(model, arguments.settings).host_us;
      line["host_us"] = host_us;
      for (const std::size_t items : {2, 4, 8}) {  // reports are complete when sessions are given back
        rt::BatchedSession(open, inputs, static_cast<std::int64_t>(items), {}, rt::Same::kClose).for_parts(items);
      }
      const std::string one = rt::describe_inputs(inputs);
      for (const rt::GraphReport& report : pool.graph_reports()) {
        if (report.model != name || report.shapes != one) {
          continue;
        }
        line["one_us"] = report.replay_us;
        line["form"] = rt::name_of(report.form);
        double best = report.replay_us;
        fmt::print("{:<28} {:>9.0f} us", name, report.replay_us);
        for (const rt::BatchTrial& trial : report.batches) {
          line["sizes"].push_back({{"items", trial.items},
                                   {"us_per_item", trial.us_per_item},
                                   {"difference", trial.difference},
                                   {"against", trial.against}});
          best = trial.against.empty() ? std::min(best, trial.us_per_item) : best;
          fmt::print("  {}: {:.0f} us, {:.1e} {}", trial.items, trial.us_per_item, trial.difference, trial.against);
        }
        line["speedup_vs_host_tensors"] = host_us / best;
        fmt::print("  host tensors {:.0f} us: {:.2f}x\n", host_us, host_us / best);
        sum_of_host += host_us;
        sum_of_one += report.replay_us;
        sum_of_best += best;
      }
    } catch (const facegraph::core::Error& error) {
      fmt::print("{:<28} failed: {}\n", name, error.what());
      line["failed"] = error.what();
    }
    std::fflush(stdout);
    models.push_back(std::move(line));
    pool.release("bench");
  }
  fmt::print(
      "all of them: {:.0f} us one by one, {:.0f} us in the best batches: {:.2f}x, of {:.0f} us with host tensors "
      "{:.2f}x\n",
      sum_of_one, sum_of_best, sum_of_one / sum_of_best, sum_of_host, sum_of_host / sum_of_best);
  return {{"models", models},
          {"host_us", sum_of_host},
          {"one_us", sum_of_one},
          {"best_us", sum_of_best},
          {"gain", sum_of_one / sum_of_best}};
}

json run_chain(const Arguments& arguments, const json& catalogue, Models& known) {
  std::vector<rt::BenchModel> models;
  std::vector<std::string> names;
  for (const std::vector<std::string>& step : arguments.chain) {
    for (const std::string& name : step) {
      const auto entry = std::find_if(catalogue.begin(), catalogue.end(),
                                      [&](const json& candidate) { return candidate.at("name") == name; });
      if (entry == catalogue.end()) {
        facegraph::core::fail(facegraph::core::ErrorCode::kFailed, "models.json does not have {}", name);
      }
      models.push_back(known.of(*entry));
      models.back().beside = name != step.front();
      names.push_back(name);
    }
  }
  const rt::ChainTimes times = rt::measure_chain(models, arguments.settings);
  const double speedup = times.host_us / times.replay_us;
  const double spread = times.replay_p99_us / times.replay_us;
  fmt::print(
      "chain {}: host tensors {:.0f} us, bound {:.0f} us, replayed {:.0f} us: {:.2f}x; p99/p50 {:.3f}; host {:.0f} us "
      "a "
      "frame; {} allocations, {} waits\n",
      fmt::join(names, " "), times.host_us, times.bound_us, times.replay_us, speedup, spread, times.enqueue_us,
      times.allocations, times.waits);
  json chain{{"models", names},
             {"host_tensors_us", times.host_us},
             {"bound_us", times.bound_us},
             {"replay_us", times.replay_us},
             {"speedup_vs_host_tensors", speedup},
             {"p99_over_p50", spread},
             {"bound_p99_over_p50", times.bound_p99_us / times.bound_us},
             {"host_us", times.enqueue_us},
             {"allocations", times.allocations},
             {"waits", times.waits}};
  if (times.beside_us > 0) {
    fmt::print("side by side where they do not need each other: {:.0f} us, {:.2f}x of in a row\n", times.beside_us,
               times.replay_us / times.beside_us);
    chain["steps"] = arguments.chain;
    chain["side_by_side_us"] = times.beside_us;
    chain["speedup_side_by_side"] = times.replay_us / times.beside_us;
  }
  if (arguments.chooses) {
    for (rt::BenchModel& model : models) {
      model.form = rt::form_of(arguments.settings.execution);
    }
    const double usual_us = rt::measure_chain(models, arguments.settings).replay_us;
    fmt::print("chain replayed without the choices: {:.0f} us, with them {:.0f} us: {:.2f}x\n", usual_us,
               times.replay_us, usual_us / times.replay_us);
    chain["replay_us_without_choices"] = usual_us;
    chain["speedup_of_choices"] = usual_us / times.replay_us;
  }
  return chain;
}

void run(int count, char** values) {
  const Arguments arguments = parse(count, values);
  rt::check_providers(arguments.settings.execution);
  json catalogue;
  std::ifstream(arguments.folder / "models.json") >> catalogue;
  json result{{"versions", facegraph::bench::gpu_versions()},
              {"command", fmt::format("{}", fmt::join(values, values + count, " "))},
              {"rounds", arguments.settings.rounds},
              {"nhwc", arguments.settings.execution.nhwc},
              {"auto", arguments.chooses},
              {"all_are_pixels", arguments.all_are_pixels},
              {"choices", json::array()},
              {"precision", arguments.settings.execution.precision == rt::Precision::kFp32 ? "fp32" : "tf32"}};
  Models models(arguments, result["choices"]);
  if (!arguments.chain.empty()) {
    result["chain"] = run_chain(arguments, catalogue, models);
    save(arguments, result);
  }
  if (arguments.batches) {
    result["batches"] = run_batches(arguments, catalogue);
    save(arguments, result);
    return;
  }
  if (arguments.only != std::vector<std::string>{"none"}) {
    run_models(arguments, catalogue, models, result);
  }
}

}  // namespace

int main(int count, char** values) {
  facegraph::runtime::offer_form_trials(count, values);
  try {
    run(count, values);
    return 0;
  } catch (const std::exception& error) {
    facegraph::core::log_error("graph_replay", "{}", error.what());
    return 1;
  }
}
