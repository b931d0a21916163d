#include "runtime/graph/lane.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "core/base/error.hpp"

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

Lane::Lane(device::Gpu& gpu)
    : owner_(this_thread_number()),
      stream_(bound(gpu)),
      site_(stream_),
      watched_(std::make_shared<const std::vector<std::string>>()) {}

void Lane::watch(const std::string& model, std::span<const std::span<const float>> outputs) {
  if (mark_.size() == 0) {
    mark_ = site_.copy_in(std::span<const int>(&kNone, 1));
  }
  auto known = std::find(watched_->begin(), watched_->end(), model);
  if (known == watched_->end()) {
    auto more = *watched_;  // checks that are still on their way keep theirs
    more.push_back(model);
    watched_ = std::make_shared<const std::vector<std::string>>(std::move(more));
    known = watched_->end() - 1;
  }
  const int mark = static_cast<int>(known - watched_->begin()) + 1;
  gpu().mark_not_finite(outputs, mark, mark_.data(), stream_.handle());
}

FiniteCheck Lane::fetch_finite() {
  if (mark_.size() == 0) {
    return {};
  }
  FiniteCheck check(site_.fetch(std::span<const int>(mark_.data(), 1)), watched_);
  forget_noted();
  return check;
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
