// Completion and manual: what the shells and man make of them.
#include <array>
#include <cstdio>

#include <gtest/gtest.h>

#include "app/cli/completion.hpp"
#include "app/cli/man_page.hpp"
#include "support/scratch.hpp"

namespace facegraph::app {
namespace {

// What a shell script prints, errors too.
std::string output_of(const test::Scratch& scratch, const std::string& shell, const std::string& script) {
  const std::string file = scratch.write("script", script).string();
  std::string text;
  FILE* pipe = popen((shell + " " + file + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), got);
  }
  pclose(pipe);
  return text;
}

#define PROGRAM_OR_SKIP(name)                                         \
  if (output_of(test::Scratch(), "sh", "command -v " name).empty()) { \
    GTEST_SKIP() << name << " is not installed";                      \
  }

// What bash proposes for the last word of "facegraph words".
std::string proposals(const std::string& words, int last) {
  const test::Scratch scratch;
  return output_of(scratch, "bash",
                   bash_completion() + "COMP_WORDS=(facegraph " + words + ")\nCOMP_CWORD=" + std::to_string(last) +
                       "\n_facegraph\necho \"${COMPREPLY[@]}\"\n");
}

TEST(BashCompletion, CommandsAndOptions) {
  PROGRAM_OR_SKIP("bash");
  EXPECT_EQ(proposals("headl", 1), "headless-run\n");
  EXPECT_EQ(proposals("--vers", 1), "--version\n");
  EXPECT_EQ(proposals("headless-run --face-detector-s", 2), "--face-detector-size --face-detector-score\n");
  EXPECT_EQ(proposals("-s a.jpg --face-detector-s", 3), "--face-detector-size --face-detector-score\n")
      << "without a command";
  EXPECT_EQ(proposals("doctor --face-detector-s", 2), "\n") << "not an option of that command";
}

TEST(BashCompletion, Choices) {
  PROGRAM_OR_SKIP("bash");
  EXPECT_EQ(proposals("headless-run --log-level d", 3), "debug\n");
  EXPECT_EQ(proposals("headless-run --log-level = d", 4), "debug\n") << "bash splits --log-level=d so";
  EXPECT_EQ(proposals("headless-run --face-mask-types box occ", 4), "occlusion\n") << "a list goes on";
  EXPECT_EQ(proposals("completion z", 2), "zsh\n");
  EXPECT_EQ(proposals("headless-run --target-path a", 3), "\n") << "files are bash's own business";
}

TEST(ZshCompletion, IsAScript) {
  PROGRAM_OR_SKIP("zsh");
  EXPECT_EQ(output_of(test::Scratch(), "zsh -n", zsh_completion()), "");
}

TEST(ZshCompletion, NamesCommandsOptionsAndChoices) {
  const std::string script = zsh_completion();
  for (const char* part : {"#compdef facegraph\n", "'doctor:Show what the machine has", "\n    headless-run)\n",
                           "'--log-level=[least severe messages that are shown; warn and error hide the progress "
                           "too]:log_level:(error warn info debug)' \\\n",
                           "'-s[pictures or sounds that the processors take from]:*-*:source_paths:_files' \\\n",
                           "':shell:(bash zsh)' \\\n"}) {
    EXPECT_NE(script.find(part), std::string::npos) << part;
  }
}

TEST(ManPage, HasEveryCommandAndOption) {
  const std::string page = man_page();
  const auto roff = [](const std::string& name) {
    std::string text;
    for (const char c : name) {
      text += c == '-' ? "\\-" : std::string(1, c);
    }
    return text;
  };
  for (const Command& command : commands()) {
    EXPECT_NE(page.find(".B " + roff(command.name)), std::string::npos) << command.name;
  }
  for (const std::vector<core::Option>* table : all_tables()) {
    for (const core::Option& option : *table) {
      EXPECT_NE(page.find("\\-\\-" + roff(option.name) + "\\fR"), std::string::npos) << option.name;
    }
  }
}

TEST(ManPage, GroffHasNothingToSay) {
  PROGRAM_OR_SKIP("groff");
  EXPECT_EQ(output_of(test::Scratch(), "groff -man -Tutf8 -ww -z", man_page()), "");
}

}  // namespace
}  // namespace facegraph::app
