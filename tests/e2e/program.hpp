// Starts programs as a user's shell would and collects what they say.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace facegraph::test {

struct Launch {
  std::vector<std::string> arguments;                   // the program first
  std::map<std::string, std::string> environment = {};  // added to this process's own
  std::filesystem::path folder = {};                    // the working folder, where caches lie; empty: this process's
  std::filesystem::path log_folder = {};                // where stdout and stderr are kept
  std::optional<std::uint64_t> largest_file = {};       // bytes that may be written to one file
  bool as_nobody = false;                               // gives up root's rights
};

struct Outcome {
  int code = -1;   // exit code; -1 when a signal ended the program
  int signal = 0;  // that signal
  std::string out;
  std::string err;
  long long peak_bytes = 0;  // of memory at once
};

// A running program. Ends it by force when it is still running at destruction or after the time limit.
class Program {
 public:
  explicit Program(const Launch& launch);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  bool running();
  void send(int signal);
  // It has begun to handle the signal itself.
  bool catches(int signal) const;
  Outcome wait(double limit_seconds = 300);

 private:
  bool reap(int flags);

  std::filesystem::path out_file_;
  std::filesystem::path err_file_;
  pid_t pid_ = -1;
  std::optional<int> status_;
  long long peak_bytes_ = 0;
};

Outcome run_program(const Launch& launch);

std::string read_text(const std::filesystem::path& path);

}  // namespace facegraph::test
