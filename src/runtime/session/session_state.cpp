#include "runtime/session/session_state.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/error.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;

namespace {

// The declared inputs in a message, so that the user sees what the file takes.
std::string list_inputs(const std::vector<Declared>& inputs) {
  std::string text;
  for (const Declared& input : inputs) {
    text +=
        fmt::format("{}`{}` {} {}", text.empty() ? "" : ", ", input.name, describe(input.shape), name_of(input.type));
  }
  return text;
}

}  // namespace

bool is_static(const Shape& shape) {
  return std::all_of(shape.begin(), shape.end(), [](std::int64_t size) { return size >= 0; });
}

std::vector<std::string> open_inputs(const std::vector<Declared>& inputs, const std::vector<Declared>& outputs) {
  const auto open = [](const Declared& tensor) { return !tensor.shape.empty() && tensor.shape.front() < 0; };
  std::vector<std::string> names;
  if (std::all_of(outputs.begin(), outputs.end(), open)) {
    for (const Declared& input : inputs) {
      if (open(input)) {
        names.push_back(input.name);
      }
    }
  }
  return names;
}

bool accepts(const Shape& declared, const Shape& found) {
  return declared.size() == found.size() && std::equal(declared.begin(), declared.end(), found.begin(),
                                                       [](std::int64_t a, std::int64_t b) { return a < 0 || a == b; });
}

void check_inputs(const std::string& model, const std::vector<Declared>& declared, std::span<const InputSpec> specs) {
  for (const InputSpec& spec : specs) {
    const auto found =
        std::find_if(declared.begin(), declared.end(), [&](const Declared& input) { return input.name == spec.name; });
    if (found == declared.end()) {
      fail(ErrorCode::kFailed, "{}: input `{}` {} is expected, found {}; choose a model of the right family", model,
           spec.name, describe(spec.shape), list_inputs(declared));
    }
    if (found->type != spec.type || !accepts(found->shape, spec.shape)) {
      fail(ErrorCode::kFailed, "{}: input `{}` is {} {}, expected {} {}; choose a model of the right family", model,
           spec.name, describe(found->shape), name_of(found->type), describe(spec.shape), name_of(spec.type));
    }
  }
  if (specs.size() != declared.size()) {
    fail(ErrorCode::kFailed, "{}: takes {} inputs ({}), expected {}; choose a model of the right family", model,
         declared.size(), list_inputs(declared), specs.size());
  }
}

}  // namespace facegraph::runtime
