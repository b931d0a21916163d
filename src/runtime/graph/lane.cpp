#include "runtime/graph/lane.hpp"

#include <atomic>

#include "core/base/error.hpp"

namespace facegraph::runtime {

namespace {

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

void Lane::check_thread(const std::string& what) const {
  if (!owned_by_this_thread()) {
    core::fail(core::ErrorCode::kFailed,
               "{}: run from another thread than its lane's; open a session of its own on every thread", what);
  }
}

}  // namespace facegraph::runtime
