// Starts the programs of landmark_programs.hpp on a GPU, in whose memory all that they point to lies. They enqueue and
// return; results are the host's bit by bit, but for an angle that ops::cuda::face_angle's comment allows.
#pragma once

#include "analysers/landmarker/landmark_programs.hpp"
#include "device/gpu/stream.hpp"

namespace facegraph::analysers::cuda {

void run(const device::Stream& stream, const FeedPredictor& program);
void run(const device::Stream& stream, const PlacePrediction& program);
void run(const device::Stream& stream, const TakeLandmarks& program);

}  // namespace facegraph::analysers::cuda
