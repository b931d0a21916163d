#include "runtime/session/batch_trial.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/choice/form_choice.hpp"
#include "runtime/session/noise.hpp"

namespace facegraph::runtime {

namespace {

using Outputs = std::vector<std::vector<std::byte>>;  // of all items, one after the other

bool is_batched(const Session& several, const std::string& input) {
  const std::vector<std::string>& names = several.batched_inputs();
  return std::find(names.begin(), names.end(), input) != names.end();
}

// The same for an item wherever it lies: what comes after is brighter.
void fill_item(const Tensor& tensor, const InputSpec& spec, std::size_t item, std::size_t items) {
  const double share = static_cast<double>(item + 1) / static_cast<double>(items);
  fill_noise(tensor, spec.low, spec.low + (spec.high - spec.low) * share, static_cast<unsigned>(item));
}

Outputs run_one_by_one(Session& one, const Session& several, const std::vector<InputSpec>& specs) {
  const std::size_t items = several.batch();
  Outputs outputs(one.output_count());
  for (std::size_t item = 0; item < items; ++item) {
    for (const InputSpec& spec : specs) {
      fill_item(one.input(spec.name), spec, is_batched(several, spec.name) ? item : 0, items);
    }
    one.try_out();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Tensor& output = one.output(i);
      const auto* bytes = static_cast<const std::byte*>(output.data);
      outputs[i].insert(outputs[i].end(), bytes, bytes + output.bytes());
    }
  }
  return outputs;
}

// Item i lies at place (i + shift) % items; what comes back is in the order of the items.
Outputs run_together(Session& several, const std::vector<InputSpec>& specs, std::size_t shift) {
  const std::size_t items = several.batch();
  for (const InputSpec& spec : specs) {
    Tensor place = several.input(spec.name);
    if (!is_batched(several, spec.name)) {
      fill_item(place, spec, 0, items);
      continue;
    }
    place.shape.front() = 1;
    for (std::size_t item = 0; item < items; ++item) {
      place.data = static_cast<std::byte*>(several.input(spec.name).data) + (item + shift) % items * place.bytes();
      fill_item(place, spec, item, items);
    }
  }
  several.try_out();
  Outputs outputs;
  for (std::size_t i = 0; i < several.output_count(); ++i) {
    const Tensor& output = several.output(i);
    auto* bytes = static_cast<std::byte*>(output.data);
    const std::size_t first = shift * (output.bytes() / items);
    outputs.emplace_back(bytes + first, bytes + output.bytes());
    outputs.back().insert(outputs.back().end(), bytes, bytes + first);
  }
  return outputs;
}

std::vector<float> floats_of(const std::vector<std::byte>& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

// The squares' sums of what several differ by from one by one, over those that items differ by from the first.
double beside_items(const std::vector<float>& alone, const std::vector<float>& together, std::size_t items) {
  const std::size_t count = alone.size() / items;
  double errors = 0;
  double items_apart = 0;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    const double error = static_cast<double>(together[i]) - alone[i];
    const double apart = static_cast<double>(alone[i]) - alone[i % count];
    errors += error * error;
    items_apart += apart * apart;
  }
  return errors == 0 ? 0 : std::sqrt(errors / items_apart);
}

}  // namespace

BatchDifference difference_of_batch(Session& one, Session& several, const std::vector<InputSpec>& specs) {
  const Outputs alone = run_one_by_one(one, several, specs);
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < several.output_count(); ++i) {
    outputs.push_back(several.output(i));
  }
  BatchDifference worst;
  for (const std::size_t shift : {0, 1}) {
    const Outputs together = run_together(several, specs, shift);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (together[i].size() != alone[i].size()) {
        return {.of_range = std::numeric_limits<double>::infinity()};
      }
    }
    if (together != alone) {
      constexpr double kLeast = std::numeric_limits<double>::min();  // zeros of another sign
      worst.of_range = std::max({worst.of_range, kLeast, difference_between(outputs, alone, together)});
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (outputs[i].type == ElementType::kF32) {
          worst.of_items =
              std::max(worst.of_items, beside_items(floats_of(alone[i]), floats_of(together[i]), several.batch()));
        }
      }
    }
  }
  return worst;
}

}  // namespace facegraph::runtime
