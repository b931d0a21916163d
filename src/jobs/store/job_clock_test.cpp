#include "jobs/store/job_clock.hpp"

#include <ctime>

#include "support/scratch.hpp"

namespace facegraph::jobs {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Zone {
 public:
  explicit Zone(const std::string& name) : variable_("TZ", name) { tzset(); }

 private:
  test::ScopedVariable variable_;
};

const TimePoint kMoment = std::chrono::system_clock::from_time_t(1769859296);  // 2026-01-31 11:34:56 UTC

TEST(JobClock, TimesAreLocalWithTheirOffset) {
  {
    const Zone zone("XXX-1");
    EXPECT_EQ(time_text(kMoment + microseconds(789012)), "2026-01-31T12:34:56.789012+01:00");
    EXPECT_EQ(time_text(kMoment), "2026-01-31T12:34:56+01:00");
    EXPECT_EQ(time_text(kMoment + microseconds(7)), "2026-01-31T12:34:56.000007+01:00");
  }
  const Zone zone("XXX+3:30");
  EXPECT_EQ(time_text(kMoment), "2026-01-31T08:04:56-03:30");
}

TEST(JobClock, TimesAreReadInAnyZone) {
  EXPECT_EQ(time_from("2026-01-31T12:34:56.789012+01:00"), kMoment + microseconds(789012));
  EXPECT_EQ(time_from("2026-01-31T08:04:56-03:30"), kMoment);
  EXPECT_EQ(time_from("yesterday"), std::nullopt);
}

TEST(JobClock, Ago) {
  const auto ago = [](auto duration) { return time_ago(kMoment, kMoment + duration); };
  EXPECT_EQ(ago(seconds(0)), "just now");
  EXPECT_EQ(ago(seconds(60)), "just now");
  EXPECT_EQ(ago(minutes(10)), "10 minutes ago");
  EXPECT_EQ(ago(hours(5) + minutes(10)), "5 hours and 10 minutes ago");
  EXPECT_EQ(ago(hours(29) + minutes(10)), "1 days, 5 hours and 10 minutes ago");
}

}  // namespace
}  // namespace facegraph::jobs
