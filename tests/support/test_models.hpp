// What tools/make_test_models tells of its models in models.json.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "runtime/session/session.hpp"

namespace facegraph::test {

inline runtime::ElementType element_type(const std::string& name) {
  using enum runtime::ElementType;
  for (const runtime::ElementType type : {kF32, kF16, kF64, kI32, kI64, kU8, kBool}) {
    if (name == runtime::name_of(type)) {
      return type;
    }
  }
  core::fail(core::ErrorCode::kFailed, "models.json: unknown element type {}", name);
}

// The inputs of a model's entry, in its usual shapes.
inline std::vector<runtime::InputSpec> inputs_of(const nlohmann::json& entry) {
  std::vector<runtime::InputSpec> inputs;
  for (const nlohmann::json& input : entry.at("inputs")) {
    inputs.push_back(
        {input.at("name"), input.at("shape"), element_type(input.at("dtype")), input.at("low"), input.at("high")});
  }
  return inputs;
}

}  // namespace facegraph::test
