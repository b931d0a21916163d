// Age, gender and race of a face. spec: analysis.md 6.2.
#pragma once

#include <optional>
#include <vector>

#include "analysers/context.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

// None in the embedded set: its faces carry no age, gender or race.
std::vector<models::ModelFile> classifier_models(models::ModelSet set);

struct Classification {
  core::AgeRange age;
  core::Gender gender = core::Gender::kMale;
  core::Race race = core::Race::kWhite;
};

class Classifier {
 public:
  explicit Classifier(const Context& context);
  // points: landmark 5/68. No value where the points have no similarity to the template.
  std::optional<Classification> classify(core::ConstImageView frame, const core::Landmark5& points);

 private:
  ops::ValueTable table_;
  runtime::Session session_;
};

// Class ids of fairface to our values.
core::AgeRange age_of(std::int64_t id);
core::Gender gender_of(std::int64_t id);
core::Race race_of(std::int64_t id);

}  // namespace facegraph::analysers
