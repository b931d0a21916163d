// What earlier runs on this machine found out about models on its GPUs: which can be captured, with which kernels, and
// what they cost. Kept in one file, the longest unused findings leave it first. Whatever is wrong with the file costs
// no more than one line at level debug and its findings: it is written anew. Several processes may use it at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/graph/graph_report.hpp"
#include "runtime/graph/unit.hpp"

namespace facegraph::runtime {

// What a finding depends on beside the machine.
struct GraphKey {
  std::string model;     // name and contents, "inswapper_128 7057c6ea"
  std::string inputs;    // as GraphReport::shapes
  std::string gpu;       // its name
  std::string settings;  // the form, "fp16 nhwc"; or choice_key()'s

  bool operator==(const GraphKey&) const = default;
};

GraphKey graph_key(const ModelSource& model, const std::string& inputs, const device::Gpu& gpu, const Form& form);
// Of what was chosen for the model by measurement, among forms with fused biases, too, or not: the chosen form's
// report, with its candidates.
GraphKey choice_key(const ModelSource& model, const std::string& inputs, const device::Gpu& gpu, bool fused);

// "ONNX Runtime 1.31.1, CUDA 13.0, driver 580.159.04, rewriting fp16 1 forward 1"
std::string this_machine();

// Of a run.
enum class Items : std::uint8_t { kOne, kSeveral };

class GraphRecords {
 public:
  static constexpr const char* kStandardPath = ".caches/graphs.json";  // in the working folder

  // machine: this_machine(); findings of others are kept, but not used.
  GraphRecords(std::filesystem::path file, std::string machine);
  const std::string& machine() const { return machine_; }
  // Writes which findings were used.
  ~GraphRecords();
  GraphRecords(const GraphRecords&) = delete;
  GraphRecords& operator=(const GraphRecords&) = delete;

  // Captured or refused, with the times measured then; none: nobody tried. Thread safe, as all that follow.
  std::optional<GraphReport> find(const GraphKey& key) const;
  // The same, whatever the inputs, but for the items of a run: the last used of one item, or of several.
  std::optional<GraphReport> find_last(const GraphKey& key, Items items) const;
  // All about this version of the model, whatever its inputs, the GPU and the settings; the last used at the end.
  std::vector<GraphReport> find_all(const ModelSource& model) const;
  // Whether anything is known of a model of that name, in any version and form.
  bool know(const std::string& name) const;

  // A captured or refused session's report; others tell nothing, nor does a refusal that may pass. On the disk when
  // this returns if it is news.
  void note(const GraphKey& key, const GraphReport& report);
  // How a run of several items did beside the session of one whose report is kept, if it is; what may pass tells
  // nothing. They stay when that report is noted again.
  void note_batch(const GraphKey& key, const BatchTrial& trial);

 private:
  struct Finding {
    GraphKey key;
    std::string machine;
    GraphReport report;
    std::int64_t used = 0;  // seconds since 1970
  };
  using Findings = std::vector<Finding>;  // the last used at the end

  static std::optional<Findings> parse(const std::string& text);
  static std::string text_of(const Findings& findings);
  static void put(Findings& findings, Finding finding);
  const Finding* find_unlocked(const GraphKey& key) const;
  void use(const GraphKey& key, const GraphReport& report, bool news);
  void write_used() noexcept;

  const std::filesystem::path file_;
  const std::string machine_;
  mutable std::mutex mutex_;  // guards what follows
  Findings known_;
  Findings used_;  // not in the file yet
};

}  // namespace facegraph::runtime
