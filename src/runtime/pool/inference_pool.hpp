// Loads models once and opens sessions on them. spec: analysis.md 16, application.md 7.3.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/graph/gpu_sessions.hpp"
#include "runtime/provider/execution_options.hpp"
#include "runtime/session/batched_session.hpp"
#include "runtime/session/not_finite.hpp"
#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// What a model cost so far; for reports and benches.
struct ModelUse {
  std::string name;
  std::int64_t runs = 0;
  double cpu_seconds = 0;  // of the calling threads, inside ONNX Runtime; on the CPU only
  double load_seconds = 0;
};

// While it lives, pools that run on cuda take these GPUs in place of CUDA's and ask for no provider: for tests of the
// GPU's path without a GPU. One at a time.
class BackendScope {
 public:
  explicit BackendScope(GpuBackend backend);
  ~BackendScope();
  BackendScope(const BackendScope&) = delete;
  BackendScope& operator=(const BackendScope&) = delete;
};

struct LoadedModel;
class OptimisedModels;

// What was loaded ahead and not opened while it lived is dropped at its end, on the same thread.
class LoadedAhead {
 public:
  explicit LoadedAhead(std::shared_ptr<GpuSessions> gpu) : gpu_(std::move(gpu)) {}
  ~LoadedAhead() {
    if (gpu_) {
      gpu_->end_ahead();
    }
  }
  LoadedAhead(const LoadedAhead&) = delete;
  LoadedAhead& operator=(const LoadedAhead&) = delete;

 private:
  std::shared_ptr<GpuSessions> gpu_;
};

class InferencePool {
 public:
  // Throws as check_providers().
  explicit InferencePool(ExecutionOptions options);
  // For tests: on GPUs of the caller's making.
  InferencePool(ExecutionOptions options, GpuBackend backend);
  ~InferencePool();
  InferencePool(const InferencePool&) = delete;
  InferencePool& operator=(const InferencePool&) = delete;

  // A session of the model for the calling thread. On the CPU the model is loaded at its first use under the key
  // module + name + file + device + providers and shared by later sessions; on a GPU every lane loads its own. Thread
  // safe. A file that takes one item is rewritten where inputs of two or more dimensions have several
  // (with_open_batch). Throws Error(kFailed) when the file is no model, or names, types or shapes differ from `inputs`.
  Session open(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
               int device_id = 0);

  // Begins to make ready what sessions of these models will be opened on; returns at once.
  void prepare(std::vector<ModelSource> models);
  // Begins to load what the calling thread's lane is about to open on a GPU, several models at a time; returns at once.
  // What is missing in the list is loaded when it is opened. Nothing on the CPU, where lanes share their models.
  LoadedAhead load_ahead(const std::vector<ModelSource>& models, int device_id, Opens opens = Opens::kSome);
  // On a GPU: whether earlier runs found out about any of these models.
  bool knows_any(const std::vector<ModelSource>& models) const;
  // Whether all models that were opened or made ready so far were found as earlier runs left them, and on GPUs what
  // they found out; false where none are kept.
  bool started_from_cache() const;

  // How many frames of a video a lane takes together, at most; 1 on the CPU.
  int frames_at_once() const;
  // What parts get that go through a model together: last bits may differ where the user asked for several frames, and
  // the model will run so often that what is opened for them pays.
  Same same_together() const;
  // How often each session that the calling thread opens from now on will run: what captures depend on. None: unknown.
  void expect_runs(std::optional<std::int64_t> runs);

  // Forgets a module's models; sessions still open keep theirs alive. Memory strategies are made of this.
  void release(const std::string& module);
  // Forgets captured models that nobody uses at the moment.
  void release_idle();
  // Gives up what the calling thread holds on GPUs; to be called before it ends.
  void release_lanes();
  // Of a GPU, now; nothing on the CPU.
  device::MemoryInfo memory(int device_id) const;
  // Where the calling thread's sessions work: its lane's stream on that GPU, or the host.
  device::Site site(int device_id);
  // The GPU of this id; null where the models run on host memory.
  device::Gpu* gpu(int device_id) const;
  // Of what this thread's sessions have enqueued with run_on() on a GPU since the last call: whether no output held NaN
  // or infinity, known when the GPU was waited for. Nothing on the CPU, where each run looks itself.
  FiniteCheck fetch_finite(int device_id);
  // The same at once: waits, so that all that was fetched is there, and throws NotFinite.
  void check_finite(int device_id);
  // Waits for what this thread has enqueued on a GPU; nothing on the CPU.
  void wait(int device_id);

  std::vector<ModelUse> use() const;
  std::vector<GraphReport> graph_reports() const;  // empty on the CPU

 private:
  struct Slot {
    std::string module;
    std::mutex loading;  // held by the thread that loads; taken before mutex_
    std::shared_ptr<LoadedModel> model;
  };
  Session open_in_form(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
                       int device_id);
  void keep_optimised();
  std::shared_ptr<LoadedModel> model_for(const std::string& module, const ModelSource& source, int device_id);

  ExecutionOptions options_;
  std::shared_ptr<GpuSessions> gpu_;  // null where the models run on host memory
  mutable std::mutex mutex_;          // guards models_ and the slots' model pointers
  std::map<std::string, std::shared_ptr<Slot>> models_;
  std::unique_ptr<OptimisedModels> optimised_;  // null where none are kept; its threads use what stands above
};

}  // namespace facegraph::runtime
