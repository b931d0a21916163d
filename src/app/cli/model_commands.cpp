#include "app/cli/model_commands.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/catalogue/model_catalogue.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/stop_signals.hpp"
#include "core/base/log.hpp"
#include "models/catalogue/identity.hpp"
#include "models/download/provide.hpp"
#include "runtime/records/graph_records.hpp"

namespace facegraph::app {

namespace {

using models::ModelFile;
using models::ModelSet;

std::vector<ModelFile> files_of(const std::vector<CatalogueEntry>& entries) {
  std::vector<ModelFile> files;
  for (const CatalogueEntry& entry : entries) {
    files.push_back(entry.file);
  }
  return files;
}

// Of the file that is there, else as published, else not known.
std::string size_text(const models::Store& store, const ModelFile& file) {
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(store.path(file), missing);
  if (!missing) {
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) * 1e-6);
  }
  const models::Identity* identity = models::identity_of(file);
  return identity == nullptr ? "-" : fmt::format("{:.1f} MB", static_cast<double>(identity->bytes) * 1e-6);
}

// "missing" instead of "yunet_2023_mar.onnx is missing".
std::string state_text(const models::Defect& defect) {
  const std::string subject = defect.file.file_name() + " is ";
  return defect.text.starts_with(subject) ? defect.text.substr(subject.size()) : defect.text;
}

// What runs on this machine's GPUs found out: captured in any shape, and what --precision auto has chosen last; else
// why it was refused; "-": nobody tried.
std::string captured_text(const std::vector<runtime::GraphReport>& reports) {
  if (reports.empty()) {
    return "-";
  }
  std::string text = "refused: " + reports.back().reason;
  std::string choice;
  for (const runtime::GraphReport& report : reports) {
    if (report.state == runtime::GraphState::kCaptured) {
      text = "captured";
      choice = report.candidates.empty() ? choice : ", auto takes " + runtime::name_of(report.form);
    }
  }
  return text + choice;
}

void print_row(const std::string& name, const std::string& role, const std::string& licence, const std::string& size,
               const std::string& installed, const std::string& captured) {
  fmt::print("{:<34} {:<20} {:<16} {:>10}  {:<10} {}\n", name, role, licence, size, installed, captured);
}

}  // namespace

void force_download(const Invocation& call) {
  StopSignals signals;
  core::Progress progress;
  const ProgressDisplay display(progress, progress_style());
  const models::Store store = models::Store::standard();
  const std::vector<ModelFile> files = files_of(model_catalogue(ModelSet::kOfficial));
  models::provide(store, files, models::DownloadOptions::from(call.values), signals.token(), progress);
  core::log_info("download", "all {} official models are in {}", files.size(), store.folder().string());
}

void list_models(const Invocation&) {
  const models::Store store = models::Store::standard();
  const std::vector<CatalogueEntry> entries = every_model(store);
  std::map<std::string, std::string> defects;
  for (const models::Defect& defect : store.defects(files_of(entries))) {
    defects[defect.file.name] = state_text(defect);
  }
  const runtime::GraphRecords records(runtime::GraphRecords::kStandardPath, runtime::this_machine());
  print_row("name", "role", "licence", "size", "installed", "captured");
  for (const CatalogueEntry& entry : entries) {
    const auto defect = defects.find(entry.file.name);
    print_row(entry.file.name, entry.role, entry.file.licence, size_text(store, entry.file),
              defect == defects.end() ? "installed" : defect->second,
              captured_text(records.find_all({entry.file.name, store.path(entry.file)})));
  }
  fmt::print("\n{} of {} are installed: official ones in {}, embedded ones in {}\n", entries.size() - defects.size(),
             entries.size(), store.folder().string(), models::embedded_folder().string());
}

}  // namespace facegraph::app
