#include "pipeline/flow/thread_name.hpp"

#include <pthread.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace facegraph::pipeline {

namespace fs = std::filesystem;

void name_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

double cpu_seconds_of_threads(std::string_view name) {
  long ticks = 0;
  std::error_code gone;  // threads may end while the folder is read
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc/self/task", gone)) {
    std::ifstream stream(entry.path() / "stat");
    std::string line;
    std::getline(stream, line);
    const std::size_t open = line.find('(');
    const std::size_t close = line.rfind(')');
    if (close == std::string::npos || std::string_view(line).substr(open + 1, close - open - 1) != name) {
      continue;
    }
    // After the name: state and ten more fields, then user and system time (proc(5)).
    std::istringstream fields(line.substr(close + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) {
      fields >> skipped;
    }
    long user = 0;
    long system = 0;
    fields >> user >> system;
    ticks += user + system;
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace facegraph::pipeline
