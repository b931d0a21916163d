// The embedding of a face. spec: analysis.md 6.1.
#pragma once

#include <cstdint>
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

  // What is on its way to the host: value() when the site was waited for. No value where the points have no similarity
  // to the template.
  class Pending {
   public:
    Pending(device::Values<std::uint8_t> has, device::Values<float> output)
        : has_(std::move(has)), output_(std::move(output)) {}
    std::optional<core::Embedding> value() const;

   private:
    device::Values<std::uint8_t> has_;
    device::Values<float> output_;
  };
  // Frame and points (landmark 5/68) lie on the context's site.
  Pending embed(core::ConstImageView frame, const core::Landmark5* points);

 private:
  device::Site site_;
  ops::SiteTable table_;
  runtime::Session session_;
};

}  // namespace facegraph::analysers
