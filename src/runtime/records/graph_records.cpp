#include "runtime/records/graph_records.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/log.hpp"
#include "runtime/doctor/doctor.hpp"
#include "runtime/precision/rewritten_model.hpp"
#include "runtime/provider/providers.hpp"
#include "runtime/records/cache_file.hpp"
#include "runtime/records/content_key.hpp"

namespace facegraph::runtime {

namespace {

using nlohmann::json;

constexpr int kVersion = 2;                  // of the file's form and of what its findings mean
constexpr std::size_t kMostFindings = 1000;  // ten times the official models

std::string model_key(const ModelSource& model) {
  return fmt::format("{} {}", model.name, model.contents.empty() ? content_key(model.path) : model.contents);
}

template <typename Value>
Value named(const std::string& name, std::initializer_list<Value> values) {
  const auto* const found =
      std::find_if(values.begin(), values.end(), [&](Value value) { return name == name_of(value); });
  if (found == values.end()) {
    throw std::invalid_argument(name);
  }
  return *found;
}

json optional(const std::optional<bool>& value) {
  return value ? json(*value) : json();
}

std::optional<bool> optional(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<bool>());
}

json json_of(const Candidate& candidate) {
  return {{"form", name_of(candidate.form)},
          {"replay_us", candidate.replay_us},
          {"difference", candidate.difference},
          {"against", candidate.against}};
}

Form form_in(const json& entry) {
  return form_named(entry.at("form")).value();
}

Candidate candidate_of(const json& entry) {
  return {form_in(entry), entry.at("replay_us"), entry.at("difference"), entry.at("against")};
}

json json_of(const BatchTrial& trial) {
  return {{"items", trial.items},
          {"us_per_item", trial.us_per_item},
          {"difference", trial.difference},
          {"against", trial.against},
          {"allowed", trial.allowed}};
}

BatchTrial trial_of(const json& entry) {
  return {entry.at("items"), entry.at("us_per_item"), entry.at("difference"), entry.at("against"), entry.at("allowed")};
}

json json_of(const GraphReport& report) {
  json candidates = json::array();
  for (const Candidate& candidate : report.candidates) {
    candidates.push_back(json_of(candidate));
  }
  json batches = json::array();
  for (const BatchTrial& trial : report.batches) {
    batches.push_back(json_of(trial));
  }
  return {{"model", report.model},
          {"inputs", report.shapes},
          {"device", report.device_id},
          {"state", name_of(report.state)},
          {"reason", report.reason},
          {"bit_identical", optional(report.bit_identical)},
          {"deterministic", optional(report.deterministic)},
          {"kernels", name_of(report.kernels)},
          {"settled", report.settled},
          {"form", name_of(report.form)},
          {"candidates", candidates},
          {"batches", batches},
          {"load_seconds", report.load_seconds},
          {"warm_up_seconds", report.warm_up_seconds},
          {"capture_ms", report.capture_ms},
          {"plain_us", report.plain_us},
          {"replay_us", report.replay_us},
          {"enqueue_plain_us", report.enqueue_plain_us},
          {"enqueue_replay_us", report.enqueue_replay_us},
          {"device_bytes", report.device_bytes},
          {"graph_bytes", report.graph_bytes}};
}

GraphReport report_of(const json& entry) {
  GraphReport report;
  entry.at("model").get_to(report.model);
  entry.at("inputs").get_to(report.shapes);
  entry.at("device").get_to(report.device_id);
  entry.at("reason").get_to(report.reason);
  entry.at("load_seconds").get_to(report.load_seconds);
  entry.at("warm_up_seconds").get_to(report.warm_up_seconds);
  entry.at("capture_ms").get_to(report.capture_ms);
  entry.at("plain_us").get_to(report.plain_us);
  entry.at("replay_us").get_to(report.replay_us);
  entry.at("enqueue_plain_us").get_to(report.enqueue_plain_us);
  entry.at("enqueue_replay_us").get_to(report.enqueue_replay_us);
  entry.at("device_bytes").get_to(report.device_bytes);
  entry.at("graph_bytes").get_to(report.graph_bytes);
  report.state = named(entry.at("state"), {GraphState::kCaptured, GraphState::kRefused});
  report.kernels =
      named(entry.at("kernels"), {Kernels::kFastest, Kernels::kHeuristic, Kernels::kForward, Kernels::kDeterministic});
  report.settled = entry.at("settled");
  report.form = form_in(entry);
  for (const json& candidate : entry.at("candidates")) {
    report.candidates.push_back(candidate_of(candidate));
  }
  for (const json& trial : entry.value("batches", json::array())) {  // older files have none
    report.batches.push_back(trial_of(trial));
  }
  report.bit_identical = optional(entry.at("bit_identical"));
  report.deterministic = optional(entry.at("deterministic"));
  return report;
}

GraphKey key_of(const json& entry) {
  return {entry.at("model").get<std::string>(), entry.at("inputs").get<std::string>(),
          entry.at("gpu").get<std::string>(), entry.at("settings").get<std::string>()};
}

// By the first input of "target 4x3x128x128, source 4x512"; a single dimension counts none.
Items items_in(const std::string& inputs) {
  const std::string first = inputs.substr(0, inputs.find(", "));
  const std::string shape = first.substr(first.rfind(' ') + 1);
  return shape.find('x') == std::string::npos || shape.starts_with("1x") ? Items::kOne : Items::kSeveral;
}

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

GraphKey graph_key(const ModelSource& model, const std::string& inputs, const device::Gpu& gpu, const Form& form) {
  return {model_key(model), inputs, gpu.info().name, name_of(form)};
}

GraphKey choice_key(const ModelSource& model, const std::string& inputs, const device::Gpu& gpu, bool fused) {
  constexpr std::array<const char*, 3> kRoles{"pixels", "positions", "decides"};
  return {model_key(model), inputs, gpu.info().name,
          fmt::format("auto {}{}", fused ? "fused " : "", kRoles.at(static_cast<std::size_t>(model.role)))};
}

std::string this_machine() {
  const int cuda = device::cuda_status().runtime_version;
  return fmt::format("ONNX Runtime {}, CUDA {}.{}, driver {}, {}", runtime_version(), cuda / 1000, cuda % 1000 / 10,
                     kernel_driver_version(), rewriting_versions());
}

GraphRecords::GraphRecords(std::filesystem::path file, std::string machine)
    : file_(std::move(file)), machine_(std::move(machine)) {
  const std::optional<std::string> text = read_cache_file(file_);
  std::optional<Findings> found = text ? parse(*text) : Findings{};
  if (!found) {
    core::log_debug("runtime", "{} is broken or of another version: it is written anew", file_.string());
  }
  known_ = std::move(found).value_or(Findings{});
}

GraphRecords::~GraphRecords() {
  write_used();
}

// Nothing where the text is no such file.
std::optional<GraphRecords::Findings> GraphRecords::parse(const std::string& text) {
  try {
    const json file = json::parse(text);
    if (file.at("version") != kVersion) {
      return std::nullopt;
    }
    Findings findings;
    for (const json& entry : file.at("findings")) {
      const json& key = entry.at("key");
      findings.push_back({key_of(key), key.at("machine").get<std::string>(), report_of(entry.at("report")),
                          entry.at("used").get<std::int64_t>()});
    }
    return findings;
  } catch (const std::exception&) {  // what JSON has to say, bad_optional_access too
    return std::nullopt;
  }
}

std::string GraphRecords::text_of(const Findings& findings) {
  json list = json::array();
  for (const Finding& finding : findings) {
    const GraphKey& key = finding.key;
    list.push_back({{"key",
                     {{"model", key.model},
                      {"inputs", key.inputs},
                      {"gpu", key.gpu},
                      {"settings", key.settings},
                      {"machine", finding.machine}}},
                    {"report", json_of(finding.report)},
                    {"used", finding.used}});
  }
  // Reasons are words of libraries: what is no UTF-8 in them is replaced.
  return json{{"version", kVersion}, {"findings", list}}.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

void GraphRecords::put(Findings& findings, Finding finding) {
  std::erase_if(findings, [&](const Finding& old) { return old.key == finding.key && old.machine == finding.machine; });
  findings.push_back(std::move(finding));
}

const GraphRecords::Finding* GraphRecords::find_unlocked(const GraphKey& key) const {
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const Finding& finding) {
    return finding.key == key && finding.machine == machine_;
  });
  return found == known_.end() ? nullptr : &*found;
}

