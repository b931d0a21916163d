// Opens sessions on GPUs: decides about captures, lends cached sessions, keeps the reports.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "runtime/graph/session_cache.hpp"
#include "runtime/graph/unit.hpp"
#include "runtime/graph/units_ahead.hpp"
#include "runtime/records/graph_records.hpp"
#include "runtime/session/batched_session.hpp"

namespace facegraph::runtime {

// What sessions on GPUs are made of; tests put fakes in.
struct GpuBackend {
  std::function<device::Gpu&(int id)> gpu;
  std::shared_ptr<UnitMaker> units;
  std::shared_ptr<GraphRecords> records;
};

// The form that a model is opened in, and what it was chosen from.
struct ChosenForm {
  Form form = {};
  std::vector<Candidate> candidates = {};
};

// Of models that are named, how many will be opened.
enum class Opens { kSome, kAll };

class GpuSessions : public std::enable_shared_from_this<GpuSessions> {
 public:
  GpuSessions(ExecutionOptions options, GpuBackend backend);

  // --precision auto: the form that was kept for this model or is measured now, on the calling thread's lane, by one
  // thread at a time and while no session is opened; tf32 where neither can be.
  ChosenForm choose(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
                    int device_id);

  // On the calling thread's lane. The session comes from the cache, or is loaded and, where that pays, warmed up and
  // captured; it goes back to the cache when it is destroyed. Throws as GraphSession's constructor.
  std::unique_ptr<SessionState> open(const std::string& module, const ModelSource& model,
                                     std::span<const InputSpec> inputs, int device_id, const ChosenForm& chosen);

  // How often each session that the calling thread opens from now on will run; none: unknown. Threads open for
  // different work at the same time. Forgotten by release_lanes().
  void expect_runs(std::optional<std::int64_t> runs);
  // Whether it is known that it pays to open more than a session of one item.
  bool runs_often() const;

  // Begins to load what the calling thread's lane will open soon, side by side: for runs of one item and, where
  // same_together is kClose, of several. file: which one is opened for a model in a form, but for fixed dimensions.
  // With Opens::kSome, nothing of models that were not opened when others of them were in earlier runs. Nothing where
  // forms are still to be measured: that is done with nothing beside it.
  using FileOf = std::function<ModelSource(const ModelSource& model, const Form& form)>;
  void begin_ahead(const std::vector<ModelSource>& models, int device_id, Opens opens, const FileOf& file,
                   Same same_together);
  // Drops what was not opened.
  void end_ahead() { units_.end(); }
  // Those of them that earlier runs opened.
  std::vector<ModelSource> opened_before(const std::vector<ModelSource>& models) const;

  // The calling thread's lane on a GPU, made when it is first asked for; sessions hold it too.
  std::shared_ptr<Lane> lane(int device_id);
  device::Gpu& gpu(int device_id) const { return backend_.gpu(device_id); }
  // Gives up the calling thread's lanes and what is cached for them. To be called before the thread ends.
  void release_lanes();

  device::MemoryInfo memory(int device_id) { return lane(device_id)->gpu().memory(); }

  // UnitMaker::write_optimised() for the first GPU, and what its result depends on.
  void write_optimised(const ModelSource& model, const std::filesystem::path& onnx);
  std::string machine() const;
  // Whether every model opened for capture so far had been tried by an earlier run.
  bool tried_before() const;

  void release(const std::string& module) { cache_.release(module); }
  void release_idle() { cache_.release_all(); }

  // One per model, shape, device and lane that was opened, in the order of the first opening. Runs of sessions that are
  // still open are not in it yet.
  std::vector<GraphReport> reports() const;

 private:
  class Lease;
  // As the plan says; where it has something to match, with the kernels that do.
  std::unique_ptr<GraphSession> make_session(const ModelSource& model, std::span<const InputSpec> inputs, int device_id,
                                             CapturePlan plan);
  std::optional<ChosenForm> kept_choice(const GraphKey& key, Role role);
  ChosenForm measure(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
                     int device_id);
  std::optional<std::int64_t> expected_runs() const;
  std::optional<Form> form_ahead(const ModelSource& model, Items items, const device::Gpu& gpu,
                                 std::optional<std::int64_t> runs) const;
  // What an earlier run found out, and what to load; none: it is not known.
  struct Ahead {
    std::optional<GraphReport> known;
    WantedUnit wanted;
  };
  std::optional<Ahead> ahead(const ModelSource& model, Items items, const device::Gpu& gpu,
                             std::optional<std::int64_t> runs, const FileOf& file) const;
  void note_batch(const GraphKey& finding, const BatchTrial& trial) { backend_.records->note_batch(finding, trial); }
  void give_back(const std::string& module, const std::string& key, std::unique_ptr<GraphSession> session);
  void record(const std::string& key, const GraphReport& report);

  const ExecutionOptions options_;
  const GpuBackend backend_;
  UnitsAhead units_;
  SessionCache cache_;
  std::shared_mutex opening_;                            // shared by who opens a session, held alone by who measures
  mutable std::mutex mutex_;                             // guards what follows
  std::map<std::uint64_t, std::int64_t> expected_runs_;  // by thread
  bool tried_before_ = true;
  std::map<std::pair<std::uint64_t, int>, std::shared_ptr<Lane>> lanes_;
  std::vector<std::pair<std::string, GraphReport>> reports_;
};

}  // namespace facegraph::runtime
