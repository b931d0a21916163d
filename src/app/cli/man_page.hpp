// The manual page, made from the tables of commands and options.
#pragma once

#include <string>

#include "app/cli/command.hpp"

namespace facegraph::app {

// facegraph(1), in the macros of man(7).
std::string man_page();

void print_man_page(const Invocation& call);

}  // namespace facegraph::app
