// Gives a changed face the expression that it has in the untouched target. spec: portrait-frame-processors.md
// section 5.
#pragma once

#include <memory>
#include <vector>

#include "analysers/masker/masker.hpp"
#include "core/options/option.hpp"
#include "processors/expression_restorer/expression.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

struct ExpressionRestorerOptions {
  double factor = 80;  // 0..100
  RestoredAreas areas;
  analysers::MaskerOptions masker;  // box, and occlusion where it is chosen; no padding

  // Throws Error(kUsage) where the model set has no model.
  static ExpressionRestorerOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& expression_restorer_options();
std::unique_ptr<Processor> make_expression_restorer(const core::OptionValues& values);

}  // namespace facegraph::processors
