#include "e2e/faults.hpp"

#include <algorithm>
#include <cstdlib>

namespace facegraph::test {

namespace fs = std::filesystem;

FaultySandbox::Run FaultySandbox::run_with(Launch launch, const Fault& fault) const {
  const fs::path mark = root_ / "log/fault";
  fs::remove(mark);
  const char* sanitizer = std::getenv("ASAN_OPTIONS");
  launch.environment.insert(
      {{"LD_PRELOAD", FACEGRAPH_FAULTS},
       {"FACEGRAPH_FAULT_PATH", fault.path},
       {"FACEGRAPH_FAULT_ERROR", std::to_string(fault.error)},
       {"FACEGRAPH_FAULT_READ", std::to_string(fault.read_from)},
       {"FACEGRAPH_FAULT_WRITE", std::to_string(fault.write_from)},
       {"FACEGRAPH_FAULT_MARK", mark.string()},
       {"ASAN_OPTIONS", std::string(sanitizer == nullptr ? "" : sanitizer) + ":verify_asan_link_order=0"}});
  if (fault.once) {
    launch.environment.emplace("FACEGRAPH_FAULT_ONCE", "1");
  }
  Run run{.outcome = run_program(launch)};
  run.met = fs::exists(mark);
  return run;
}

void FaultySandbox::expect_one_line(const Outcome& outcome, const std::vector<std::string>& parts) {
  EXPECT_EQ(outcome.code, 1) << "signal " << outcome.signal << ", stderr: " << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  for (const std::string& part : parts) {
    EXPECT_NE(outcome.err.find(part), std::string::npos) << "expected '" << part << "' in: " << outcome.err;
  }
}

}  // namespace facegraph::test
