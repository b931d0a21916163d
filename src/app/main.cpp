#include "app/cli/command_line.hpp"
#include "runtime/choice/form_trial.hpp"

int main(int count, char** arguments) {
  if (const auto code = facegraph::runtime::try_form_instead(count, arguments)) {
    return *code;
  }
  return facegraph::app::run_command_line({arguments + 1, arguments + count});
}
