#include "runtime/graph/gpu_sessions.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace facegraph::runtime {

namespace {

std::size_t budget_of(const ExecutionOptions& options, const GpuBackend& backend) {
  return options.graph.memory_budget.value_or(backend.gpu(options.device_ids.front()).memory().free / 4);
}

std::string key_of(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
                   int device_id) {
  std::string key = fmt::format("{}.{}.{}.{}", module, model.name, device_id, this_thread_number());
  for (const InputSpec& input : inputs) {
    key += fmt::format(".{}", describe(input.shape));
  }
  return key;
}

}  // namespace

// A session lent to a user, back to the cache when the user is done.
class GpuSessions::Lease : public SessionState {
 public:
  Lease(std::weak_ptr<GpuSessions> owner, std::string module, std::string key, std::unique_ptr<GraphSession> session)
      : owner_(std::move(owner)), module_(std::move(module)), key_(std::move(key)), session_(std::move(session)) {
    name = session_->name;
    inputs = session_->inputs;
    outputs = session_->outputs;
    takes_any_batch = session_->takes_any_batch;
  }
  ~Lease() override {
    if (const auto owner = owner_.lock()) {
      owner->give_back(module_, key_, std::move(session_));
    }
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  void run() override { session_->run(); }
  void enqueue() override { session_->enqueue(); }
  void watch() override { session_->watch(); }
  void forget_noted() override { session_->forget_noted(); }
  void fetch() override { session_->fetch(); }

 private:
  std::weak_ptr<GpuSessions> owner_;
  std::string module_;
  std::string key_;
  std::unique_ptr<GraphSession> session_;
};

GpuSessions::GpuSessions(ExecutionOptions options, GpuBackend backend)
    : options_(std::move(options)), backend_(std::move(backend)), cache_(budget_of(options_, backend_)) {}

std::unique_ptr<SessionState> GpuSessions::open(const std::string& module, const ModelSource& model,
                                                std::span<const InputSpec> inputs, int device_id) {
  const std::string key = key_of(module, model, inputs, device_id);
  std::unique_ptr<GraphSession> session = cache_.take(key);
  const GraphKey finding = graph_key(model, describe_inputs(inputs), backend_.gpu(device_id), options_);
  ModelOutlook outlook;
  {
    const std::lock_guard lock(mutex_);
    outlook.expected_runs = expected_runs_;
  }
  outlook.past_uses = session ? session->report().runs : 0;
  outlook.known = backend_.records->find(finding);
  const CapturePlan plan = plan_capture(options_.graph, outlook);
  if (session && session->report().state == GraphState::kPlain && plan.against.empty()) {
    session.reset();  // it has proved worth a capture
  }
  if (!session) {
    session = std::make_unique<GraphSession>(*backend_.units, model, lane(device_id), inputs, options_.graph, plan);
    record(key, session->report());
    if (plan.against.empty() && !outlook.known) {
      const std::lock_guard lock(mutex_);
      tried_before_ = false;
    }
    backend_.records->note(finding, plan.refused ? *outlook.known : session->report());
  }
  return std::make_unique<Lease>(weak_from_this(), module, key, std::move(session));
}

void GpuSessions::write_optimised(const ModelSource& model, const std::filesystem::path& onnx) {
  backend_.units->write_optimised(model, backend_.gpu(options_.device_ids.front()), onnx);
}

std::string GpuSessions::machine() const {
  return fmt::format("{}, {}, {}", backend_.records->machine(), backend_.gpu(options_.device_ids.front()).info().name,
                     settings_key(options_));
}

bool GpuSessions::tried_before() const {
  const std::lock_guard lock(mutex_);
  return tried_before_;
}

void GpuSessions::expect_runs(std::optional<std::int64_t> runs) {
  const std::lock_guard lock(mutex_);
  expected_runs_ = runs;
}

std::shared_ptr<Lane> GpuSessions::lane(int device_id) {
  const std::lock_guard lock(mutex_);
  auto& lane = lanes_[{this_thread_number(), device_id}];
  if (!lane) {
    lane = std::make_shared<Lane>(backend_.gpu(device_id));
  }
  return lane;
}

void GpuSessions::release_lanes() {
  cache_.release_thread(this_thread_number());
  const std::lock_guard lock(mutex_);
  std::erase_if(lanes_, [](const auto& entry) { return entry.first.first == this_thread_number(); });
}

void GpuSessions::give_back(const std::string& module, const std::string& key, std::unique_ptr<GraphSession> session) {
  record(key, session->report());
  cache_.keep(module, key, std::move(session));
}

void GpuSessions::record(const std::string& key, const GraphReport& report) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(reports_.begin(), reports_.end(), [&](const auto& known) { return known.first == key; });
  if (found == reports_.end()) {
    reports_.emplace_back(key, report);
  } else {
    found->second = report;
  }
}

std::vector<GraphReport> GpuSessions::reports() const {
  const std::lock_guard lock(mutex_);
  std::vector<GraphReport> list;
  for (const auto& entry : reports_) {
    list.push_back(entry.second);
  }
  return list;
}

}  // namespace facegraph::runtime
