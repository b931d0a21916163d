#include "runtime/provider/form.hpp"

namespace facegraph::runtime {

std::string name_of(const Form& form) {
  return std::string(name_of(form.precision)) + (form.nhwc ? " nhwc" : "") + (form.fused ? " fused" : "");
}

std::optional<Form> form_named(const std::string& name) {
  for (const Precision precision : {Precision::kTf32, Precision::kFp32, Precision::kFp16}) {
    for (const bool nhwc : {false, true}) {
      for (const bool fused : {false, true}) {
        if (const Form form{precision, nhwc, fused}; name_of(form) == name) {
          return form;
        }
      }
    }
  }
  return std::nullopt;
}

Form form_of(const ExecutionOptions& options, Role role) {
  if (options.precision == Precision::kAuto) {
    return {};
  }
  const bool half = options.precision == Precision::kFp16;
  return {half && role != Role::kPixels ? Precision::kTf32 : options.precision, options.nhwc,
          options.fuse_bias && !options.nhwc};
}

ExecutionOptions with_form(ExecutionOptions options, const Form& form) {
  options.precision = form.precision;
  options.nhwc = form.nhwc;
  options.fuse_bias = form.fused;
  return options;
}

std::vector<Form> forms_for(Role role, bool fused) {
  std::vector<Form> forms{{}, {.fused = true}, {.nhwc = true}, {.nhwc = true, .fused = true}};
  if (role != Role::kDecides) {
    forms.push_back({Precision::kFp16});
    forms.push_back({Precision::kFp16, true});
    forms.push_back({Precision::kFp16, true, true});
  }
  std::erase_if(forms, [fused](const Form& form) { return form.fused && !fused; });
  return forms;
}

}  // namespace facegraph::runtime
