#include "app/cli/man_page.hpp"

#include <fmt/format.h>

namespace facegraph::app {
namespace {

using core::Option;

// Text that roff must not read as its own: hyphens that one can copy, backslashes, dots at the start of a line.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    result += c == '-' ? "\\-" : c == '\\' ? "\\e" : c == '\n' ? " " : std::string(1, c);
  }
  return result.starts_with('.') || result.starts_with('\'') ? "\\&" + result : result;
}

std::string commands_text() {
  std::string text;
  for (const Command& command : commands()) {
    std::string words = fmt::format(".TP\n.B {}", escaped(command.name));
    for (const Option& positional : command.positionals) {
      words += fmt::format(" \\fI{}\\fB", escaped(positional.key()));
    }
    text += fmt::format("{}\n{}.\n", words, escaped(command.description));
    for (const Option& positional : command.positionals) {
      text += fmt::format("\\fI{}\\fR: {}, {}.\n", escaped(positional.key()), escaped(positional.help),
                          escaped(core::describe_domain(positional, {})));
    }
  }
  return text;
}

std::string option_text(const Option& option, const core::OptionValues& defaults) {
  const std::string letter = option.short_name == 0 ? "" : fmt::format("\\-{}, ", option.short_name);
  const bool flag = option.kind == core::OptionKind::kFlag;
  const std::string value =
      flag ? "" : fmt::format(" \\fI{}\\fR{}", escaped(option.key()), option.is_list() ? " ..." : "");
  const std::string standard = core::to_text(defaults.at(option.name));
  return fmt::format(".TP\n\\fB{}\\-\\-{}\\fR{}\n{}.\nTakes {}{}; default: {}.\n", letter, escaped(option.name), value,
                     escaped(option.help), escaped(core::describe_domain(option, defaults)),
                     escaped(core::condition_of(option, defaults)), standard.empty() ? "unset" : escaped(standard));
}

std::string section_text(const std::string& section, const core::OptionValues& defaults) {
  std::string text;
  for (const std::vector<Option>* table : all_tables()) {
    for (const Option& option : *table) {
      text += option.section == section ? option_text(option, defaults) : "";
    }
  }
  return text;
}

// By section of the configuration file; what stands in none comes first.
std::string options_text() {
  const core::OptionValues defaults = option_values(all_tables(), {});
  std::string text = section_text("", defaults);
  for (const std::string& section : sections_of(all_tables())) {
    text += fmt::format(".SS [{}]\n{}", section, section_text(section, defaults));
  }
  return text;
}

constexpr std::string_view kHead = R"(.TH FACEGRAPH 1 "" "facegraph {}" "User Commands"
.SH NAME
facegraph \- swap, enhance and edit faces in pictures and videos
.SH SYNOPSIS
.B facegraph
[\-h | \-\-help] [\-v | \-\-version] \fIcommand\fR [\fIarguments\fR] [\fIoptions\fR]
.br
.B facegraph
\fIoptions\fR   (the same as \fBfacegraph {}\fR \fIoptions\fR)
.SH DESCRIPTION
A video pipeline that takes the command lines, the models, the configuration files and the jobs of FaceFusion 3.8.1.
.PP
Options stand before or behind a command's arguments. \fB\-\-option value\fR and \fB\-\-option=value\fR mean the same; names may be
shortened as long as they are unambiguous; of a repeated option the last one counts. An option that takes several
values takes all that follow up to the next option. Which options a command takes, \fBfacegraph\fR \fIcommand\fR
\fB\-\-help\fR says. Choices and defaults that depend on the machine are those of the one that wrote this page.
.SH COMMANDS
{}.SH OPTIONS
{}.SH FILES
.TP
.I facegraph.ini
Defaults of options, in the current folder: sections as named in brackets above, keys as the options with
underscores. Without it
.I facefusion.ini
is read. \fB\-\-config\-path\fR names another file.
.SH ENVIRONMENT
.TP
.B FACEGRAPH_MODELS_PATH
Folder of the model files.
.SH EXIT STATUS
0: done. 1: failed, or refused. 2: arguments or configuration. 4: stopped by a signal.
)";

}  // namespace

std::string man_page() {
  return fmt::format(kHead, program_version(), escaped(kUnnamedCommand), commands_text(), options_text());
}

void print_man_page(const Invocation&) {
  fmt::print("{}", man_page());
}

}  // namespace facegraph::app
