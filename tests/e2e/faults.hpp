// Programs whose reads and writes fail on chosen files, as on a broken or full disk (tests/faults).
#pragma once

#include <cerrno>
#include <string>

#include "e2e/jobs.hpp"

namespace facegraph::test {

struct Fault {
  std::string path;  // part of the files' paths
  int error = EIO;
  long long read_from = -1;   // offset from which nothing can be read, or
  long long write_from = -1;  // first call that changes something and fails, from 1
  bool once = false;          // the later ones succeed
};

class FaultySandbox : public JobsSandbox {
 protected:
  // What the program says, and whether a call of it failed.
  struct Run {
    Outcome outcome;
    bool met = false;
  };
  Run run_with(Launch launch, const Fault& fault) const;
  // The run ends with exit code 1 and one line that holds every one of the parts.
  static void expect_one_line(const Outcome& outcome, const std::vector<std::string>& parts);
};

}  // namespace facegraph::test
