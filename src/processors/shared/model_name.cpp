#include "processors/shared/model_name.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "models/catalogue/model_set.hpp"

namespace facegraph::processors {

const std::string& model_name(const core::OptionValues& values, const std::string& processor) {
  std::string option = processor + "-model";
  std::replace(option.begin(), option.end(), '_', '-');
  if (!values.is_set(option)) {
    core::fail(core::ErrorCode::kUsage, "{}: the {} model set has no model for it; take another --{}, or leave {} out",
               processor, values.string(models::kModelSetOption), models::kModelSetOption, processor);
  }
  return values.string(option);
}

}  // namespace facegraph::processors
