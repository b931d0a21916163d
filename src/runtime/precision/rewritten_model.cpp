#include "runtime/precision/rewritten_model.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <system_error>

#include <fmt/core.h>
#include <unistd.h>

#include "core/base/log.hpp"
#include "runtime/precision/half_precision.hpp"
#include "runtime/records/content_key.hpp"

namespace facegraph::runtime {

namespace {

namespace fs = std::filesystem;

// What half_precision.cpp writes changes with it.
constexpr int kRewriterVersion = 1;

fs::path cached_path(const ModelSource& model) {
  return fs::path(".caches") / "fp16" /
         fmt::format("{}-{}-v{}.onnx", model.name, content_key(model.path), kRewriterVersion);
}

// Written beside and renamed: who looks for the file finds a whole one or none.
void write_cached(const ModelSource& model, const fs::path& cached) {
  fs::create_directories(cached.parent_path());
  const fs::path part = fmt::format("{}.{}.part", cached.string(), getpid());
  const auto start = std::chrono::steady_clock::now();
  try {
    write_half_precision(model.path, part);
    fs::rename(part, cached);
  } catch (...) {
    std::error_code ignored;
    fs::remove(part, ignored);
    throw;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  core::log_debug("runtime", "{} rewritten to half precision in {:.2f} seconds", model.name, elapsed.count());
}

fs::path find_or_write(const ModelSource& model, const fs::path& cached) {
  try {
    if (!fs::exists(cached)) {
      write_cached(model, cached);
    }
    return cached;
  } catch (const core::Error& error) {
    core::log_warn("runtime", "{} runs in full precision: {}", model.name, error.what());
  } catch (const fs::filesystem_error& error) {
    core::log_warn("runtime", "{} runs in full precision, there is no place for its half one: {}", model.name,
                   error.what());
  }
  return model.path;
}

std::mutex mutex;                    // guards `known`; held while a file is written, so that it is written once
std::map<fs::path, fs::path> known;  // what stands for a cached file: itself, or the model that could not be rewritten

}  // namespace

ModelSource rewritten_model(const ModelSource& model, Precision precision) {
  std::error_code ignored;
  if (precision != Precision::kFp16 || !fs::exists(model.path, ignored)) {
    return model;
  }
  const fs::path cached = cached_path(model);
  const std::lock_guard lock(mutex);
  const auto [entry, is_new] = known.try_emplace(cached);
  if (is_new) {
    entry->second = find_or_write(model, cached);
  }
  return {model.name, entry->second, content_key(model.path)};
}

void forget_rewritten(const ModelSource& rewritten) {
  const std::lock_guard lock(mutex);
  known.erase(rewritten.path);
  std::error_code ignored;
  fs::remove(rewritten.path, ignored);
}

}  // namespace facegraph::runtime
