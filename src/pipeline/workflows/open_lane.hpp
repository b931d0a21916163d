// A lane of a video, or one less where a GPU is full.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "pipeline/workflows/lane.hpp"

namespace facegraph::pipeline {

// A lane, or null where a GPU's memory is full and another lane is there: what fits works on. The last one takes the
// memory of models that nobody uses first. runs: how often each model will run in it. left: lanes that are there or on
// their way.
std::shared_ptr<Lane> open_lane(const Engine& engine, const Given& given, int number, LaneWork work, std::int64_t runs,
                                std::atomic<int>& left);

}  // namespace facegraph::pipeline
