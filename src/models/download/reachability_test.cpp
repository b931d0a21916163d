#include "models/download/reachability.hpp"

#include <gtest/gtest.h>

#include "models/download/test_support.hpp"

namespace facegraph::models {
namespace {

class ReachabilityTest : public testing::Test {
 protected:
  std::optional<std::size_t> first(const std::vector<std::string>& bases) {
    std::vector<Source> sources;
    for (const std::string& base : bases) {
      sources.push_back({base, "/{release}/{file}"});
    }
    return reachability_.first(sources, limits_, stop_);
  }

  Reachability reachability_;
  TransferLimits limits_ = quick_options().limits;
  core::StopToken stop_;
};

test::HttpResponse nothing(const test::HttpRequest&) {
  return {.status = 404};
}

TEST_F(ReachabilityTest, WhoAnswersAnythingIsThere) {
  const test::HttpServer server(nothing);
  EXPECT_EQ(first({test::closed_address(), server.url()}), 1U);
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.requests().front().method, "HEAD");
}

TEST_F(ReachabilityTest, IsAskedOnce) {
  const test::HttpServer server(nothing);
  EXPECT_EQ(first({server.url()}), 0U);
  EXPECT_EQ(first({server.url()}), 0U);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(ReachabilityTest, AbsenceIsRememberedToo) {
  const std::string gone = test::closed_address();
  EXPECT_EQ(first({gone}), std::nullopt);
  const test::HttpServer server(nothing);
  EXPECT_EQ(first({gone, server.url()}), 1U);
  EXPECT_EQ(first({}), std::nullopt);
}

TEST_F(ReachabilityTest, TheSecondIsNotAskedWhenTheFirstAnswers) {
  const test::HttpServer preferred(nothing);
  const test::HttpServer second(nothing);
  limits_.headway = std::chrono::seconds(60);
  EXPECT_EQ(first({preferred.url(), second.url()}), 0U);
  EXPECT_TRUE(second.requests().empty());
}

TEST_F(ReachabilityTest, TheLimitCountsForAllTogether) {
  std::atomic<bool> over{false};
  const auto silent = [&](const test::HttpRequest&) {
    while (!over) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return test::HttpResponse{};
  };
  {
    const test::HttpServer one(silent);
    const test::HttpServer two(silent);
    const test::HttpServer good(nothing);
    limits_.probe = std::chrono::milliseconds(500);
    EXPECT_EQ(first({one.url(), two.url(), good.url()}), 2U);
    EXPECT_EQ(first({one.url(), two.url()}), std::nullopt);  // known by now
    EXPECT_EQ(one.requests().size() + two.requests().size(), 2U);
    over = true;
  }
}

TEST_F(ReachabilityTest, Stops) {
  const test::HttpServer server(nothing);
  stop_.request();
  test::message_of(core::ErrorCode::kStopped, [&] { first({server.url()}); });
}

}  // namespace
}  // namespace facegraph::models
