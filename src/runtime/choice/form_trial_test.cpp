#include "runtime/choice/form_trial.hpp"

#include <gtest/gtest.h>

namespace facegraph::runtime {
namespace {

using std::chrono::seconds;

TEST(FormTrial, TellsWhatBecameOfAProcess) {
  EXPECT_EQ(outcome_of({"/bin/sh", "-c", "echo said; echo said >&2"}, seconds(30)), "");
  EXPECT_EQ(outcome_of({"/bin/sh", "-c", "echo because; echo of this; echo that >&2; exit 3"}, seconds(30)), "because");
  EXPECT_EQ(outcome_of({"/bin/sh", "-c", "exit 3"}, seconds(30)), "its process left with code 3");
  EXPECT_EQ(outcome_of({"/bin/sh", "-c", "kill -ABRT $$"}, seconds(30)), "it ends the process with signal 6");
  EXPECT_EQ(outcome_of({"/bin/sleep", "600"}, seconds(0)), "its process did not come to an end within 0 seconds");
  EXPECT_EQ(outcome_of({"/no/such/program"}, seconds(30)),
            "no process can be started to try it: No such file or directory");
}

// This program does not ask at the beginning of its main().
TEST(FormTrial, IsOfferedByProgramsThatAskForIt) {
  const std::vector<InputSpec> inputs{{"input", {1, 3, 64, 64}}};
  const std::string against = trial_of_form({"net", "net.onnx"}, inputs, 0, {Precision::kFp16, true, true});
  EXPECT_EQ(against, "it may end the process, and this program offers no other one to try it");
}

}  // namespace
}  // namespace facegraph::runtime
