#include "app/cli/progress.hpp"

#include <gtest/gtest.h>

namespace facegraph::app {
namespace {

using core::Progress;
using std::chrono::seconds;

const Progress::Clock::time_point kStart{};

Progress::Phase phase(long long done, long long total) {
  return {.label = "processing", .done = done, .total = total, .start = kStart, .end = {}};
}

TEST(ProgressLine, TellsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_line(phase(135, 270), kStart + seconds(6)),
            "processing  50%  135/270 frames  22.5 frames/s  0:06 left");
  EXPECT_EQ(progress_line(phase(1, 36001), kStart + seconds(1)),
            "processing   0%  1/36001 frames  1.0 frames/s  10:00:00 left");
}

TEST(ProgressLine, StartHasNoTimeLeft) {
  EXPECT_EQ(progress_line(phase(0, 270), kStart), "processing   0%  0/270 frames  0.0 frames/s");
}

TEST(ProgressLine, AnEndedPhaseTellsItsDuration) {
  Progress::Phase ended = phase(268, 270);
  ended.end = kStart + seconds(67);
  EXPECT_EQ(progress_line(ended, kStart + seconds(99)), "processing  99%  268/270 frames  4.0 frames/s  1:07 in all");
}

TEST(ProgressLine, TotalsAreEstimates) {
  EXPECT_EQ(progress_line(phase(300, 270), kStart + seconds(10)),
            "processing 100%  300/270 frames  30.0 frames/s  0:00 left");
  EXPECT_EQ(progress_line(phase(30, 0), kStart + seconds(10)), "processing 30 frames  3.0 frames/s");
}

TEST(ProgressBar, FillsAndFitsTheTerminal) {
  EXPECT_EQ(progress_bar(phase(135, 270), kStart + seconds(6), 100),
            "processing [############------------]  50%  135/270 frames  22.5 frames/s  0:06 left");
  EXPECT_EQ(progress_bar(phase(135, 270), kStart + seconds(6), 20), "processing [#######");
  EXPECT_EQ(progress_bar(phase(30, 0), kStart + seconds(10), 80), "processing 30 frames  3.0 frames/s");
}

TEST(ProgressStyle, HiddenForQuietLogLevels) {
  for (const core::LogLevel level : {core::LogLevel::kError, core::LogLevel::kWarn}) {
    core::set_log_level(level);
    EXPECT_EQ(progress_style(), ProgressStyle::kHidden);
  }
  core::set_log_level(core::LogLevel::kInfo);
  EXPECT_NE(progress_style(), ProgressStyle::kHidden);
}

std::string shown(ProgressStyle style) {
  testing::internal::CaptureStderr();
  {
    Progress progress;
    const ProgressDisplay display(progress, style);
    progress.begin("analysing", 2);
    progress.advance(2);
    progress.begin("processing", 4);
    progress.advance();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    core::log_warn("media", "sound is dropped");
  }
  return testing::internal::GetCapturedStderr();
}

TEST(ProgressDisplay, LinesWhenNotATerminal) {
  const std::string text = shown(ProgressStyle::kLines);
  EXPECT_EQ(text.find("analysing 100%  2/2 frames"), 0u) << text;
  EXPECT_NE(text.find("[FACEGRAPH.MEDIA] sound is dropped\n"), std::string::npos) << text;
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(ProgressDisplay, LogLinesLiftTheBar) {
  const std::string text = shown(ProgressStyle::kBar);
  const std::size_t bar = text.find("processing [######-");
  const std::size_t line = text.find("\r\033[K[FACEGRAPH.MEDIA] sound is dropped\n");
  ASSERT_NE(bar, std::string::npos) << text;
  ASSERT_NE(line, std::string::npos) << text;
  EXPECT_LT(bar, line);
  EXPECT_TRUE(text.ends_with("\r\033[K")) << "a shown bar is taken away at the end";
}

TEST(ProgressDisplay, HiddenShowsLogLinesOnly) {
  EXPECT_EQ(shown(ProgressStyle::kHidden), "[FACEGRAPH.MEDIA] sound is dropped\n");
}

TEST(ProgressDisplay, AFinishedRunEndsWithItsLine) {
  testing::internal::CaptureStderr();
  {
    Progress progress;
    const ProgressDisplay display(progress, ProgressStyle::kBar);
    progress.begin("processing", 4);
    progress.advance(4);
    progress.end();
    core::log_info("headless", "written");
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("processing 100%  4/4 frames"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with(" in all\n[FACEGRAPH.HEADLESS] written\n")) << text;
}

}  // namespace
}  // namespace facegraph::app
