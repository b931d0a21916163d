// Age, gender and race of a face. spec: analysis.md 6.2.
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

std::vector<models::ModelFile> classifier_models(models::ModelSet set);

struct Classification {
  core::AgeRange age;
  core::Gender gender = core::Gender::kMale;
  core::Race race = core::Race::kWhite;
};

class Classifier {
 public:
  explicit Classifier(const Context& context, models::ModelSet set = models::ModelSet::kOfficial);

  // Of faces, on its way to the host: value() when the site was waited for. No value where the points have no
  // similarity to the template.
  class Pending {
   public:
    std::optional<Classification> value(std::size_t face) const;

   private:
    friend class Classifier;
    // Class ids of either type; the other one is empty.
    struct Ids {
      FetchedParts<std::int64_t> wide;
      FetchedParts<std::int32_t> narrow;

      void fetch(const runtime::Session& session, std::size_t output, const device::Site& site);
      std::int64_t operator[](std::size_t face) const { return narrow.empty() ? *wide[face] : *narrow[face]; }
    };

    device::Values<std::uint8_t> has_;
    Ids race_;
    Ids gender_;
    Ids age_;
  };
  // Frames and points (landmark 5/68) lie on the context's site.
  Pending classify(std::span<const SiteFace> faces);

 private:
  device::Site site_;
  ops::SiteTable table_;
  runtime::BatchedSession sessions_;
};

// Class ids of fairface to our values.
core::AgeRange age_of(std::int64_t id);
core::Gender gender_of(std::int64_t id);
core::Race race_of(std::int64_t id);

}  // namespace facegraph::analysers
