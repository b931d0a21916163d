// A folder of its own for a test, the message of an error, and option values: shared by the rooms' unit tests.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/error.hpp"
#include "core/options/option.hpp"

namespace facegraph::test {

// Removed with everything in it at the end of its life.
class Scratch {
 public:
  Scratch() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = "facegraph-" + std::to_string(::getpid()) + "-" + info->test_suite_name() + "-" + info->name();
    std::replace(name.begin(), name.end(), '/', '-');  // of suites with parameters
    folder_ = std::filesystem::temp_directory_path() / name;
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Scratch() { std::filesystem::remove_all(folder_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  std::filesystem::path write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

 private:
  std::filesystem::path folder_;
};

// An environment variable for the scope's life; no value: unset.
class ScopedVariable {
 public:
  ScopedVariable(std::string name, const std::optional<std::string>& value) : name_(std::move(name)) {
    if (const char* found = std::getenv(name_.c_str())) {
      before_ = found;
    }
    set(value);
  }
  ~ScopedVariable() { set(before_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  void set(const std::optional<std::string>& value) {
    if (value) {
      setenv(name_.c_str(), value->c_str(), 1);
    } else {
      unsetenv(name_.c_str());
    }
  }

  std::string name_;
  std::optional<std::string> before_;
};

// The message of the core::Error that the call throws, which must have that code and be one line.
template <typename Call>
std::string message_of(core::ErrorCode code, const Call& call) {
  try {
    call();
  } catch (const core::Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error was thrown";
  return "";
}

inline void expect_names(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' is not in: " << message;
  }
}

// The values of a table's options: those given, parsed, and defaults.
inline core::OptionValues values_of(const std::vector<std::vector<core::Option>>& tables,
                                    const std::map<std::string, std::vector<std::string>>& given = {}) {
  core::OptionValues values;
  for (const std::vector<core::Option>& table : tables) {
    for (const core::Option& option : table) {
      const auto found = given.find(option.name);
      values.set(option.name, found == given.end() ? core::default_of(option, values)
                                                   : core::parse_option(option, found->second, values));
    }
  }
  return values;
}

}  // namespace facegraph::test
