// Loads models once and opens sessions on them. spec: analysis.md 16, application.md 7.3.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

struct ExecutionOptions {
  std::vector<std::string> providers = {"cpu"};  // the reference's names, wanted order
  std::vector<int> device_ids = {0};
  int threads_per_session = 1;  // threads of one run on the CPU; 1: the calling thread only
};

// Providers of the loaded ONNX Runtime by the reference's names, in the reference's order.
std::vector<std::string> available_providers();
std::string runtime_version();

struct ModelSource {
  std::string name;
  std::filesystem::path path;
};

// What a model cost so far; for reports and benches.
struct ModelUse {
  std::string name;
  std::int64_t runs = 0;
  double cpu_seconds = 0;  // of the calling threads, inside ONNX Runtime
  double load_seconds = 0;
};

class InferencePool {
 public:
  // Throws Error(kUsage) for a provider that the loaded ONNX Runtime lacks.
  explicit InferencePool(ExecutionOptions options);
  ~InferencePool();
  InferencePool(const InferencePool&) = delete;
  InferencePool& operator=(const InferencePool&) = delete;

  // A session of the model for one lane. The model is loaded at its first use under the key module + name + device +
  // providers and shared by later sessions; thread safe. Throws Error(kFailed) when the file is no model, or names,
  // types or shapes differ from `inputs`.
  Session open(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
               int device_id = 0);

  // Forgets a module's models; sessions still open keep theirs alive. Memory strategies are made of this.
  void release(const std::string& module);

  std::vector<ModelUse> use() const;

  struct Model;  // a loaded model: weights and their ONNX Runtime session

 private:
  std::shared_ptr<Model> model_for(const std::string& module, const ModelSource& source, int device_id);

  ExecutionOptions options_;
  mutable std::mutex mutex_;  // guards models_ and the slots' model pointers
  struct Slot {
    std::string module;
    std::mutex loading;  // held by the thread that loads; taken before mutex_
    std::shared_ptr<Model> model;
  };
  std::map<std::string, std::shared_ptr<Slot>> models_;
};

}  // namespace facegraph::runtime
