// The one exception type of facegraph. A library function that cannot do its work throws Error; expected absences (no
// face, end of stream) are return values. Exit codes are made from error codes in app/cli only.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/core.h>

namespace facegraph::core {

enum class ErrorCode {
  kUsage,        // arguments or configuration: exit 2
  kFailed,       // the operation failed: exit 1
  kRefused,      // a processor's conditions are not met, or the content gate rejected the target: exit 1
  kOutOfMemory,  // host or device memory: a smaller batch may be tried; exit 1
  kDeviceLost,   // a GPU that answers no more; only a new process can use it again: exit 1
  kStopped,      // stopped by a signal: exit 4
};

// what() is one line for the user: what, expected, found, what to do.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace facegraph::core
