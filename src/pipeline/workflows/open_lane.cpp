#include "pipeline/workflows/open_lane.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"

namespace facegraph::pipeline {

std::shared_ptr<Lane> open_lane(const Engine& engine, const Given& given, int number, LaneWork work, std::int64_t runs,
                                std::atomic<int>& left) {
  const auto open = [&] {
    engine.pool().expect_runs(runs);
    return std::make_shared<Lane>(engine, given, number, work);
  };
  try {
    return open();
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kOutOfMemory) {
      throw;
    }
    if (left.fetch_sub(1) > 1) {
      core::log_warn("video", "one lane less: {}", error.what());
      return nullptr;
    }
    engine.pool().release_idle();
    return open();
  }
}

}  // namespace facegraph::pipeline
