// Whether items that go through a model together get what each gets alone.
#pragma once

#include <string>
#include <vector>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

struct BatchDifference {
  // From one by one: 0 where every bit is the same, else as difference_between() has it (choice/form_choice.hpp).
  double of_range = 0;
  // The same beside what items differ by among themselves: large where the range hides that items change each other.
  double of_items = 0;
};

// Runs `one` and `several` on noise, every item of another brightness and in two orders, so that neither its place nor
// its neighbours may change an item. specs: the inputs of `one`, with their ranges. Writes over all inputs; waits.
BatchDifference difference_of_batch(Session& one, Session& several, const std::vector<InputSpec>& specs);

}  // namespace facegraph::runtime
