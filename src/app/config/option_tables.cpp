#include "app/config/option_tables.hpp"

#include <algorithm>
#include <array>

#include "analysers/detector/detector.hpp"
#include "analysers/landmarker/landmarker.hpp"
#include "analysers/masker/masker.hpp"
#include "analysers/selector/selector.hpp"
#include "analysers/tracker/tracker.hpp"
#include "analysers/voice_extractor/voice_extractor.hpp"
#include "models/catalogue/model_set.hpp"
#include "models/download/download_options.hpp"
#include "pipeline/options/pipeline_options.hpp"
#include "processors/processor.hpp"
#include "runtime/provider/execution_options.hpp"

namespace facegraph::app {
namespace {

// In the order of Group.
const std::array<OptionTables, 18>& group_tables() {
  static const std::array<OptionTables, 18> groups{{
      {&config_options()},
      {&temp_options()},
      {&jobs_options()},
      {&source_options()},
      {&target_options()},
      {&output_options()},
      {&pattern_options()},
      {
          &models::model_set_options(),  // first: the choices of model options depend on it
          &analysers::detector_options(),
          &analysers::landmarker_options(),
          &analysers::selector_options(),
          &analysers::tracker_options(),
          &analysers::masker_options(),
          &analysers::voice_extractor_options(),
          &pipeline::frame_extraction_options(),
          &pipeline::frame_distribution_options(),
          &pipeline::output_creation_options(),
          &pipeline::workflow_options(),
          &processors::processor_options(),
      },
      {&ui_options()},
      {&benchmark_options()},
      {&graph_benchmark_options()},
      {&models::model_set_options(), &runtime::execution_options(), &models::download_options(),
       &pipeline::memory_options(), &log_options()},
      {&runtime::execution_options()},
      {&models::download_options()},
      {&models::download_scope_options()},
      {&log_options()},
      {&halt_options()},
      {&report_options()},
  }};
  return groups;
}

void append(OptionTables& tables, const OptionTables& more) {
  std::copy_if(more.begin(), more.end(), std::back_inserter(tables),
               [&tables](const auto* table) { return std::find(tables.begin(), tables.end(), table) == tables.end(); });
}

}  // namespace

OptionTables tables_of(std::span<const Group> groups) {
  OptionTables tables;
  for (const Group group : groups) {
    append(tables, group_tables().at(static_cast<std::size_t>(group)));
  }
  return tables;
}

const std::vector<Group>& all_groups() {
  static const std::vector<Group> groups = [] {
    std::vector<Group> all;
    for (std::size_t i = 0; i < group_tables().size(); ++i) {
      all.push_back(static_cast<Group>(i));
    }
    return all;
  }();
  return groups;
}

const OptionTables& all_tables() {
  static const OptionTables tables = tables_of(all_groups());
  return tables;
}

std::vector<std::string> sections_of(const OptionTables& tables) {
  std::vector<std::string> sections;
  for (const std::vector<core::Option>* table : tables) {
    for (const core::Option& option : *table) {
      if (!option.section.empty() && std::find(sections.begin(), sections.end(), option.section) == sections.end()) {
        sections.push_back(option.section);
      }
    }
  }
  return sections;
}

}  // namespace facegraph::app
