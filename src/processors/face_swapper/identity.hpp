// What a swapper network is told about the source. spec: face-processors.md 5.4 - 5.6
#pragma once

#include <optional>

#include "analysers/context.hpp"
#include "core/types/face.hpp"
#include "processors/face_swapper/face_swapper_models.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

// The averaged source face: the largest face of every source picture that has one. No value without any.
std::optional<core::Face> source_face(const Sources& sources);

// The identity vector of the source in the model's own space. For models that take an embedding.
core::Embedding source_identity(const analysers::Context& context, const SwapperModel& model, const core::Face& source);

// Whether the target's own identity enters: never at the default weight, nor for models that take a picture.
bool takes_target_identity(const SwapperModel& model, double weight);

// source * (1 - w) + target * w with w = 0.35 - 0.7 * weight; at the default weight the source unchanged.
core::Embedding balance_identity(const SwapperModel& model, const core::Embedding& source, const core::Face& target,
                                 double weight);

}  // namespace facegraph::processors
