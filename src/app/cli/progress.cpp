#include "app/cli/progress.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/cli/json_log.hpp"
#include "core/base/log.hpp"

namespace facegraph::app {
namespace {

using core::Progress;
using Seconds = std::chrono::duration<double>;

constexpr auto kBarInterval = std::chrono::milliseconds(200);
constexpr auto kLineInterval = std::chrono::seconds(5);
constexpr int kBarCells = 24;

std::string clock_text(double seconds) {
  const long long whole = std::llround(seconds);
  const long long hours = whole / 3600;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, whole / 60 % 60, whole % 60)
                   : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

double elapsed(const Progress::Phase& phase, Progress::Clock::time_point now) {
  return Seconds(phase.end.value_or(now) - phase.start).count();
}

double share(const Progress::Phase& phase) {
  return std::min(1.0, static_cast<double>(phase.done) / static_cast<double>(phase.total));
}

// In the unit that is shown: bytes become megabytes.
struct Count {
  const Progress::Phase& phase;
  bool bytes = phase.unit == "bytes";

  std::string unit() const { return bytes ? "MB" : phase.unit; }
  double rate(double count) const { return bytes ? count * 1e-6 : count; }
  std::string text(long long count) const {
    return bytes ? fmt::format("{:.1f}", static_cast<double>(count) * 1e-6) : fmt::format("{}", count);
  }
};

std::string figures(const Progress::Phase& phase, Progress::Clock::time_point now) {
  const Count count{phase};
  const double seconds = elapsed(phase, now);
  const double rate = seconds > 0 ? static_cast<double>(phase.done) / seconds : 0;
  std::string text = phase.total > 0 ? fmt::format("{:3.0f}%  {}/{} {}", 100 * share(phase), count.text(phase.done),
                                                   count.text(phase.total), count.unit())
                                     : fmt::format("{} {}", count.text(phase.done), count.unit());
  text += fmt::format("  {:.1f} {}/s", count.rate(rate), count.unit());
  if (phase.end) {
    text += fmt::format("  {} in all", clock_text(seconds));
  } else if (rate > 0 && phase.total > 0) {
    text += fmt::format("  {} left", clock_text(static_cast<double>(std::max(0LL, phase.total - phase.done)) / rate));
  }
  return text;
}

int terminal_columns() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// The display that log lines go through. Whoever logs ends before its display does: the pipeline joins its threads.
std::atomic<ProgressDisplay*> shown_display{nullptr};

}  // namespace

std::string progress_line(const Progress::Phase& phase, Progress::Clock::time_point now) {
  return fmt::format("{} {}", phase.label, figures(phase, now));
}

std::string progress_bar(const Progress::Phase& phase, Progress::Clock::time_point now, int columns) {
  std::string bar = phase.label + " ";
  if (phase.total > 0) {
    const int filled = static_cast<int>(kBarCells * share(phase));
    bar += fmt::format("[{:#>{}}{:->{}}] ", "", filled, "", kBarCells - filled);
  }
  bar += figures(phase, now);
  return bar.substr(0, static_cast<std::size_t>(std::max(0, columns - 1)));
}

ProgressStyle progress_style() {
  if (core::log_level() < core::LogLevel::kInfo) {
    return ProgressStyle::kHidden;
  }
  if (logs_json()) {
    return ProgressStyle::kJson;
  }
  return isatty(STDERR_FILENO) != 0 ? ProgressStyle::kBar : ProgressStyle::kLines;
}

ProgressDisplay::ProgressDisplay(const Progress& progress, ProgressStyle style)
    : progress_(progress), style_(style), next_line_(Clock::now() + kLineInterval) {
  if (style_ == ProgressStyle::kHidden) {
    return;
  }
  shown_display = this;
  core::set_log_hook(&print_log_line);
  thread_ = std::thread([this] { run(); });
}

ProgressDisplay::~ProgressDisplay() {
  if (style_ == ProgressStyle::kHidden) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
  core::set_log_hook(nullptr);
  shown_display = nullptr;
}

void ProgressDisplay::print_log_line(core::LogLevel, const std::string& line) {
  if (ProgressDisplay* display = shown_display) {
    const std::lock_guard lock(display->mutex_);
    display->print_ended_phases();
    display->print_line(line);
  }
}

void ProgressDisplay::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    draw();
    wake_.wait_for(lock, kBarInterval, [this] { return ending_; });
  }
  draw();
  show_bar("");
}

std::vector<Progress::Phase> ProgressDisplay::print_ended_phases() {
  std::vector<Progress::Phase> phases = progress_.phases();
  const Clock::time_point now = Clock::now();
  while (finished_ < phases.size() && phases[finished_].end) {
    print_line(line_of(phases[finished_++], now));
    next_line_ = now + kLineInterval;
  }
  return phases;
}

void ProgressDisplay::draw() {
  const std::vector<Progress::Phase> phases = print_ended_phases();
  const Clock::time_point now = Clock::now();
  if (finished_ == phases.size()) {
    return;
  }
  if (style_ == ProgressStyle::kBar) {
    show_bar(progress_bar(phases.back(), now, terminal_columns()));
  } else if (now >= next_line_) {
    print_line(line_of(phases.back(), now));
    next_line_ = now + kLineInterval;
  }
}

std::string ProgressDisplay::line_of(const Progress::Phase& phase, Clock::time_point now) const {
  const std::string text = progress_line(phase, now);
  return style_ == ProgressStyle::kJson ? json_progress(phase, text) : text;
}

// An empty bar takes the shown one away.
void ProgressDisplay::show_bar(const std::string& bar) {
  if (bar_shown_ || !bar.empty()) {
    std::fputs(("\r\033[K" + bar).c_str(), stderr);
  }
  bar_shown_ = !bar.empty();
}

void ProgressDisplay::print_line(const std::string& line) {
  show_bar("");
  std::fputs((line + "\n").c_str(), stderr);
}

}  // namespace facegraph::app
