#include "app/cli/config_command.hpp"

#include <gtest/gtest.h>

#include "app/cli/command_line.hpp"
#include "support/scratch.hpp"

namespace facegraph::app {
namespace {

std::string printed(const std::vector<std::string>& arguments) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_command_line(arguments), 0);
  return testing::internal::GetCapturedStdout();
}

TEST(Config, NamesWhereEverySettingComesFrom) {
  const test::Scratch scratch;
  const std::string file =
      scratch.write("a.ini", "[misc]\nlog_level = warn\n[patterns]\noutput_pattern = a/100%%.jpg\n");
  const std::string text =
      printed({"config", "--config-path", file, "--face-mask-blur", "0.5", "-s", "a.jpg", "b.jpg"});
  for (const char* part : {"\n[paths]\n# built-in\ntemp_path = ",
                           "\n# command line\nsource_paths = a.jpg b.jpg\n# built-in\ntarget_path =\n",
                           "\n# command line\nface_mask_blur = 0.5\n", "\n[misc]\n# ",
                           "a.ini:2\nlog_level = warn\n# built-in\n", "output_pattern = a/100%%.jpg\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_NE(text.find("# " + file + ":2\nlog_level"), std::string::npos) << text;
}

TEST(Config, ItsOutputIsAFileThatMakesTheSameSettings) {
  const test::Scratch scratch;
  const std::string first = printed(
      {"config", "--face-mask-blur", "0.5", "--halt-on-error", "-s", "a%.jpg", "--face-mask-padding", "1", "2"});
  const std::string second = printed({"config", "--config-path", scratch.write("a.ini", first)});
  const auto settings = [](const std::string& text) {
    std::string kept;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      kept += line.starts_with('#') ? "" : line + "\n";
    }
    return kept;
  };
  EXPECT_EQ(settings(second), settings(first));
  EXPECT_NE(first.find("a%%.jpg"), std::string::npos);
}

}  // namespace
}  // namespace facegraph::app
