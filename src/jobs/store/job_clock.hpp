// Times as job files keep them and as people read them. spec: application.md 5.2, 5.6
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace facegraph::jobs {

using TimePoint = std::chrono::system_clock::time_point;

// "2026-01-31T12:34:56.789012+01:00": local time with its offset; no fraction when the microseconds are zero.
std::string time_text(TimePoint time);

// None for what is no such text.
std::optional<TimePoint> time_from(const std::string& text);

// "just now", "10 minutes ago", "5 hours and 10 minutes ago", "1 days, 5 hours and 10 minutes ago".
std::string time_ago(TimePoint time, TimePoint now);

}  // namespace facegraph::jobs