std::optional<GraphReport> GraphRecords::find(const GraphKey& key) const {
  const std::lock_guard lock(mutex_);
  const Finding* found = find_unlocked(key);
  return found == nullptr ? std::nullopt : std::optional(found->report);
}

std::optional<GraphReport> GraphRecords::find_last(const GraphKey& key, Items items) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(known_.rbegin(), known_.rend(), [&](const Finding& finding) {
    GraphKey same = finding.key;
    same.inputs = key.inputs;
    return same == key && finding.machine == machine_ && items_in(finding.key.inputs) == items;
  });
  return found == known_.rend() ? std::nullopt : std::optional(found->report);
}

std::vector<GraphReport> GraphRecords::find_all(const ModelSource& model) const {
  const std::string wanted = model_key(model);
  const std::lock_guard lock(mutex_);
  std::vector<GraphReport> reports;
  for (const Finding& finding : known_) {
    if (finding.key.model == wanted && finding.machine == machine_) {
      reports.push_back(finding.report);
    }
  }
  return reports;
}

bool GraphRecords::know(const std::string& name) const {
  const std::string start = name + ' ';
  const std::lock_guard lock(mutex_);
  return std::any_of(known_.begin(), known_.end(), [&](const Finding& finding) {
    return finding.key.model.starts_with(start) && finding.machine == machine_;
  });
}

