// The embedding of a face. spec: analysis.md 6.1.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "analysers/context.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/site/site.hpp"

namespace facegraph::analysers {

std::vector<models::ModelFile> recognizer_models(models::ModelSet set);

class Recognizer {
 public:
  Recognizer(const Context& context, models::ModelSet set);

  // What is on its way to the host: value() when the site was waited for.
  class Pending {
   public:
    explicit Pending(device::Values<float> output) : output_(std::move(output)) {}
    core::Embedding value() const;

   private:
    device::Values<float> output_;
  };
  // The frame lies on the context's site; points: landmark 5/68. No value where the points have no similarity to the
  // template.
  std::optional<Pending> embed(core::ConstImageView frame, const core::Landmark5& points);

 private:
  device::Site site_;
  ops::SiteTable table_;
  runtime::Session session_;
};

}  // namespace facegraph::analysers
