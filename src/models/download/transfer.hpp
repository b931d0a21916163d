// One HTTP transfer.
#pragma once

#include <string>
#include <string_view>

#include "core/base/stop.hpp"
#include "models/download/download_options.hpp"

namespace facegraph::models {

// Takes what comes.
class Receiver {
 public:
  virtual ~Receiver() = default;
  // Bytes that are still to come, when the server says so; before the first of them.
  virtual void expect(long long bytes) = 0;
  // False ends the transfer.
  virtual bool take(std::string_view bytes) = 0;
};

enum class TransferState {
  kDone,
  kRefused,       // the server has no such file, or not for us
  kBroken,        // it may go well the next time
  kNotResumable,  // only from the beginning, or there is nothing behind the offset
  kNotTaken,      // the receiver ended it
};

struct Transfer {
  TransferState state = TransferState::kDone;
  std::string reason = {};  // unless done: "HTTP 404"
};

// Fetches what lies behind `offset`. Proxies as libcurl's environment variables say. Throws Error(kStopped).
Transfer transfer(const std::string& url, long long offset, Receiver& receiver, const TransferLimits& limits,
                  const core::StopToken& stop);

}  // namespace facegraph::models
