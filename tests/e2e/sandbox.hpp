// A folder of its own for every test: inputs, outputs, the system's temporary folder, and what the program said.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "e2e/program.hpp"

namespace facegraph::test {

// "headless-run" of the built program with stand-in models and one processor; what a test sets is changed from that.
struct Job {
  bool embedded = false;              // with the models that come with facegraph; no others are there
  std::filesystem::path source = {};  // empty: not given
  std::filesystem::path target;
  std::filesystem::path output;
  std::vector<std::string> options = {};  // further ones
  std::string log_level = "error";
  std::filesystem::path models = {};   // empty: the stand-in models
  std::filesystem::path program = {};  // empty: the built one
  std::optional<std::uint64_t> largest_file = {};
  bool as_nobody = false;
};

class Sandbox : public testing::Test {
 protected:
  void SetUp() override;  // skips when the reference data is absent
  void TearDown() override;
  void make_folders();  // all that a test without reference data needs

  std::filesystem::path in(const std::string& name) const { return root_ / "in" / name; }
  std::filesystem::path out(const std::string& name) const { return root_ / "out" / name; }
  std::filesystem::path photo(const std::string& name) const;    // of the reference data
  static std::filesystem::path sample(const std::string& name);  // of the repository
  std::filesystem::path stand_in_models() const;

  // The usual run with these files; the output is called like the target.
  Job swap(const std::filesystem::path& target) const;

  Launch launch_of(const Job& job) const;
  Outcome start(const Job& job) const { return run_program(launch_of(job)); }

  // Ends with the code and one error line that holds every one of `parts`, and nothing else on stderr; leaves nothing
  // behind.
  void expect_failure(const Job& job, int code, const std::vector<std::string>& parts) const;
  // Ends well, says nothing at this log level, leaves the output and nothing else.
  void expect_success(const Job& job) const;
  // No file in the output folder but these, none in the system's temporary folder.
  void expect_left(const std::vector<std::string>& names) const;

  // Writes in(name) with the ffmpeg executable; false when there is none.
  bool make_with_ffmpeg(const std::string& name, const std::vector<std::string>& arguments) const;
  // in(name) := the first `share` of a file.
  std::filesystem::path truncated(const std::filesystem::path& whole, const std::string& name,
                                  double share = 0.5) const;
  std::filesystem::path written(const std::string& name, const std::string& bytes) const;

  std::filesystem::path root_;

 private:
  std::filesystem::path shared_;
};

}  // namespace facegraph::test
