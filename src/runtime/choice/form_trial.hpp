// Forms that may end the process they run in (ONNX Runtime 1.31.1 does that in some channels-last convolutions with
// fused biases, where nobody can catch it) are tried in another one first: the same program once more.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "runtime/graph/unit.hpp"

namespace facegraph::runtime {

// To be called at the beginning of main(). A process that was started to try a form does so and ends here; any other
// offers trials from then on.
void offer_form_trials(int count, const char* const* words);

// Loads, captures and replays the model in that form in a process of its own, on the same GPU; waits for it. Nothing
// where all went well; else why the form is not to be taken: an error, the process ended in it or took too long, or
// this program offers no trials.
std::string trial_of_form(const ModelSource& source, std::span<const InputSpec> inputs, int device_id,
                          const Form& form);

// What a process did: nothing where it left with code 0, else the first line that it printed, or what became of it.
// Error(kFailed) where there is no pipe to listen.
std::string outcome_of(const std::vector<std::string>& command, std::chrono::seconds limit);

}  // namespace facegraph::runtime
