#include "app/config/option_tables.hpp"

#include "analysers/detector/detector.hpp"
#include "analysers/landmarker/landmarker.hpp"
#include "analysers/masker/masker.hpp"
#include "analysers/selector/selector.hpp"
#include "analysers/tracker/tracker.hpp"
#include "models/catalogue/model_set.hpp"
#include "pipeline/options/pipeline_options.hpp"
#include "processors/processor.hpp"
#include "runtime/provider/execution_options.hpp"

namespace facegraph::app {

const OptionTables& headless_run_tables() {
  static const OptionTables tables{
      &models::model_set_options(),  // first: the choices of model options depend on it
      &path_options(),
      &analysers::detector_options(),
      &analysers::landmarker_options(),
      &analysers::selector_options(),
      &analysers::tracker_options(),
      &analysers::masker_options(),
      &pipeline::frame_extraction_options(),
      &pipeline::frame_distribution_options(),
      &pipeline::output_creation_options(),
      &pipeline::workflow_options(),
      &processors::processor_options(),
      &runtime::execution_options(),
      &pipeline::memory_options(),
      &misc_options(),
      &report_options(),
  };
  return tables;
}

}  // namespace facegraph::app
