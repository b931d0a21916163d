// Finds the fastest form of a model on this GPU by running it in each: --precision auto.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "runtime/graph/graph_session.hpp"

namespace facegraph::runtime {

// How far the results may lie from those of tf32, as difference_between() has it: of pixels, less than one step of
// eight bits; where pictures are cut, and scores, a quarter of that.
constexpr double kLargestDifferenceOfPixels = 1.0 / 255;
constexpr double kLargestDifference = 1.0 / 1000;
// A form that changes more has to be that much faster than those before it.
constexpr double kLeastGain = 0.02;

double largest_difference(Role role);

// The root of the mean squared difference over the reference's range (its largest value less its smallest), of the
// worst output; infinite where values are not finite, or where an output that holds no 32-bit floats is not the same.
double difference_between(std::span<const Tensor> outputs, const std::vector<std::vector<std::byte>>& reference,
                          const std::vector<std::vector<std::byte>>& found);

// The best of those that nothing stands against; null where there is none.
const Candidate* fastest_of(const std::vector<Candidate>& candidates);

struct MeasuredForms {
  std::vector<Candidate> candidates;      // up to the first one only where that cannot be captured
  std::unique_ptr<GraphSession> fastest;  // ready to run; null then
};

// Captures and times the model in each of these forms, on the calling thread, the lane's. A form that fails anywhere is
// left out and says why; Error(kDeviceLost), and Error(kOutOfMemory) of the first, are thrown.
MeasuredForms measure_forms(UnitMaker& units, const ModelSource& model, const std::shared_ptr<Lane>& lane,
                            std::span<const InputSpec> inputs, const GraphOptions& options,
                            const std::vector<Form>& forms);

// The report under which the choice is kept: of the fastest form, or a refusal.
GraphReport report_of(const MeasuredForms& measured, const ModelSource& model, std::span<const InputSpec> inputs);

// Whether a choice that was kept is one that would be made today among these forms.
bool is_valid_choice(const GraphReport& kept, Role role, const std::vector<Form>& forms);

}  // namespace facegraph::runtime
