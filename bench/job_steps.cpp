// What a batch costs apart from its frames: a job of N steps that do nothing is made, submitted and run, and its files
// are taken away again. Peak memory, bytes written, and time, a process for each N.
//
//   job_steps FOLDER N...
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/cli/command.hpp"
#include "app/config/option_tables.hpp"
#include "app/config/option_values.hpp"
#include "app/config/step_args.hpp"
#include "core/base/log.hpp"
#include "jobs/runner/job_runner.hpp"

namespace {

namespace fs = std::filesystem;
using namespace facegraph;
using Json = nlohmann::ordered_json;

// The arguments that batch-run gives a step without further options.
jobs::StepArgs default_args() {
  for (const app::Command& command : app::commands()) {
    if (command.name == "batch-run") {
      const app::OptionTables tables = command.tables();
      core::OptionValues values;
      for (const std::vector<core::Option>* table : tables) {
        for (const core::Option& option : *table) {
          values.set(option.name, core::default_of(option, values));
        }
      }
      return app::step_args(tables, values);
    }
  }
  std::abort();
}

std::uint64_t bytes_written() {
  std::ifstream io("/proc/self/io");
  std::string label;
  std::uint64_t value = 0;
  while (io >> label >> value && label != "wchar:") {
  }
  return value;
}

// Prints its figures as a line of JSON.
void run_steps(const fs::path& folder, std::size_t count) {
  fs::create_directories(folder / "out");
  std::ofstream(folder / "target.png") << "target";
  const jobs::StepArgs shared = default_args();
  jobs::JobStore store(folder / "jobs");
  const auto start = std::chrono::steady_clock::now();
  store.create("batch");
  store.edit("batch", [&](jobs::Job& job) {
    for (std::size_t i = 0; i < count; ++i) {
      jobs::StepArgs args = shared;
      jobs::set_arg(args, "source_paths", std::vector<std::string>{(folder / "source.jpg").string()});
      jobs::set_arg(args, "target_path", (folder / "target.png").string());
      jobs::set_arg(args, "output_path", (folder / "out" / fmt::format("{:06}.png", i)).string());
      jobs::append_step(job, std::move(args));
    }
  });
  store.submit("batch");
  const std::uintmax_t file_size = fs::file_size(folder / "jobs/queued/batch.json");
  const auto before_run = std::chrono::steady_clock::now();
  jobs::JobRunner runner(store, {.process = [](const jobs::StepTask& task) { std::ofstream(task.result) << "x"; },
                                 .join = [](const auto&, const auto&) {}});
  runner.run("batch");
  const auto end = std::chrono::steady_clock::now();
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const Json record{{"steps", count},
                    {"job_file_mb", static_cast<double>(file_size) / 1e6},
                    {"peak_mb", static_cast<double>(usage.ru_maxrss) / 1000},
                    {"written_mb", static_cast<double>(bytes_written()) / 1e6},
                    {"making_seconds", std::chrono::duration<double>(before_run - start).count()},
                    {"running_seconds", std::chrono::duration<double>(end - before_run).count()}};
  std::cout << record.dump() << '\n' << std::flush;
  fs::remove_all(folder);
}

}  // namespace

int main(int count, char** words) {
  core::set_log_level(core::LogLevel::kError);
  std::vector<std::string> arguments(words + 1, words + count);
  if (arguments.size() < 2) {
    std::cerr << "usage: job_steps FOLDER N...\n";
    return 2;
  }
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const pid_t child = fork();
    if (child == 0) {
      run_steps(fs::path(arguments[0]) / "job_steps", std::stoul(arguments[i]));
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) {
      return 1;
    }
  }
  return 0;
}
