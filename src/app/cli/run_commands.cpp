#include "app/cli/run_commands.hpp"

#include "core/base/error.hpp"

namespace facegraph::app {

void run_page(const Invocation&) {
  core::fail(core::ErrorCode::kFailed,
             "the web page comes in a later version: use headless-run, batch-run or the job commands");
}

}  // namespace facegraph::app
