// Shell completion, made from the tables of commands and options.
#pragma once

#include <string>

#include "app/cli/command.hpp"

namespace facegraph::app {

// A script for the shell: to be put where it looks for completions, or to be sourced.
std::string bash_completion();
std::string zsh_completion();

const std::vector<core::Option>& shell_positional();  // shell: bash or zsh
void print_completion(const Invocation& call);

}  // namespace facegraph::app
