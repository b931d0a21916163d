#include "runtime/graph/session_cache.hpp"

#include <algorithm>
#include <numeric>

namespace facegraph::runtime {

namespace {

std::size_t bytes_of(const GraphReport& report) {
  return static_cast<std::size_t>(report.device_bytes + report.graph_bytes);
}

}  // namespace

std::unique_ptr<GraphSession> SessionCache::take(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.key == key; });
  if (found == entries_.end()) {
    return nullptr;
  }
  std::unique_ptr<GraphSession> session = std::move(found->session);
  entries_.erase(found);
  return session;
}

void SessionCache::keep(const std::string& module, const std::string& key, std::unique_ptr<GraphSession> session) {
  const std::size_t bytes = bytes_of(session->report());
  Entries leaving;  // destroyed without the lock: that takes the capture gate
  const std::lock_guard lock(mutex_);
  entries_.push_front({module, key, std::move(session), bytes});
  std::size_t held = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    held += entry->bytes;
    const auto next = std::next(entry);
    if (held > budget_) {
      held -= entry->bytes;
      leaving.splice(leaving.end(), entries_, entry);
    }
    entry = next;
  }
}

template <typename Condition>
void SessionCache::release_if(const Condition& condition) {
  Entries leaving;
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (condition(*entry)) {
      leaving.splice(leaving.end(), entries_, entry);
    }
    entry = next;
  }
}

void SessionCache::release(const std::string& module) {
  release_if([&](const Entry& entry) { return entry.module == module; });
}

void SessionCache::release_thread(std::uint64_t thread) {
  release_if([&](const Entry& entry) { return entry.session->lane().owner() == thread; });
}

void SessionCache::release_all() {
  release_if([](const Entry&) { return true; });
}

std::size_t SessionCache::held_bytes() const {
  const std::lock_guard lock(mutex_);
  return std::accumulate(entries_.begin(), entries_.end(), std::size_t{0},
                         [](std::size_t sum, const Entry& entry) { return sum + entry.bytes; });
}

}  // namespace facegraph::runtime
