#include "models/download/reachability.hpp"

#include <chrono>
#include <vector>

#include "core/base/log.hpp"
#include "models/download/curl_handle.hpp"

namespace facegraph::models {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMilliseconds = 50;

// Asks addresses side by side: the next one is asked when those before it have failed or are late.
class Probe {
 public:
  explicit Probe(const TransferLimits& limits) : limits_(limits), multi_(curl_multi_init()) {}
  ~Probe() {
    for (const CurlHandle& handle : handles_) {
      curl_multi_remove_handle(multi_, handle.get());
    }
    curl_multi_cleanup(multi_);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  // One answer per address, up to the first that is true; those behind it have none.
  std::vector<std::optional<bool>> ask(const std::vector<std::string>& bases, const core::StopToken& stop) {
    std::vector<std::optional<bool>> answers(bases.size());
    const Clock::time_point start = Clock::now();
    while (!decided(answers)) {
      stop.check();
      const auto elapsed = Clock::now() - start;
      if (elapsed >= limits_.probe) {
        break;
      }
      if (handles_.size() < bases.size() &&
          (failed_ == handles_.size() || elapsed >= limits_.headway * static_cast<int>(handles_.size()))) {
        add(bases[handles_.size()]);
      }
      collect(answers);
    }
    return answers;
  }

 private:
  static bool decided(const std::vector<std::optional<bool>>& answers) {
    for (const std::optional<bool>& answer : answers) {
      if (!answer || *answer) {
        return answer.has_value();
      }
    }
    return true;
  }

  void add(const std::string& base) {
    handles_.push_back(make_handle(base));
    CURL* handle = handles_.back().get();
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.probe.count()));
    curl_multi_add_handle(multi_, handle);
  }

  void collect(std::vector<std::optional<bool>>& answers) {
    int running = 0;
    curl_multi_perform(multi_, &running);
    int queued = 0;
    bool news = false;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
      for (std::size_t i = 0; i < handles_.size(); ++i) {
        if (handles_[i].get() == message->easy_handle) {
          answers[i] = message->data.result == CURLE_OK;
          failed_ += *answers[i] ? 0 : 1;
          news = true;
        }
      }
    }
    if (!news) {
      curl_multi_poll(multi_, nullptr, 0, kPollMilliseconds, nullptr);
    }
  }

  TransferLimits limits_;
  CURLM* multi_;
  std::vector<CurlHandle> handles_;
  std::size_t failed_ = 0;
};

}  // namespace

std::optional<std::size_t> Reachability::first(std::span<const Source> sources, const TransferLimits& limits,
                                               const core::StopToken& stop) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> unknown;
  for (const Source& source : sources) {
    const auto known = answers_.find(source.base);
    if (known == answers_.end()) {
      unknown.push_back(source.base);
    } else if (known->second) {
      break;
    }
  }
  const std::vector<std::optional<bool>> answers = Probe(limits).ask(unknown, stop);
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    answers_[unknown[i]] = answers[i].value_or(false);  // who is late counts as gone
    core::log_debug("download", "{} {}", unknown[i], answers_[unknown[i]] ? "answers" : "does not answer");
    if (answers_[unknown[i]]) {
      break;  // those behind it may not have been asked
    }
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto known = answers_.find(sources[i].base);
    if (known != answers_.end() && known->second) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace facegraph::models
