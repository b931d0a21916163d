#include "app/cli/text_table.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/cli/json_log.hpp"

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

TEST(TextTable, IsJsonWhereMessagesAre) {
  testing::internal::CaptureStderr();
  set_json_log(true);
  print_table({"job id", "steps"}, {{"a", "1"}, {"b", "2"}});
  set_json_log(false);
  const std::string said = testing::internal::GetCapturedStderr();
  const auto first = nlohmann::json::parse(said.substr(0, said.find('\n')));
  EXPECT_EQ(first["job id"], "a");
  EXPECT_EQ(first["steps"], "1");
  EXPECT_EQ(nlohmann::json::parse(said.substr(said.find('\n')))["job id"], "b");
}

}  // namespace
}  // namespace facegraph::app
