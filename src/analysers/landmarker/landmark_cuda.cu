#include "analysers/landmarker/landmark_cuda.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::analysers::cuda {

void run(const device::Stream& stream, const FeedPredictor& program) {
  ops::for_each_block(stream, "feed predictor", 1, program);
}

void run(const device::Stream& stream, const PlacePrediction& program) {
  ops::for_each_block(stream, "place prediction", 1, program);
}

void run(const device::Stream& stream, const TakeLandmarks& program) {
  ops::for_each_block(stream, "take landmarks", 1, program);
}

}  // namespace facegraph::analysers::cuda
