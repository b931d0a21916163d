// Shows a run's counters on stderr while it works: a bar on a terminal, a line now and then elsewhere.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/log.hpp"
#include "core/base/progress.hpp"

namespace facegraph::app {

// "processing [#####-----]  50%  135/270 frames  22.5 frames/s  0:06 left", cut to `columns`. An ended phase shows its
// duration instead of the time left; an unknown total leaves out the bar and what follows from it.
std::string progress_bar(const core::Progress::Phase& phase, core::Progress::Clock::time_point now, int columns);

// The same without a bar.
std::string progress_line(const core::Progress::Phase& phase, core::Progress::Clock::time_point now);

enum class ProgressStyle { kHidden, kLines, kJson, kBar };

// Hidden for the log levels warn and error, else lines of JSON where messages are such, a bar when stderr is a
// terminal.
ProgressStyle progress_style();

// Draws from its own thread from construction to destruction. Takes over the log hook meanwhile, so that log lines and
// the bar do not overwrite each other. One at a time.
class ProgressDisplay {
 public:
  ProgressDisplay(const core::Progress& progress, ProgressStyle style);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

 private:
  using Clock = core::Progress::Clock;

  static void print_log_line(core::LogLevel level, const std::string& line);
  void run();
  // These expect mutex_ to be held.
  void draw();
  std::vector<core::Progress::Phase> print_ended_phases();  // once each; returns all phases
  void show_bar(const std::string& bar);
  std::string line_of(const core::Progress::Phase& phase, Clock::time_point now) const;
  void print_line(const std::string& line);

  const core::Progress& progress_;
  const ProgressStyle style_;
  std::mutex mutex_;  // guards what is written to stderr and everything below
  std::condition_variable wake_;
  bool ending_ = false;
  bool bar_shown_ = false;
  std::size_t finished_ = 0;  // phases whose last line is printed
  Clock::time_point next_line_;
  std::thread thread_;
};

}  // namespace facegraph::app
