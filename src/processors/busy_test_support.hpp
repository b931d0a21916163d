// What tests of every registered processor give it.
#pragma once

#include <cmath>
#include <map>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "analysers/masker/masker.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/geometry/affine.hpp"
#include "processors/processor.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {

// With options by which each of its models runs.
inline std::unique_ptr<Processor> busy_processor(const std::string& name) {
  auto processors =
      make_processors(test::values_of({models::model_set_options(), analysers::masker_options(), processor_options()},
                                      {{"processors", {name}},
                                       {"face-mask-types", {"box", "occlusion", "area", "region"}},
                                       {"face-debugger-items", {"bounding-box", "face-landmark-68", "face-mask"}},
                                       {"face-editor-eye-open-ratio", {"0.5"}},
                                       {"face-editor-lip-open-ratio", {"0.5"}},
                                       {"deep-swapper-model", {"custom/contract_morph_256"}}}));
  return std::move(processors.front());
}

// A frame with something in it.
inline core::Image pattern(int width, int height) {
  core::Image image(width, height, 3);
  for (int y = 0; y < height; ++y) {
    auto* row = image.row<std::uint8_t>(y);
    for (int x = 0; x < 3 * width; ++x) {
      row[x] = static_cast<std::uint8_t>(31 * y + 7 * x);
    }
  }
  return image;
}

// A face in the square of that side at (x, y).
inline core::Face face_at(double x, double y, double side) {
  core::Face face;
  face.bounding_box = {x, y, x + side, y + side};
  face.landmarks.five = ops::warp_template(ops::WarpTemplate::kArcface128);
  for (core::Point& point : face.landmarks.five) {
    point = {x + side * point.x, y + side * point.y};
  }
  for (int i = 0; i < 68; ++i) {
    const double angle = 2 * std::numbers::pi * i / 68;
    face.landmarks.sixty_eight[i] = {x + side * (0.5 + 0.4 * std::cos(angle)),
                                     y + side * (0.5 + 0.4 * std::sin(angle))};
  }
  face.landmarks.five_of_68 = face.landmarks.five;
  face.landmarks.sixty_eight_of_5 = face.landmarks.sixty_eight;
  face.embedding.fill(0.5F);
  face.embedding_norm.fill(1 / std::sqrt(512.0F));
  face.age = {30, 40};
  face.gender = core::Gender::kFemale;
  face.race = core::Race::kAsian;
  return face;
}

// A source with a face.
inline Sources one_source() {
  Sources sources;
  sources.pictures.push_back({pattern(160, 160), {face_at(30, 30, 100)}});
  return sources;
}

}  // namespace facegraph::processors
