#include "app/cli/gpu_commands.hpp"

#include <cstdio>
#include <string_view>

#include <fmt/format.h>

#include "app/catalogue/model_catalogue.hpp"
#include "core/base/error.hpp"
#include "models/store/store.hpp"
#include "runtime/benchmark/graph_benchmark.hpp"
#include "runtime/doctor/doctor.hpp"
#include "runtime/provider/providers.hpp"
#include "runtime/records/graph_records.hpp"

namespace facegraph::app {

namespace {

void print_row(std::string_view stage, std::string_view model, double without_us, double with_us) {
  fmt::print("{:<20} {:<28} {:>9.2f} ms {:>9.2f} ms {:>7.2f}x\n", stage, model, without_us * 1e-3, with_us * 1e-3,
             without_us / with_us);
}

}  // namespace

void doctor(const Invocation&) {
  const runtime::Diagnosis diagnosis = runtime::diagnose(runtime::take_inventory());
  for (const auto& [what, value] : diagnosis.findings) {
    fmt::print("{:<20}{}\n", what, value);
  }
  for (const std::string& note : diagnosis.notes) {
    fmt::print("note: {}\n", note);
  }
  for (const std::string& problem : diagnosis.problems) {
    fmt::print("problem: {}\n", problem);
  }
  std::fflush(stdout);
  if (!diagnosis.problems.empty()) {
    core::fail(core::ErrorCode::kFailed,
               "cuda cannot run here: {} (above); everything runs with --execution-providers "
               "cpu",
               diagnosis.problems.size() == 1 ? "one problem" : fmt::format("{} problems", diagnosis.problems.size()));
  }
  fmt::print("cuda can run\n");
}

void benchmark_graphs(const Invocation& call) {
  const core::OptionValues& values = call.values;
  runtime::BenchSettings settings;
  settings.execution = runtime::execution_options_from(values);
  settings.execution.providers = {"cuda"};  // there is nothing to compare on another one
  settings.device_id = settings.execution.device_ids.front();
  settings.rounds = static_cast<int>(values.integer("benchmark-rounds"));
  settings.size = static_cast<int>(values.integer("benchmark-size"));
  runtime::check_providers(settings.execution);
  const models::Store store = models::Store::standard();
  const runtime::Form form = runtime::form_of(settings.execution);
  const device::Gpu& gpu = device::cuda_gpu(settings.device_id);
  runtime::GraphRecords records(runtime::GraphRecords::kStandardPath, runtime::this_machine());
  fmt::print("{:<20} {:<28} {:>12} {:>12} {:>8}\n", "stage", "model", "without", "with", "speed-up");
  double without_us = 0;
  double with_us = 0;
  for (const CatalogueEntry& entry : installed_models(store)) {
    const runtime::ModelSource model{entry.file.name, store.path(entry.file)};
    try {
      const runtime::GraphTimes times = runtime::measure_model({.source = model, .form = form}, settings);
      records.note(runtime::graph_key(model, times.report.shapes, gpu, times.report.form), times.report);
      if (times.report.state != runtime::GraphState::kCaptured) {
        fmt::print("{:<20} {:<28} {:>9.2f} ms  not captured: {}\n", entry.role, model.name, times.host_us * 1e-3,
                   times.report.reason);
        continue;
      }
      print_row(entry.role, model.name, times.host_us, times.replay_us);
      without_us += times.host_us;
      with_us += times.replay_us;
    } catch (const core::Error& error) {
      if (error.code() == core::ErrorCode::kDeviceLost) {
        throw;
      }
      fmt::print("{:<20} {:<28} not measured: {}\n", entry.role, model.name, error.what());
    }
    std::fflush(stdout);
  }
  if (with_us == 0) {
    core::fail(core::ErrorCode::kFailed, "no model could be measured: put model files into {}",
               store.folder().string());
  }
  print_row("all", "", without_us, with_us);
}

}  // namespace facegraph::app
