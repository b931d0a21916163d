#include "app/cli/text_table.hpp"

#include <gtest/gtest.h>

namespace facegraph::app {
namespace {

TEST(TextTable, ColumnsAreAsWideAsTheirWidestCell) {
  EXPECT_EQ(text_table({"job id", "steps"}, {{"a", "1"}, {"ünïcode", "12"}}),
            "+---------+-------+\n"
            "| job id  | steps |\n"
            "+---------+-------+\n"
            "| a       | 1     |\n"
            "| ünïcode | 12    |\n"
            "+---------+-------+\n");
  EXPECT_EQ(text_table({"x"}, {}), "+---+\n| x |\n+---+\n+---+\n");
}

}  // namespace
}  // namespace facegraph::app
