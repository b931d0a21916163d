#include "runtime/graph/lane.hpp"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "runtime/session/not_finite.hpp"

namespace facegraph::runtime {

namespace {

constexpr int kNone = 0;

device::Gpu& bound(device::Gpu& gpu) {
  gpu.bind_thread();
  return gpu;
}

}  // namespace

std::uint64_t this_thread_number() {
  static std::atomic<std::uint64_t> last{0};
  thread_local const std::uint64_t number = ++last;
  return number;
}

Lane::Lane(device::Gpu& gpu) : owner_(this_thread_number()), stream_(bound(gpu)), site_(stream_) {}

void Lane::watch(const std::string& model, const float* values, std::size_t count) {
  if (mark_.size() == 0) {
    mark_ = site_.copy_in(std::span<const int>(&kNone, 1));
  }
  auto known = std::find(watched_.begin(), watched_.end(), model);
  if (known == watched_.end()) {
    known = watched_.insert(known, model);
  }
  const int mark = static_cast<int>(known - watched_.begin()) + 1;
  gpu().mark_not_finite(values, count, mark, mark_.data(), stream_.handle());
}

void Lane::check_finite() {
  if (mark_.size() == 0) {
    return;
  }
  const int found = site_.copy_out(mark_).front();
  if (found != kNone) {
    forget_noted();
    throw NotFinite(fmt::format("{}: an output holds NaN or infinity", watched_[static_cast<std::size_t>(found) - 1]));
  }
}

void Lane::forget_noted() {
  if (mark_.size() != 0) {
    site_.fill(std::span<int>(mark_.data(), 1), std::span<const int>(&kNone, 1));
  }
}

void Lane::check_thread(const std::string& what) const {
  if (!owned_by_this_thread()) {
    core::fail(core::ErrorCode::kFailed,
               "{}: run from another thread than its lane's; open a session of its own on every thread", what);
  }
}

}  // namespace facegraph::runtime
