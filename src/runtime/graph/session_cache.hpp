// Captured sessions that nobody uses at the moment, kept for the next who wants the same model in the same shape on the
// same lane: switching between shapes then costs no capture. The longest unused leave first when they hold more device
// memory than the budget. Thread safe; sessions come back to the lane that opened them only.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/graph/graph_session.hpp"

namespace facegraph::runtime {

class SessionCache {
 public:
  explicit SessionCache(std::size_t budget_bytes) : budget_(budget_bytes) {}

  // The session of this key, or null. The key holds the lane's thread, so that nobody gets another lane's.
  std::unique_ptr<GraphSession> take(const std::string& key);
  void keep(const std::string& module, const std::string& key, std::unique_ptr<GraphSession> session);

  void release(const std::string& module);
  void release_thread(std::uint64_t thread);
  void release_all();

  std::size_t held_bytes() const;

 private:
  struct Entry {
    std::string module;
    std::string key;
    std::unique_ptr<GraphSession> session;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  template <typename Condition>
  void release_if(const Condition& condition);

  const std::size_t budget_;
  mutable std::mutex mutex_;
  Entries entries_;  // the last used at the front
};

}  // namespace facegraph::runtime
