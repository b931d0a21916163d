// Age, gender and race of a face. spec: analysis.md 6.2.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysers/context.hpp"
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

  // What is on its way to the host: value() when the site was waited for. No value where the points have no similarity
  // to the template.
  class Pending {
   public:
    Pending(device::Values<std::uint8_t> has, const device::Site& site, const runtime::Session& session);
    std::optional<Classification> value() const;

   private:
    // A class id of either type; the other one is empty.
    struct Id {
      device::Values<std::int64_t> wide;
      device::Values<std::int32_t> narrow;
      std::int64_t value() const { return wide.size() > 0 ? *wide.data() : *narrow.data(); }
    };
    static Id fetched(const device::Site& site, const runtime::Tensor& tensor);

    device::Values<std::uint8_t> has_;
    Id race_;
    Id gender_;
    Id age_;
  };
  // Frame and points (landmark 5/68) lie on the context's site.
  Pending classify(core::ConstImageView frame, const core::Landmark5* points);

 private:
  device::Site site_;
  ops::SiteTable table_;
  runtime::Session session_;
};

// Class ids of fairface to our values.
core::AgeRange age_of(std::int64_t id);
core::Gender gender_of(std::int64_t id);
core::Race race_of(std::int64_t id);

}  // namespace facegraph::analysers
