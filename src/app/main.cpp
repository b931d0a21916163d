#include "app/cli/command_line.hpp"
#include "runtime/choice/form_trial.hpp"

int main(int count, char** arguments) {
  facegraph::runtime::offer_form_trials(count, arguments);
  return facegraph::app::run_command_line({arguments + 1, arguments + count});
}
