// How many lanes work on a video. Each is opened by its own thread; where their number is auto on GPUs, one of each GPU
// is opened first, the others wait until its cost is known, and are left out where they do not fit.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "device/gpu/gpu.hpp"
#include "pipeline/workflows/report.hpp"

namespace facegraph::pipeline {

class LaneRoom {
 public:
  struct Settings {
    int devices = 1;                                            // lane n is on GPU n % devices
    bool measures = false;                                      // auto on GPUs; else all are opened at once
    std::function<device::MemoryInfo(int number)> memory = {};  // of a lane's GPU; null on the CPU
  };
  explicit LaneRoom(Settings settings)
      : settings_(std::move(settings)), places_(static_cast<std::size_t>(settings_.devices)) {}

  // On the lane's thread: open() unless there is no room; whether it was called and gave true. Throws what it throws.
  bool open(int number, const std::function<bool()>& open);
  // So many frames have passed the lane.
  void count_frames(int number, std::int64_t count);

  // Of the lanes that are open, in the order in which they came to be.
  std::vector<LaneReport> lanes() const;

 private:
  struct Place {
    bool opening = false;  // its first lane
    bool known = false;    // what follows
    std::size_t cost = 0;
    std::size_t left = 0;  // for further lanes
  };
  enum class Turn { kFirst, kFurther, kNone };
  Turn take_turn(int number);
  void tell(int number, const Place& place);
  Place& place_of(int number) { return places_[static_cast<std::size_t>(number % settings_.devices)]; }

  const Settings settings_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Place> places_;
  std::vector<LaneReport> lanes_;
};

}  // namespace facegraph::pipeline
