// Which file a run opens for a model: its own, or a rewritten one that is kept for the next runs.
#pragma once

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>

#include "core/base/error.hpp"
#include "runtime/graph/unit.hpp"
#include "runtime/precision/forward_convolutions.hpp"
#include "runtime/provider/form.hpp"

namespace facegraph::runtime {

// The model itself, but for kFp16: then a file in `.caches/fp16` of the working folder, written when it is first asked
// for and named after the model's contents. A model that cannot be rewritten, or a cache that cannot be written, is
// warned about once, and the model itself returned. Thread safe, also between processes.
ModelSource rewritten_model(const ModelSource& model, Precision precision);

// The model with its transposed convolutions of such weights written as forward ones, for sessions on a GPU: a file in
// `.caches/forward` or `.caches/forward_all`; the model itself where it has none, or as above.
ModelSource with_forward_convolutions(const ModelSource& model, Weights weights);

// The model written for the shapes of these inputs, where its file leaves dimensions open and computes with them: a
// file in `.caches/fixed`; the model itself where it does not, or as above. For the channels-last layout on a GPU
// (precision/fixed_inputs.hpp).
ModelSource with_fixed_inputs(const ModelSource& model, std::span<const InputSpec> inputs);
// What that gave for inputs that describe_inputs() tells so, if it did; else the model itself.
ModelSource find_fixed_inputs(const ModelSource& model, const std::string& shapes);

// The file for that form.
ModelSource in_form(const ModelSource& model, const Form& form, std::span<const InputSpec> inputs);

// The model for several items, where inputs of two or more dimensions ask for more than one and the file takes one: a
// file in `.caches/batch` for these shapes, whatever the number of items; the model itself where its file takes
// several. Throws Error(kFailed) with the reason where it cannot be rewritten; Error(kOutOfMemory) where there is no
// place for the file.
ModelSource with_open_batch(const ModelSource& model, std::span<const InputSpec> inputs);

// "rewriting fp16 1 forward 1 fixed 1 batch 1": what all that depends on rewritten files is to be told apart by.
std::string rewriting_versions();

// Removes what one of these gave, so that the next call writes it anew.
void forget_rewritten(const ModelSource& rewritten);

// open(rewrite()), where rewrite() gives the model or a file made of it. One that a broken cache made unreadable is
// written again.
template <typename Rewrite, typename Open>
auto with_rewritten(const ModelSource& model, const Rewrite& rewrite, const Open& open) {
  const ModelSource source = rewrite();
  if (source.path == model.path) {
    return open(source);
  }
  try {
    return open(source);
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kFailed) {
      throw;
    }
    forget_rewritten(source);
    return open(rewrite());
  }
}

// On the file for that many items.
template <typename Open>
auto with_batch(const ModelSource& model, std::span<const InputSpec> inputs, const Open& open) {
  const bool one = std::none_of(inputs.begin(), inputs.end(), [](const InputSpec& input) {
    return input.shape.size() >= 2 && input.shape.front() > 1;
  });
  return with_rewritten(
      model, [&] { return one ? model : with_open_batch(model, inputs); }, open);
}

// On the file for that form.
template <typename Open>
auto with_form(const ModelSource& model, const Form& form, std::span<const InputSpec> inputs, const Open& open) {
  return with_rewritten(
      model, [&] { return in_form(model, form, inputs); }, open);
}

}  // namespace facegraph::runtime
