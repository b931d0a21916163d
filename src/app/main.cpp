#include "app/cli/command_line.hpp"

int main(int count, char** arguments) {
  return facegraph::app::run_command_line({arguments + 1, arguments + count});
}
