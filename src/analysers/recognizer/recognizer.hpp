// The embedding of a face. spec: analysis.md 6.1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysers/context.hpp"
#include "analysers/shared/crop.hpp"
#include "analysers/shared/runs.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/site/site.hpp"

namespace facegraph::analysers {

std::vector<models::ModelFile> recognizer_models(models::ModelSet set);

class Recognizer {
 public:
  Recognizer(const Context& context, models::ModelSet set);

  // Of faces, on its way to the host: value() when the site was waited for. No value where the points have no
  // similarity to the template.
  class Pending {
   public:
    std::optional<core::Embedding> value(std::size_t face) const;

   private:
    friend class Recognizer;
    device::Values<std::uint8_t> has_;
    FetchedParts<float> output_;
  };
  // Frames and points (landmark 5/68) lie on the context's site.
  Pending embed(std::span<const SiteFace> faces);

 private:
  device::Site site_;
  ops::SiteTable table_;
  runtime::BatchedSession sessions_;
};

}  // namespace facegraph::analysers