void GraphRecords::note(const GraphKey& key, const GraphReport& report) {
  if ((report.state != GraphState::kCaptured && report.state != GraphState::kRefused) || report.passing) {
    return;
  }
  const std::lock_guard lock(mutex_);
  const Finding* before = find_unlocked(key);
  const bool news = before == nullptr || before->report.state != report.state ||
                    before->report.kernels != report.kernels || before->report.settled != report.settled ||
                    before->report.form != report.form;
  GraphReport kept = report;
  kept.batches = before == nullptr ? std::vector<BatchTrial>{} : before->report.batches;
  use(key, kept, news);
}

void GraphRecords::note_batch(const GraphKey& key, const BatchTrial& trial) {
  const std::lock_guard lock(mutex_);
  const Finding* before = find_unlocked(key);
  if (before == nullptr || trial.passing) {
    return;
  }
  GraphReport report = before->report;
  std::vector<BatchTrial>& batches = report.batches;
  const bool news = std::find(batches.begin(), batches.end(), trial) == batches.end();
  std::erase_if(batches,
                [&](const BatchTrial& known) { return known.items == trial.items && known.allowed == trial.allowed; });
  batches.push_back(trial);
  use(key, report, news);
}

void GraphRecords::use(const GraphKey& key, const GraphReport& report, bool news) {
  const Finding finding{key, machine_, report, seconds_now()};
  put(known_, finding);
  put(used_, finding);
  if (news) {
    write_used();
  }
}

// Into what the file holds by now, which may be more than was read: another process may have written it.
void GraphRecords::write_used() noexcept {
  if (used_.empty()) {
    return;
  }
  try {
    change_cache_file(file_, [&](const std::string& text) {
      Findings findings = parse(text).value_or(Findings{});
      for (const Finding& finding : used_) {
        put(findings, finding);
      }
      if (findings.size() > kMostFindings) {
        findings.erase(findings.begin(), findings.end() - kMostFindings);
      }
      return text_of(findings);
    });
  } catch (const std::exception& error) {
    core::log_debug("runtime", "{} cannot be written: {}", file_.string(), error.what());
  }
  used_.clear();
}

}  // namespace facegraph::runtime
