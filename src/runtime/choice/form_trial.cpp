#include "runtime/choice/form_trial.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error.hpp"
#include "runtime/graph/cuda_unit.hpp"
#include "runtime/graph/graph_session.hpp"

namespace facegraph::runtime {

namespace {

constexpr const char* kFirstWord = "--try-form";
constexpr std::size_t kWordsBeforeInputs = 5;  // the first one, device, form, name, path
constexpr std::chrono::seconds kLimit{120};
constexpr std::chrono::milliseconds kBetweenLooks{5};

std::atomic<bool> offers_trials{false};

// "input 0 1,3,640,640": name, type, shape. Names hold no blanks.
std::string word_of(const InputSpec& input) {
  return fmt::format("{} {} {}", input.name, static_cast<int>(input.type), fmt::join(input.shape, ","));
}

InputSpec input_of(const std::string& word) {
  std::istringstream words(word);
  InputSpec input;
  int type = 0;
  std::string shape;
  words >> input.name >> type >> shape;
  input.type = static_cast<ElementType>(type);
  std::istringstream sizes(shape);
  for (std::string size; std::getline(sizes, size, ',');) {
    input.shape.push_back(std::stoll(size));
  }
  return input;
}

void try_form(const std::vector<std::string>& words) {
  const int device_id = std::stoi(words.at(1));
  const std::optional<Form> form = form_named(words.at(2));
  if (!form) {
    core::fail(core::ErrorCode::kUsage, "no form `{}`", words[2]);
  }
  const ModelSource source{words.at(3), words.at(4)};
  std::vector<InputSpec> inputs;
  std::transform(words.begin() + kWordsBeforeInputs, words.end(), std::back_inserter(inputs), input_of);
  ExecutionOptions options;
  options.providers = {"cuda"};
  options.device_ids = {device_id};
  const auto units = make_cuda_units(options);
  GraphSession session(*units, source, std::make_shared<Lane>(device::cuda_gpu(device_id)), inputs, options.graph,
                       CapturePlan{.form = *form, .trial = true});
  session.replay_noise(inputs);
}

// What a process says on its standard output goes through a pipe, the rest nowhere.
class Ear {
 public:
  Ear() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) {
      core::fail(core::ErrorCode::kFailed, "no pipe can be made: {}", std::strerror(errno));
    }
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, ends_[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  ~Ear() {
    posix_spawn_file_actions_destroy(&actions_);
    close(ends_[0]);
    close(ends_[1]);
  }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;
  const posix_spawn_file_actions_t* actions() const { return &actions_; }

  // The first line of what was said; after the process has ended.
  std::string heard() const {
    std::array<char, 1024> text{};
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    const ssize_t size = read(ends_[0], text.data(), text.size());
    std::string line;
    std::getline(std::istringstream(std::string(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)))),
                 line);
    return line;
  }

 private:
  std::array<int, 2> ends_{};  // to read, to write
  posix_spawn_file_actions_t actions_{};
};

std::string outcome_of_status(int status, const std::string& said) {
  if (WIFSIGNALED(status)) {
    return fmt::format("it ends the process with signal {}", WTERMSIG(status));
  }
  if (WEXITSTATUS(status) == 0) {
    return "";
  }
  return said.empty() ? fmt::format("its process left with code {}", WEXITSTATUS(status)) : said;
}

}  // namespace

void offer_form_trials(int count, const char* const* words) {
  if (count < 2 || std::strcmp(words[1], kFirstWord) != 0) {
    offers_trials = true;
    return;
  }
  int code = 0;
  try {
    try_form({words + 1, words + count});
  } catch (const std::exception& error) {
    fmt::print("{}\n", error.what());
    std::fflush(stdout);
    code = 1;
  }
  std::_Exit(code);  // not through what libraries do at the end
}

std::string outcome_of(const std::vector<std::string>& command, std::chrono::seconds limit) {
  std::vector<char*> words;
  for (const std::string& word : command) {
    words.push_back(const_cast<char*>(word.c_str()));  // posix_spawn leaves them as they are
  }
  words.push_back(nullptr);
  const Ear ear;
  pid_t process = 0;
  if (const int error = posix_spawn(&process, words[0], ear.actions(), nullptr, words.data(), environ); error != 0) {
    return fmt::format("no process can be started to try it: {}", std::strerror(error));
  }
  int status = 0;
  const auto end = std::chrono::steady_clock::now() + limit;
  while (waitpid(process, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) {
      kill(process, SIGKILL);
      waitpid(process, &status, 0);
      return fmt::format("its process did not come to an end within {} seconds", limit.count());
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return outcome_of_status(status, ear.heard());
}

std::string trial_of_form(const ModelSource& source, std::span<const InputSpec> inputs, int device_id,
                          const Form& form) {
  if (!offers_trials) {
    return "it may end the process, and this program offers no other one to try it";
  }
  std::vector<std::string> command{"/proc/self/exe", kFirstWord,  std::to_string(device_id),
                                   name_of(form),    source.name, source.path.string()};
  std::transform(inputs.begin(), inputs.end(), std::back_inserter(command), word_of);
  return outcome_of(command, kLimit);
}

}  // namespace facegraph::runtime
