#include "app/cli/stop_signals.hpp"

#include <gtest/gtest.h>

namespace facegraph::app {
namespace {

TEST(StopSignals, EveryStopSignalRequestsTheStopAndEndsNothing) {
  for (const int signal : {SIGINT, SIGTERM}) {
    StopSignals signals;
    EXPECT_FALSE(signals.token().requested());
    raise(signal);
    EXPECT_TRUE(signals.token().requested());
    raise(signal);
    EXPECT_TRUE(signals.token().requested());
  }
}

TEST(StopSignals, AClosedPipeEndsNothing) {
  const StopSignals signals;
  EXPECT_EQ(raise(SIGPIPE), 0);
}

TEST(StopSignals, LeavesTheProcessAsItWas) {
  struct sigaction before = {};
  sigaction(SIGINT, nullptr, &before);
  { const StopSignals signals; }
  struct sigaction after = {};
  sigaction(SIGINT, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

}  // namespace
}  // namespace facegraph::app
