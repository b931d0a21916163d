// Models as ONNX Runtime optimises them, kept on the disk for the starts to come: weights lie in a file of their own,
// which is mapped into memory instead of being parsed, folded and copied. They give the same bits as the models that
// they were made of (docs/decisions/0011-optimised-models.md).
//
// Each lies in a folder that is named after the model's contents, ONNX Runtime, and what it runs on. It is written
// beside and renamed, so that whoever finds the folder finds a whole one; a stamp tells if its files were changed
// since. Nothing that is wrong with them is an error: the model itself is run, and where that is possible the folder
// is written anew. Several processes may use it at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.hpp"
#include "runtime/graph/unit.hpp"

namespace facegraph::runtime {

class OptimisedModels {
 public:
  static constexpr const char* kStandardFolder = ".caches/optimised";  // in the working folder

  // Makes the session that optimises `model` and lets ONNX Runtime write it to `onnx`, its weights beside it. Throws
  // core::Error. Called by several threads at once.
  using Write = std::function<void(const ModelSource& model, const std::filesystem::path& onnx)>;

  // most_bytes: of all that is kept; what was not used for the longest time leaves first. machine: what the optimised
  // models depend on beside their contents.
  OptimisedModels(std::filesystem::path folder, std::uintmax_t most_bytes, std::string machine, Write write);
  // Waits for what prepare() has begun.
  ~OptimisedModels();
  OptimisedModels(const OptimisedModels&) = delete;
  OptimisedModels& operator=(const OptimisedModels&) = delete;

  // Looks for these models, and optimises those that are not kept yet, on threads of its own; returns at once.
  void prepare(std::vector<ModelSource> models);
  // What to open for a model: the optimised one, waited for or made now; or the model itself where it cannot be kept.
  ModelSource find(const ModelSource& model);
  // Of a model that find() gave and that cannot be opened: from now on find() gives the model itself.
  void forget(const ModelSource& model);
  // Says, once, why this model is not kept; to be called when it could be opened as it is.
  void tell(const ModelSource& model);
  // Of those asked for, how many were not found whole.
  int missing() const { return missing_; }

 private:
  struct Entry {
    std::mutex working;  // held by the thread that looks for or writes it
    bool known = false;
    ModelSource source;
    std::string problem;  // why source is the model itself
  };
  std::shared_ptr<Entry> entry_of(const std::filesystem::path& kept);
  std::filesystem::path kept_path(const ModelSource& model) const;
  ModelSource find_or_write(const ModelSource& model, const std::filesystem::path& kept, std::string& problem);
  void write(const ModelSource& model, const std::filesystem::path& kept);
  void make_room(const std::filesystem::path& newest) const;

  const std::filesystem::path folder_;
  const std::uintmax_t most_bytes_;
  const std::string machine_;
  const Write write_;
  std::mutex mutex_;  // guards entries_
  std::map<std::filesystem::path, std::shared_ptr<Entry>> entries_;
  std::atomic<int> missing_{0};
  std::atomic<bool> full_{false};  // nothing more can be written
  std::atomic<bool> told_{false};
  std::atomic<bool> ending_{false};
  std::vector<std::thread> threads_;
};

// open(source) on what is kept for the model, or on the model itself. models: null where none are kept.
template <typename Open>
auto with_optimised(OptimisedModels* models, const ModelSource& model, const Open& open) {
  if (models == nullptr) {
    return open(model);
  }
  const ModelSource source = models->find(model);
  if (source.optimised) {
    try {
      return open(source);
    } catch (const core::Error& error) {
      if (error.code() != core::ErrorCode::kFailed) {
        throw;
      }
      models->forget(model);
    }
  }
  auto opened = open(model);
  models->tell(model);
  return opened;
}

}  // namespace facegraph::runtime
