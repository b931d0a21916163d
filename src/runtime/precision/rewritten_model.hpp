// Which file a run opens for a model: its own, or a rewritten one that is kept for the next runs.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.hpp"
#include "runtime/graph/unit.hpp"
#include "runtime/provider/execution_options.hpp"

namespace facegraph::runtime {

// The model itself, but for kFp16: then a file in `.caches/fp16` of the working folder, written when it is first asked
// for and named after the model's contents. A model that cannot be rewritten, or a cache that cannot be written, is
// warned about once, and the model itself returned. Thread safe, also between processes.
ModelSource rewritten_model(const ModelSource& model, Precision precision);

// The model with its transposed convolutions written as forward ones, for sessions on a GPU: a file in
// `.caches/forward`; the model itself where it has none, or as above.
ModelSource with_forward_convolutions(const ModelSource& model);

// "rewriting fp16 1 forward 1": what all that depends on rewritten files is to be told apart by.
std::string rewriting_versions();

// Removes what one of these gave, so that the next call writes it anew.
void forget_rewritten(const ModelSource& rewritten);

// open(source) on the file for that precision. One that a broken cache made unreadable is written again.
template <typename Open>
auto with_precision(const ModelSource& model, Precision precision, const Open& open) {
  const ModelSource source = rewritten_model(model, precision);
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
    return open(rewritten_model(model, precision));
  }
}

}  // namespace facegraph::runtime
