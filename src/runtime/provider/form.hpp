// In which arithmetic and layout a model runs on CUDA: what the options ask for, or what was measured to be the fastest
// (--precision auto, docs/decisions/0012-measured-forms.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/provider/execution_options.hpp"

namespace facegraph::runtime {

// What a model's results are for, and so how far they may differ from the reference's. kPixels: they are seen.
// kPositions: pictures are cut where they say. kDecides: is this a face, whose, may it pass.
enum class Role { kPixels, kPositions, kDecides };

struct Form {
  Precision precision = Precision::kTf32;  // never kAuto
  bool nhwc = false;
  bool fused = false;  // biases are added within convolutions

  bool operator==(const Form&) const = default;
};

// "fp16 nhwc", and back; none for other texts.
std::string name_of(const Form& form);
std::optional<Form> form_named(const std::string& name);

// What the options ask for of such a model; tf32 where nothing was measured yet. Only pixels are made in fp16. Never
// one that may end the process.
Form form_of(const ExecutionOptions& options, Role role = Role::kPixels);

// ONNX Runtime 1.31.1 ends the process in some channels-last convolutions with fused biases (seen with
// arcface_w600k_r50 of tools/make_test_models in half precision; a contract violation inside its Conv, which nobody can
// catch).
inline bool may_end_the_process(const Form& form) {
  return form.nhwc && form.fused;
}

// The same options, but for that form.
ExecutionOptions with_form(ExecutionOptions options, const Form& form);

// Those that auto chooses among, with fused biases only where they are asked for. The first is the one that the others'
// results are compared with; what comes later changes more.
std::vector<Form> forms_for(Role role, bool fused);

}  // namespace facegraph::runtime
