#include "jobs/store/job_clock.hpp"

#include <cstdlib>
#include <ctime>
#include <regex>

#include <fmt/format.h>

namespace facegraph::jobs {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr long kMinute = 60;
constexpr long kHour = 60 * kMinute;
constexpr long kDay = 24 * kHour;

std::string offset_text(long offset) {
  const long distance = std::labs(offset);
  return fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', distance / kHour, distance % kHour / kMinute);
}

}  // namespace

std::string time_text(TimePoint time) {
  const auto whole = std::chrono::floor<seconds>(time);
  const long long fraction = duration_cast<microseconds>(time - whole).count();
  const std::time_t stamp = std::chrono::system_clock::to_time_t(whole);
  std::tm local{};
  localtime_r(&stamp, &local);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
                     local.tm_hour, local.tm_min, local.tm_sec, fraction == 0 ? "" : fmt::format(".{:06}", fraction),
                     offset_text(local.tm_gmtoff));
}

std::optional<TimePoint> time_from(const std::string& text) {
  static const std::regex pattern(
      R"((\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?([+-])(\d\d):(\d\d)(?::\d\d)?)");
  std::smatch found;
  if (!std::regex_match(text, found, pattern)) {
    return std::nullopt;
  }
  const auto number = [&found](int group) { return found[group].matched ? std::stoi(found[group]) : 0; };
  std::tm fields{};
  fields.tm_year = number(1) - 1900;
  fields.tm_mon = number(2) - 1;
  fields.tm_mday = number(3);
  fields.tm_hour = number(4);
  fields.tm_min = number(5);
  fields.tm_sec = number(6);
  const long offset = (found[8] == "-" ? -1 : 1) * (number(9) * kHour + number(10) * kMinute);
  return std::chrono::system_clock::from_time_t(timegm(&fields) - offset) + microseconds(number(7));
}

std::string time_ago(TimePoint time, TimePoint now) {
  const long total = static_cast<long>(duration_cast<seconds>(now - time).count());
  const long hours = total % kDay / kHour;
  const long minutes = total % kHour / kMinute;
  if (total > kDay) {
    return fmt::format("{} days, {} hours and {} minutes ago", total / kDay, hours, minutes);
  }
  if (total > kHour) {
    return fmt::format("{} hours and {} minutes ago", hours, minutes);
  }
  return total > kMinute ? fmt::format("{} minutes ago", total / kMinute) : "just now";
}

}  // namespace facegraph::jobs
