#include "pipeline/workflows/lane_room.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/log.hpp"

namespace facegraph::pipeline {

namespace {

// Of a GPU's memory, for frames, for what models take beside their weights, and for other programs.
constexpr std::size_t kReservedShare = 10;

}  // namespace

bool LaneRoom::open(int number, const std::function<bool()>& open) {
  const Turn turn = settings_.measures ? take_turn(number) : Turn::kFurther;
  if (turn == Turn::kNone) {
    return false;
  }
  const auto start = std::chrono::steady_clock::now();
  const device::MemoryInfo before = settings_.memory ? settings_.memory(number) : device::MemoryInfo{};
  bool opened = false;
  try {
    opened = open();
  } catch (...) {
    tell(number, {.known = true});  // nobody is left waiting
    throw;
  }
  if (!opened) {
    if (turn == Turn::kFirst) {
      tell(number, {});  // another one may try
    }
    return false;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  core::log_debug("video", "lane {} opened in {:.2f} seconds", number, elapsed.count());
  const device::MemoryInfo after = settings_.memory ? settings_.memory(number) : device::MemoryInfo{};
  const std::size_t cost = before.free - std::min(before.free, after.free);
  if (turn == Turn::kFirst) {
    const std::size_t reserve = after.total / kReservedShare;
    tell(number, {.known = true, .cost = cost, .left = after.free - std::min(after.free, reserve)});
  }
  const std::lock_guard lock(mutex_);
  lanes_.push_back({.number = number,
                    .device = number % settings_.devices,
                    .device_bytes = static_cast<std::int64_t>(cost),
                    .open_seconds = elapsed.count()});
  return true;
}

void LaneRoom::tell(int number, const Place& place) {
  const std::lock_guard lock(mutex_);
  place_of(number) = place;
  changed_.notify_all();
}

LaneRoom::Turn LaneRoom::take_turn(int number) {
  std::unique_lock lock(mutex_);
  Place& place = place_of(number);
  changed_.wait(lock, [&] { return place.known || !place.opening; });
  if (!place.known) {
    place.opening = true;
    return Turn::kFirst;
  }
  if (place.left == 0 || place.cost > place.left) {
    core::log_debug("video", "no room for lane {}: a lane takes {} MiB, {} MiB are left beside the reserve", number,
                    place.cost >> 20U, place.left >> 20U);
    return Turn::kNone;
  }
  place.left -= place.cost;
  return Turn::kFurther;
}

void LaneRoom::count_frames(int number, std::int64_t count) {
  const std::lock_guard lock(mutex_);
  const auto lane =
      std::find_if(lanes_.begin(), lanes_.end(), [&](const LaneReport& known) { return known.number == number; });
  lane->frames += count;
}

std::vector<LaneReport> LaneRoom::lanes() const {
  const std::lock_guard lock(mutex_);
  return lanes_;
}

}  // namespace facegraph::pipeline
