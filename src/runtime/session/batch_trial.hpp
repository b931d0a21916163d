// Whether items that go through a model together get what each gets alone.
#pragma once

#include <vector>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// Runs `one` and `several` on noise, every item of another brightness and in two orders, so that neither its place nor
// its neighbours may change an item. specs: the inputs of `one`, with their ranges. 0: equal in every bit; else the
// difference from one by one as difference_between() has it (choice/form_choice.hpp). Writes over all inputs; waits.
double difference_of_batch(Session& one, Session& several, const std::vector<InputSpec>& specs);

}  // namespace facegraph::runtime
