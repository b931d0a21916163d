#include "e2e/program.hpp"

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace facegraph::test {
namespace {

constexpr int kNobody = 65534;
constexpr int kNotStarted = 127;
constexpr const char* kClosedAddress = "http://127.0.0.1:1";

void redirect(const std::filesystem::path& file, int descriptor) {
  const int opened = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (opened < 0 || dup2(opened, descriptor) < 0) {
    _exit(kNotStarted);
  }
}

// In the child: never returns.
[[noreturn]] void become(const Launch& launch) {
  for (const char* variable : {"FACEGRAPH_GITHUB_URLS", "FACEGRAPH_HUGGINGFACE_URLS"}) {
    setenv(variable, kClosedAddress, 1);  // no test asks the network
  }
  for (const auto& [name, value] : launch.environment) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  if (launch.largest_file) {
    const rlimit limit{*launch.largest_file, *launch.largest_file};
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);  // the write fails instead of the process
  }
  if (launch.as_nobody && (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0)) {
    _exit(kNotStarted);
  }
  if (!launch.folder.empty() && chdir(launch.folder.c_str()) != 0) {
    _exit(kNotStarted);
  }
  std::vector<char*> arguments;
  for (const std::string& argument : launch.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(kNotStarted);
}

}  // namespace

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::filesystem::file_size(path), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

Program::Program(const Launch& launch)
    : out_file_(launch.log_folder / "stdout.txt"), err_file_(launch.log_folder / "stderr.txt") {
  pid_ = fork();
  if (pid_ < 0) {
    throw std::runtime_error("fork failed");
  }
  if (pid_ == 0) {
    redirect(out_file_, STDOUT_FILENO);
    redirect(err_file_, STDERR_FILENO);
    become(launch);
  }
}

Program::~Program() {
  if (running()) {
    send(SIGKILL);
    reap(0);
  }
}

bool Program::running() {
  return !reap(WNOHANG);
}

void Program::send(int signal) {
  kill(pid_, signal);
}

bool Program::catches(int signal) const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  const std::string label = "SigCgt:";
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(label)) {
      return (std::stoull(line.substr(label.size()), nullptr, 16) >> (signal - 1) & 1) != 0;
    }
  }
  return false;
}

Outcome Program::wait(double limit_seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(limit_seconds);
  while (running()) {
    if (std::chrono::steady_clock::now() > end) {
      send(SIGKILL);
      reap(0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  Outcome outcome{.out = read_text(out_file_), .err = read_text(err_file_), .peak_bytes = peak_bytes_};
  if (WIFEXITED(*status_)) {
    outcome.code = WEXITSTATUS(*status_);
  } else {
    outcome.signal = WTERMSIG(*status_);
  }
  return outcome;
}

bool Program::reap(int flags) {
  int status = 0;
  rusage usage = {};
  if (!status_ && wait4(pid_, &status, flags, &usage) == pid_) {
    status_ = status;
    peak_bytes_ = 1024LL * usage.ru_maxrss;
  }
  return status_.has_value();
}

Outcome run_program(const Launch& launch) {
  return Program(launch).wait();
}

}  // namespace facegraph::test
