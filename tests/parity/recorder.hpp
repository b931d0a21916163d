// Keeps what a run reports to its probe, by name and in order.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/probe.hpp"

namespace facegraph::test {

class Recorder final : public core::Probe {
 public:
  void numbers(std::string_view name, std::span<const double> values) override {
    const std::lock_guard lock(mutex_);
    numbers_[std::string(name)].emplace_back(values.begin(), values.end());
  }
  void image(std::string_view name, core::ConstImageView view) override {
    const std::lock_guard lock(mutex_);
    images_[std::string(name)].push_back(core::Image::copy_of(view));
  }
  void text(std::string_view name, std::string_view value) override {
    const std::lock_guard lock(mutex_);
    texts_[std::string(name)].emplace_back(value);
  }

  const std::vector<std::vector<double>>& numbers_of(const std::string& name) const { return at(numbers_, name); }
  const std::vector<core::Image>& images_of(const std::string& name) const { return at(images_, name); }
  const std::vector<std::string>& texts_of(const std::string& name) const { return at(texts_, name); }

 private:
  template <typename T>
  static const std::vector<T>& at(const std::map<std::string, std::vector<T>>& entries, const std::string& name) {
    static const std::vector<T> none;
    const auto found = entries.find(name);
    return found == entries.end() ? none : found->second;
  }

  std::mutex mutex_;
  std::map<std::string, std::vector<std::vector<double>>> numbers_;
  std::map<std::string, std::vector<core::Image>> images_;
  std::map<std::string, std::vector<std::string>> texts_;
};

}  // namespace facegraph::test
