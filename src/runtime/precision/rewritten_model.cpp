#include "runtime/precision/rewritten_model.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>

#include <fmt/core.h>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "core/base/log.hpp"
#include "runtime/batch/open_batch.hpp"
#include "runtime/graph/graph_report.hpp"
#include "runtime/precision/fixed_inputs.hpp"
#include "runtime/precision/forward_convolutions.hpp"
#include "runtime/precision/half_precision.hpp"
#include "runtime/precision/model_file.hpp"
#include "runtime/records/content_key.hpp"

namespace facegraph::runtime {

namespace {

namespace fs = std::filesystem;

// One way of rewriting; a number of what its code writes, which changes with it.
struct Rewriting {
  const char* folder;
  int version;
  const char* done;
  const char* not_done;
  std::function<bool(const fs::path& model)> concerns;                  // looks through the file
  std::function<bool(const fs::path& from, const fs::path& to)> write;  // false: there is nothing to rewrite
};

const Rewriting kHalf{"fp16",
                      1,
                      "rewritten to half precision",
                      "runs in full precision",
                      [](const fs::path&) { return true; },
                      [](const fs::path& from, const fs::path& to) {
                        write_half_precision(from, to);
                        return true;
                      }};
constexpr const char* kForwardFolder = "forward";
constexpr int kForwardVersion = 1;
constexpr const char* kFixedFolder = "fixed";
constexpr int kFixedVersion = 1;
constexpr const char* kBatchFolder = "batch";
constexpr int kBatchVersion = 1;

Rewriting forward_rewriting(Weights weights) {
  return {
      weights == Weights::kAll ? "forward_all" : kForwardFolder,
      kForwardVersion,
      "rewritten with forward convolutions",
      "keeps its transposed convolutions",
      [](const fs::path& model) { return holds_operator(model, "ConvTranspose"); },
      [weights](const fs::path& from, const fs::path& to) { return write_forward_convolutions(from, to, weights); }};
}

Rewriting fixed_rewriting(std::span<const InputSpec> inputs = {}) {
  return {kFixedFolder,
          kFixedVersion,
          "rewritten with fixed dimensions",
          "keeps its open dimensions",
          [](const fs::path& model) { return holds_operator(model, "Shape"); },
          [inputs](const fs::path& from, const fs::path& to) { return write_fixed_inputs(from, to, inputs); }};
}

// For the shapes of one item: its file is the same for any number.
Rewriting batch_rewriting(std::span<const InputSpec> inputs) {
  return {kBatchFolder,
          kBatchVersion,
          "rewritten for several items a run",
          "takes one item a run",
          [](const fs::path&) { return true; },
          [inputs](const fs::path& from, const fs::path& to) { return write_open_batch(from, to, inputs); }};
}

std::string contents_of(const ModelSource& model) {
  return model.contents.empty() ? content_key(model.path) : model.contents;
}

fs::path cached_path(const ModelSource& model, const Rewriting& way) {
  // The file's own name too: a model that was rewritten before has the contents of its origin.
  return fs::path(".caches") / way.folder /
         fmt::format("{}-{}-v{}.onnx", model.path.stem().string(), contents_of(model), way.version);
}

// Written beside and renamed: who looks for the file finds a whole one or none. The model's own where nothing is to do.
fs::path write_cached(const ModelSource& model, const fs::path& cached, const Rewriting& way) {
  fs::create_directories(cached.parent_path());
  const fs::path part = fmt::format("{}.{}.part", cached.string(), getpid());
  const auto start = std::chrono::steady_clock::now();
  try {
    if (!way.write(model.path, part)) {
      return model.path;
    }
    fs::rename(part, cached);
  } catch (...) {
    std::error_code ignored;
    fs::remove(part, ignored);
    throw;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  core::log_debug("runtime", "{} {} in {:.2f} seconds", model.name, way.done, elapsed.count());
  return cached;
}

fs::path find_or_write(const ModelSource& model, const fs::path& cached, const Rewriting& way) {
  try {
    if (fs::exists(cached)) {
      return cached;
    }
    return way.concerns(model.path) ? write_cached(model, cached, way) : model.path;
  } catch (const core::Error& error) {
    core::log_warn("runtime", "{} {}: {}", model.name, way.not_done, error.what());
  } catch (const fs::filesystem_error& error) {
    core::log_warn("runtime", "{} {}, there is no place for the rewritten one: {}", model.name, way.not_done,
                   error.what());
  }
  return model.path;
}

// What stands for a cached file.
struct Cached {
  std::mutex writing;   // held while the file is written, so that it is written once; guards what follows
  fs::path path;        // itself, or the model that was not rewritten; empty: nobody looked
  std::string refused;  // why it cannot be written
};

// A file for each shape of each model.
fs::path fixed_path(const ModelSource& model, const std::string& shapes) {
  ModelSource source = model;
  source.contents = fmt::format("{}-{}", contents_of(model), core::sha1_of(shapes).substr(0, 8));
  return cached_path(source, fixed_rewriting());
}

std::shared_ptr<Cached> entry_of(const fs::path& cached, bool forget = false) {
  static std::mutex mutex;
  static std::map<fs::path, std::shared_ptr<Cached>> all;
  const std::lock_guard lock(mutex);
  std::shared_ptr<Cached>& entry = all[cached];
  if (entry == nullptr || forget) {
    entry = std::make_shared<Cached>();
  }
  return entry;
}

// Its own, apart from those of one item in all that is kept about models. Who opens the model and who loads it ahead
// may name the inputs in another order.
std::string batch_contents(const ModelSource& model, std::span<const InputSpec> inputs) {
  std::vector<InputSpec> one;
  std::copy_if(inputs.begin(), inputs.end(), std::back_inserter(one),
               [](const InputSpec& input) { return input.shape.size() >= 2; });
  std::sort(one.begin(), one.end(), [](const InputSpec& a, const InputSpec& b) { return a.name < b.name; });
  for (InputSpec& input : one) {
    input.shape.front() = 1;
  }
  return fmt::format("{}-batch-{}", contents_of(model), core::sha1_of(describe_inputs(one)).substr(0, 8));
}

// cached: the file to write.
ModelSource rewritten(const ModelSource& model, const Rewriting& way, const fs::path& cached) {
  std::error_code ignored;
  const std::shared_ptr<Cached> entry = entry_of(cached);
  const std::lock_guard lock(entry->writing);
  if (!fs::exists(entry->path, ignored)) {  // or no longer: somebody may empty the folder
    entry->path = find_or_write(model, cached, way);
  }
  ModelSource source = model;
  source.path = entry->path;
  source.contents = contents_of(model);
  return source;
}

bool is_there(const ModelSource& model) {
  std::error_code ignored;
  return fs::exists(model.path, ignored);
}

ModelSource rewritten(const ModelSource& model, const Rewriting& way) {
  return is_there(model) ? rewritten(model, way, cached_path(model, way)) : model;
}

}  // namespace

ModelSource rewritten_model(const ModelSource& model, Precision precision) {
  return precision == Precision::kFp16 ? rewritten(model, kHalf) : model;
}

ModelSource with_forward_convolutions(const ModelSource& model, Weights weights) {
  return rewritten(model, forward_rewriting(weights));
}

ModelSource with_fixed_inputs(const ModelSource& model, std::span<const InputSpec> inputs) {
  return is_there(model) ? rewritten(model, fixed_rewriting(inputs), fixed_path(model, describe_inputs(inputs)))
                         : model;
}

ModelSource find_fixed_inputs(const ModelSource& model, const std::string& shapes) {
  ModelSource source = model;
  source.path = fixed_path(model, shapes);
  return is_there(source) ? source : model;
}

ModelSource in_form(const ModelSource& model, const Form& form, std::span<const InputSpec> inputs) {
  const ModelSource source = rewritten_model(model, form.precision);
  return form.nhwc ? with_fixed_inputs(source, inputs) : source;
}

ModelSource with_open_batch(const ModelSource& model, std::span<const InputSpec> inputs) {
  if (!is_there(model)) {
    return model;
  }
  std::error_code ignored;
  ModelSource source = model;
  source.contents = batch_contents(model, inputs);
  const Rewriting way = batch_rewriting(inputs);
  const fs::path cached = cached_path(source, way);
  const std::shared_ptr<Cached> entry = entry_of(cached);
  const std::lock_guard lock(entry->writing);
  if (!entry->refused.empty()) {
    core::fail(core::ErrorCode::kFailed, "{}", entry->refused);
  }
  try {
    if (!fs::exists(entry->path, ignored)) {
      entry->path = fs::exists(cached) ? cached : write_cached(source, cached, way);
    }
  } catch (const core::Error& error) {
    entry->refused = error.what();
    throw;
  } catch (const fs::filesystem_error& error) {
    core::fail(core::ErrorCode::kOutOfMemory, "there is no place for the rewritten model: {}", error.what());
  }
  source.path = entry->path;
  return source.path == model.path ? model : source;
}

std::string rewriting_versions() {
  return fmt::format("rewriting {} {} {} {} {} {} {} {}", kHalf.folder, kHalf.version, kForwardFolder, kForwardVersion,
                     kFixedFolder, kFixedVersion, kBatchFolder, kBatchVersion);
}

void forget_rewritten(const ModelSource& rewritten) {
  entry_of(rewritten.path, true);
  std::error_code ignored;
  fs::remove(rewritten.path, ignored);
}

}  // namespace facegraph::runtime
