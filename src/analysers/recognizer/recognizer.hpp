// The embedding of a face. spec: analysis.md 6.1.
#pragma once

#include <optional>
#include <vector>

#include "analysers/context.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

std::vector<models::ModelFile> recognizer_models(models::ModelSet set);

class Recognizer {
 public:
  Recognizer(const Context& context, models::ModelSet set);
  // points: landmark 5/68. No value where the points have no similarity to the template.
  std::optional<core::Embedding> embed(core::ConstImageView frame, const core::Landmark5& points);

 private:
  ops::ValueTable table_;
  runtime::Session session_;
};

}  // namespace facegraph::analysers
