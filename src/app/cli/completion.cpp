#include "app/cli/completion.hpp"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace facegraph::app {
namespace {

using core::Option;

// Calls visit for every option of the command, with the choices that it has by default.
template <typename Visit>
void visit_options(const OptionTables& tables, const Visit& visit) {
  const core::OptionValues defaults = option_values(tables, {});
  for (const std::vector<Option>* table : tables) {
    for (const Option& option : *table) {
      visit(option, core::choices_of(option, defaults));
    }
  }
}

std::string bash_words(const Command& command) {
  std::string words = "--help";
  visit_options(command.tables(), [&words](const Option& option, const auto&) { words += " --" + option.name; });
  return words;
}

// One case for each option with choices.
std::string bash_choices() {
  std::string cases;
  visit_options(all_tables(), [&cases](const Option& option, const std::vector<std::string>& choices) {
    if (!choices.empty()) {
      cases += fmt::format("    --{}) echo '{}' ;;\n", option.name, fmt::join(choices, " "));
    }
  });
  return cases;
}

std::string positional_choices(const Command& command) {
  std::string words;
  for (const Option& positional : command.positionals) {
    words += fmt::format("{}", fmt::join(positional.choices, " "));
  }
  return words;
}

// In single quotes of a shell.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    result += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return result + "'";
}

// Brackets and colons mean something in the descriptions of zsh's _arguments.
std::string zsh_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result;
}

std::string zsh_action(const std::vector<std::string>& choices) {
  return choices.empty() ? "_files" : fmt::format("({})", fmt::join(choices, " "));
}

// One argument of _arguments: "--name=[help]:value:action"; with "=" the value may stand behind one.
std::string zsh_option(const Option& option, const std::vector<std::string>& choices) {
  std::string rest = fmt::format("[{}]", zsh_text(option.help));
  if (option.kind != core::OptionKind::kFlag) {
    rest += fmt::format("{}:{}:{}", option.is_list() ? ":*-*" : "", option.key(), zsh_action(choices));
  }
  const bool single = !option.is_list() && option.kind != core::OptionKind::kFlag;
  const std::string line = "        " + quoted(fmt::format("--{}{}{}", option.name, single ? "=" : "", rest));
  return option.short_name == 0
             ? line + " \\\n"
             : line + " \\\n        " + quoted(fmt::format("-{}{}", option.short_name, rest)) + " \\\n";
}

std::string zsh_case(const Command& command) {
  std::string text = fmt::format("    {})\n      _arguments \\\n", command.name);
  std::set<char> letters;
  visit_options(command.tables(), [&](Option option, const std::vector<std::string>& choices) {
    if (option.short_name != 0 && !letters.insert(option.short_name).second) {
      option.short_name = 0;
    }
    text += zsh_option(option, choices);
  });
  for (const Option& positional : command.positionals) {
    text += fmt::format("        {} \\\n",
                        quoted(fmt::format(":{}:{}", positional.key(),
                                           positional.choices.empty() ? "" : zsh_action(positional.choices))));
  }
  return text + "        '(- *)'{-h,--help}'[show the help of the command]'\n      ;;\n";
}

constexpr std::string_view kBashFunction = R"bash(
_facegraph() {
  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} option= choices= at
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    choices="$_facegraph_commands --version $(_facegraph_options "$_facegraph_unnamed")"
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
    return
  fi
  [[ $command == -* ]] && command=$_facegraph_unnamed
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$(_facegraph_options "$command")" -- "$word"))
    return
  fi
  [[ $word == = ]] && word=
  for ((at = COMP_CWORD - 1; at > 0; --at)); do
    if [[ ${COMP_WORDS[at]} == -* ]]; then
      option=${COMP_WORDS[at]}
      break
    fi
  done
  if [[ -n $option ]]; then
    choices=$(_facegraph_choices "$option")
  else
    choices=$(_facegraph_positionals "$command")
  fi
  if [[ -n $choices ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
  else
    compopt -o default 2>/dev/null
  fi
}
complete -F _facegraph facegraph
)bash";

}  // namespace

std::string bash_completion() {
  std::string names;
  std::string options;
  std::string positionals;
  for (const Command& command : commands()) {
    names += (names.empty() ? "" : " ") + command.name;
    options += fmt::format("    {}) echo '{}' ;;\n", command.name, bash_words(command));
    if (const std::string words = positional_choices(command); !words.empty()) {
      positionals += fmt::format("    {}) echo '{}' ;;\n", command.name, words);
    }
  }
  return fmt::format(
      "# Completion of facegraph in bash; written by: facegraph completion bash\n"
      "_facegraph_commands='{}'\n"
      "_facegraph_unnamed={}\n"
      "_facegraph_options() {{\n  case $1 in\n{}  esac\n}}\n"
      "_facegraph_choices() {{\n  case $1 in\n{}  esac\n}}\n"
      "_facegraph_positionals() {{\n  case $1 in\n{}  esac\n}}\n{}",
      names, kUnnamedCommand, options, bash_choices(), positionals, kBashFunction.substr(1));
}

std::string zsh_completion() {
  std::string names;
  std::string cases;
  for (const Command& command : commands()) {
    names += fmt::format("    {}\n", quoted(command.name + ":" + command.description));
    cases += zsh_case(command);
  }
  return fmt::format(
      "#compdef facegraph\n"
      "# Completion of facegraph in zsh; written by: facegraph completion zsh\n"
      "_facegraph() {{\n"
      "  local -a commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  if [[ $command == -* ]]; then\n"
      "    command={}\n"
      "  else\n"
      "    shift words\n"
      "    (( CURRENT-- ))\n"
      "  fi\n"
      "  if [[ $words[CURRENT] == -* ]]; then  # an option is begun: the lists before it end\n"
      "    words=($words[1] $words[CURRENT])\n"
      "    CURRENT=2\n"
      "  fi\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "if [[ $funcstack[1] == _facegraph ]]; then\n"
      "  _facegraph \"$@\"\n"
      "else\n"
      "  compdef _facegraph facegraph\n"
      "fi\n",
      names, kUnnamedCommand, cases);
}

const std::vector<Option>& shell_positional() {
  static const std::vector<Option> table{
      {.name = "shell", .scope = core::OptionScope::kJob, .help = "whose completion", .choices = {"bash", "zsh"}},
  };
  return table;
}

void print_completion(const Invocation& call) {
  fmt::print("{}", call.values.string("shell") == "bash" ? bash_completion() : zsh_completion());
}

}  // namespace facegraph::app
