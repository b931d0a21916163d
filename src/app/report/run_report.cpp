#include "app/report/run_report.hpp"

#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "runtime/provider/providers.hpp"

namespace facegraph::app {

namespace {

using nlohmann::ordered_json;

ordered_json optional(const std::optional<bool>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

ordered_json candidates_json(const std::vector<runtime::Candidate>& candidates) {
  ordered_json list = ordered_json::array();
  for (const runtime::Candidate& candidate : candidates) {
    list.push_back({{"form", runtime::name_of(candidate.form)},
                    {"replay_us", candidate.replay_us},
                    {"difference", candidate.difference},
                    {"against", candidate.against}});
  }
  return list;
}

ordered_json batches_json(const std::vector<runtime::BatchTrial>& batches) {
  ordered_json list = ordered_json::array();
  for (const runtime::BatchTrial& trial : batches) {
    list.push_back({{"items", trial.items},
                    {"us_per_item", trial.us_per_item},
                    {"difference", trial.difference},
                    {"against", trial.against}});
  }
  return list;
}

// ", 4 at a time (results differ by 0.0012 %), not 8 at a time: REASON"; empty: none was tried.
std::string batches_text(const std::vector<runtime::BatchTrial>& batches) {
  std::string text;
  for (const runtime::BatchTrial& trial : batches) {
    text += trial.against.empty()
                ? fmt::format(", {} at a time (results differ by {:.2g} %)", trial.items, trial.difference * 100)
                : fmt::format(", not {} at a time: {}", trial.items, trial.against);
  }
  return text;
}

// "fp16 nhwc (chosen among 5, results differ by 0.08 %)", or "tf32".
std::string form_text(const runtime::GraphReport& graph) {
  std::string text = runtime::name_of(graph.form);
  for (const runtime::Candidate& candidate : graph.candidates) {
    if (candidate.form == graph.form) {
      text += fmt::format(" (chosen among {}, results differ by {:.2g} %)", graph.candidates.size(),
                          candidate.difference * 100);
    }
  }
  return text;
}

ordered_json graph_json(const runtime::GraphReport& graph) {
  return {{"model", graph.model},
          {"inputs", graph.shapes},
          {"device", graph.device_id},
          {"state", runtime::name_of(graph.state)},
          {"reason", graph.reason},
          {"runs", graph.runs},
          {"bit_identical", optional(graph.bit_identical)},
          {"deterministic", optional(graph.deterministic)},
          {"kernels", runtime::name_of(graph.kernels)},
          {"form", runtime::name_of(graph.form)},
          {"candidates", candidates_json(graph.candidates)},
          {"batches", batches_json(graph.batches)},
          {"load_seconds", graph.load_seconds},
          {"warm_up_seconds", graph.warm_up_seconds},
          {"capture_ms", graph.capture_ms},
          {"plain_us", graph.plain_us},
          {"replay_us", graph.replay_us},
          {"enqueue_plain_us", graph.enqueue_plain_us},
          {"enqueue_replay_us", graph.enqueue_replay_us},
          {"device_bytes", graph.device_bytes},
          {"graph_bytes", graph.graph_bytes}};
}

double per_frame(const pipeline::RunReport& report, double seconds) {
  return report.frames == 0 ? 0 : seconds * 1e3 / static_cast<double>(report.frames);
}

// 0 where there was no frame to process.
double after_verdict(const pipeline::RunReport& report) {
  return report.frames == 0 ? 0 : report.first_frame_seconds - report.verdict_seconds;
}

double frames_per_second(const pipeline::RunReport& report, const pipeline::LaneReport& lane) {
  return report.flow_seconds > 0 ? static_cast<double>(lane.frames) / report.flow_seconds : 0;
}

}  // namespace

std::string report_json(const pipeline::RunReport& report) {
  ordered_json models = ordered_json::array();
  for (const runtime::ModelUse& use : report.models) {
    models.push_back({{"model", use.name},
                      {"runs", use.runs},
                      {"cpu_seconds", use.cpu_seconds},
                      {"load_seconds", use.load_seconds}});
  }
  ordered_json graphs = ordered_json::array();
  for (const runtime::GraphReport& graph : report.graphs) {
    graphs.push_back(graph_json(graph));
  }
  ordered_json lanes = ordered_json::array();
  for (const pipeline::LaneReport& lane : report.lane_reports) {
    lanes.push_back({{"number", lane.number},
                     {"device", lane.device},
                     {"device_bytes", lane.device_bytes},
                     {"open_seconds", lane.open_seconds},
                     {"frames", lane.frames},
                     {"frames_per_second", frames_per_second(report, lane)}});
  }
  const ordered_json all{{"onnxruntime", runtime::runtime_version()},
                         {"run",
                          {{"frames", report.frames},
                           {"frames_unchanged", report.unchanged},
                           {"lanes", report.lanes},
                           {"flow_seconds", report.flow_seconds}}},
                         {"start",
                          {{"gate_seconds", report.gate_seconds},
                           {"verdict_seconds", report.verdict_seconds},
                           {"first_frame_seconds", report.first_frame_seconds},
                           {"first_frame_after_verdict_seconds", after_verdict(report)},
                           {"state", report.from_cache ? "cached" : "cold"}}},
                         {"stages",
                          {{"extracting_ms", per_frame(report, report.extract_seconds)},
                           {"analysing_ms", per_frame(report, report.analyse_seconds)},
                           {"processing_ms", per_frame(report, report.process_seconds)},
                           {"frame_ms", per_frame(report, report.flow_seconds)}}},
                         {"lanes", lanes},
                         {"models", models},
                         {"graphs", graphs}};
  return all.dump(1) + "\n";
}

std::string report_table(const pipeline::RunReport& report) {
  std::string text = fmt::format(
      "{} frames in {:.2f} s on {} lanes; per frame: extracting {:.2f} ms, analysing {:.2f} ms, "
      "processing {:.2f} ms\n",
      report.frames, report.flow_seconds, report.lanes, per_frame(report, report.extract_seconds),
      per_frame(report, report.analyse_seconds), per_frame(report, report.process_seconds));
  text +=
      fmt::format("first frame after {:.2f} s, {:.2f} s after the content gate's verdict, {}; {:.2f} s in the gate\n",
                  report.first_frame_seconds, after_verdict(report), report.from_cache ? "cached start" : "cold start",
                  report.gate_seconds);
  for (const pipeline::LaneReport& lane : report.lane_reports) {
    text += fmt::format("  lane {}: opened in {:.2f} s", lane.number, lane.open_seconds);
    text += lane.device_bytes > 0 ? fmt::format(" with {} MiB of the GPU", lane.device_bytes >> 20U) : "";
    text += fmt::format(", {} frames, {:.1f} per second\n", lane.frames, frames_per_second(report, lane));
  }
  for (const runtime::ModelUse& use : report.models) {
    if (report.graphs.empty()) {
      text += fmt::format("  {:<24} {:>7} runs, loaded in {:.2f} s, {:.2f} s of CPU\n", use.name, use.runs,
                          use.load_seconds, use.cpu_seconds);
    }
  }
  for (const runtime::GraphReport& graph : report.graphs) {
    text += fmt::format("  {:<24} {:>7} runs in {}, {}", graph.model, graph.runs, form_text(graph),
                        runtime::name_of(graph.state));
    if (graph.state == runtime::GraphState::kCaptured) {
      text += fmt::format(", plain {:.0f} us, replay {:.0f} us, capture {:.1f} ms", graph.plain_us, graph.replay_us,
                          graph.capture_ms);
    }
    text += graph.reason.empty() ? "" : fmt::format(": {}", graph.reason);
    text += batches_text(graph.batches) + "\n";
  }
  return text;
}

void check_report_path(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(std::filesystem::absolute(path).parent_path(), ignored)) {
    core::fail(core::ErrorCode::kUsage, "--report {}: its folder does not exist; make it or choose another path",
               path.string());
  }
}

void write_report(const std::filesystem::path& path, const pipeline::RunReport& report) {
  std::filesystem::path part = path;
  part += ".part";
  std::ofstream file(part);
  file << report_json(report);
  file.close();
  std::error_code failure;
  if (file) {
    std::filesystem::rename(part, path, failure);
  }
  if (!file || failure) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    core::fail(core::ErrorCode::kFailed, "the report {} cannot be written: choose another path for --report",
               path.string());
  }
}

}  // namespace facegraph::app
