// A jobs folder of its own for every test, and the program that works on it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "e2e/sandbox.hpp"

namespace facegraph::test {

class JobsSandbox : public Sandbox {
 protected:
  using Words = std::vector<std::string>;
  using Json = nlohmann::ordered_json;

  // The command and its arguments; the jobs folder and the stand-in models are added.
  Launch command(const Words& words) const;
  Outcome run(const Words& words) const { return run_program(command(words)); }
  int code(const Words& words) const { return run(words).code; }

  std::filesystem::path jobs() const { return root_ / "jobs"; }
  std::filesystem::path file(const std::string& status, const std::string& id) const {
    return jobs() / status / (id + ".json");
  }
  Json job(const std::string& status, const std::string& id) const;
  // Of the job with this id, wherever it is; -1: there is none.
  int step_count(const std::string& id) const;
  std::vector<std::string> step_statuses(const std::string& status, const std::string& id) const;

  // job-add-step's arguments for a fast step.
  Words step(const std::string& target, const std::string& output) const;
  void add_step(const std::string& id, const Words& more) const;
  std::vector<std::string> names_in(const std::filesystem::path& folder) const;
};

}  // namespace facegraph::test
