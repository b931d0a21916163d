// Makes the selected faces older or younger. spec: face-processors.md section 8.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "analysers/masker/masker.hpp"
#include "core/options/option.hpp"
#include "models/catalogue/model_set.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

// fran sees the face and two ages; styleganex sees the face, the same face with more around it, and a direction.
enum class AgeFamily { kFran, kStyleganex };

struct AgeModel {
  models::ModelFile file;
  AgeFamily family = AgeFamily::kFran;
  int size = 0;             // of the face
  int background_size = 0;  // of the face with its surroundings
  double mean = 0;
  double standard_deviation = 1;
};

const std::vector<AgeModel>& age_models(models::ModelSet set);

struct AgeModifierOptions {
  AgeModel model;
  int direction = 0;  // -100 .. 100; fran: years that are added
  analysers::MaskerOptions masker;

  // Throws Error(kUsage) where the model set has no age modifier.
  static AgeModifierOptions from(const core::OptionValues& values);
};

// What fran is told: the face's age, the mean of its range, and the age to make of it, in hundreds of years, each 0..1.
std::array<float, 2> fran_ages(core::AgeRange age, int direction);

const std::vector<core::Option>& age_modifier_options();
std::unique_ptr<Processor> make_age_modifier(const core::OptionValues& values);

}  // namespace facegraph::processors
