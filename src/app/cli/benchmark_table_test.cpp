#include "app/cli/benchmark_table.hpp"

#include <gtest/gtest.h>

namespace facegraph::app {
namespace {

using Strings = std::vector<std::string>;

// spec: application.md 9
TEST(BenchmarkTable, IsTheReferencesOnTheCpu) {
  const BenchmarkTable table = benchmark_table({{"a.mp4", 270, {2, 1, 3}, {}}, {"b.mp4", 270, {0.126}, {}}});
  EXPECT_EQ(table.headers,
            (Strings{"target_path", "cycle_count", "average_run", "fastest_run", "slowest_run", "relative_fps"}));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0], (Strings{"a.mp4", "3", "2.0", "1.0", "3.0", "135.0"}));
  EXPECT_EQ(table.rows[1], (Strings{"b.mp4", "1", "0.13", "0.13", "0.13", "2142.86"}));
}

TEST(BenchmarkTable, SetsRunsWithoutGraphsBesideThoseWithThem) {
  const BenchmarkTable table = benchmark_table({{"a.mp4", 100, {2, 2}, {3, 5}}, {"b.mp4", 100, {1}, {0.5}}});
  ASSERT_EQ(table.headers.size(), 8U);
  EXPECT_EQ(table.headers[6], "average_run_without_graphs");
  EXPECT_EQ(table.headers[7], "graphs_speed_up");
  EXPECT_EQ(table.rows[0], (Strings{"a.mp4", "2", "2.0", "2.0", "2.0", "50.0", "4.0", "2.0"}));
  EXPECT_EQ(table.rows[1], (Strings{"b.mp4", "1", "1.0", "1.0", "1.0", "100.0", "0.5", "0.5"}));
}

TEST(BenchmarkTable, SaysWhyThereIsNothingAboutGraphs) {
  const std::string without_gpu = why_no_graphs({"cpu"}, "CUDA cannot run: there is no NVIDIA driver");
  EXPECT_NE(without_gpu.find("ran on cpu; CUDA cannot run: there is no NVIDIA driver"), std::string::npos);
  EXPECT_NE(why_no_graphs({"tensorrt", "cpu"}, "").find("ran on tensorrt, cpu; take --execution-providers cuda"),
            std::string::npos);
}

}  // namespace
}  // namespace facegraph::app
