#include "app/cli/run_commands.hpp"

#include "app/cli/progress.hpp"
#include "app/cli/stop_signals.hpp"
#include "app/report/run_report.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "pipeline/headless.hpp"

namespace facegraph::app {

void headless_run(const Invocation& call) {
  const core::OptionValues& values = call.values;
  if (values.is_set("report")) {
    check_report_path(values.string("report"));
  }
  StopSignals signals;
  core::Progress progress;
  const ProgressDisplay display(progress, progress_style());
  const pipeline::RunReport report = pipeline::run_headless(values, signals.token(), progress);
  if (values.is_set("report")) {
    write_report(values.string("report"), report);
  }
  core::log_debug("headless", "{}", report_table(report));
}

void run_page(const Invocation&) {
  core::fail(core::ErrorCode::kFailed,
             "the web page comes in a later version: use headless-run, batch-run or the job commands");
}

}  // namespace facegraph::app
