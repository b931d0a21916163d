#include "runtime/graph/gpu_sessions.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "core/base/log.hpp"
#include "runtime/choice/form_choice.hpp"
#include "runtime/precision/rewritten_model.hpp"

namespace facegraph::runtime {

namespace {

std::size_t budget_of(const ExecutionOptions& options, const GpuBackend& backend) {
  return options.graph.memory_budget.value_or(backend.gpu(options.device_ids.front()).memory().free / 4);
}

std::string key_of(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
                   int device_id, const Form& form) {
  std::string key = fmt::format("{}.{}.{}.{}.{}", module, model.name, device_id, this_thread_number(), name_of(form));
  for (const InputSpec& input : inputs) {
    key += fmt::format(".{}", describe(input.shape));
  }
  return key;
}

bool runs_several(const GraphReport& one) {
  return std::any_of(one.batches.begin(), one.batches.end(), [](const BatchTrial& trial) {
    return trial.against.empty() && trial.allowed == kLargestDifference;
  });
}

// By what an earlier run found out about runs of one; where there was none, nobody knows. A model that was run and not
// tried is one that nobody runs several items of.
bool may_run_several(const std::optional<GraphReport>& one) {
  return !one || runs_several(*one);
}

// As it will be opened for several items; none where the file for one does not say how large they are.
std::optional<ModelSource> file_for_several(const ModelSource& model, const DeclaredModel& one) {
  if (!open_inputs(one.inputs, one.outputs).empty()) {
    return model;
  }
  std::vector<InputSpec> inputs;
  for (const Declared& input : one.inputs) {
    InputSpec& spec = inputs.emplace_back(InputSpec{input.name, input.shape, input.type});
    if (spec.shape.size() >= 2) {
      spec.shape.front() = 2;  // any number
    }
    if (!is_static(spec.shape)) {
      return std::nullopt;
    }
  }
  return inputs.empty() ? std::nullopt : std::optional(with_open_batch(model, inputs));
}

}  // namespace

// A session lent to a user, back to the cache when the user is done.
class GpuSessions::Lease : public SessionState {
 public:
  // finding: under which what is found out about it is kept.
  Lease(std::weak_ptr<GpuSessions> owner, std::string module, std::string key, GraphKey finding,
        std::unique_ptr<GraphSession> session)
      : owner_(std::move(owner)),
        module_(std::move(module)),
        key_(std::move(key)),
        finding_(std::move(finding)),
        session_(std::move(session)) {
    name = session_->name;
    inputs = session_->inputs;
    outputs = session_->outputs;
    batched_inputs = session_->batched_inputs;
  }
  ~Lease() override {
    if (const auto owner = owner_.lock()) {
      owner->give_back(module_, key_, std::move(session_));
    }
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  bool get_ready() override { return session_->get_ready(); }
  void run() override { session_->run(); }
  void enqueue() override { session_->enqueue(); }
  void watch() override { session_->watch(); }
  double time_run() override { return session_->time_run(); }
  void note_batch(const BatchTrial& trial) override {
    session_->note_batch(trial);
    if (const auto owner = owner_.lock()) {
      owner->note_batch(finding_, trial);
    }
  }
  std::vector<BatchTrial> batches() const override { return session_->batches(); }
  void forget_noted() override { session_->forget_noted(); }
  void fetch() override { session_->fetch(); }

 private:
  std::weak_ptr<GpuSessions> owner_;
  std::string module_;
  std::string key_;
  GraphKey finding_;
  std::unique_ptr<GraphSession> session_;
};

GpuSessions::GpuSessions(ExecutionOptions options, GpuBackend backend)
    : options_(std::move(options)),
      backend_(std::move(backend)),
      units_(backend_.units),
      cache_(budget_of(options_, backend_)) {}

std::unique_ptr<SessionState> GpuSessions::open(const std::string& module, const ModelSource& model,
                                                std::span<const InputSpec> inputs, int device_id,
                                                const ChosenForm& chosen) {
  const std::string key = key_of(module, model, inputs, device_id, chosen.form);
  std::unique_ptr<GraphSession> session = cache_.take(key);
  const GraphKey finding = graph_key(model, describe_inputs(inputs), backend_.gpu(device_id), chosen.form);
  const ModelOutlook outlook{.expected_runs = expected_runs(),
                             .past_uses = session ? session->report().runs : 0,
                             .known = backend_.records->find(finding)};
  CapturePlan plan = plan_capture(options_.graph, outlook);
  plan.form = chosen.form;
  // Beside one for several items the one for one may never be needed.
  plan.later = options_.batch_frames != 1 && plan.to_match_us == 0 && outlook.known && runs_several(*outlook.known);
  if (session && session->report().state == GraphState::kPlain && plan.against.empty()) {
    session.reset();  // it has proved worth a capture
  }
  if (!session) {
    const std::shared_lock opening(opening_);
    session = make_session(model, inputs, device_id, plan);
    session->set_candidates(chosen.candidates);
    session->set_batches(outlook.known ? outlook.known->batches : std::vector<BatchTrial>{});
    record(key, session->report());
    if (plan.against.empty() && !outlook.known) {
      const std::lock_guard lock(mutex_);
      tried_before_ = false;
    }
    backend_.records->note(finding, plan.refused || plan.later || plan.short_run ? *outlook.known : session->report());
  }
  return std::make_unique<Lease>(weak_from_this(), module, key, finding, std::move(session));
}

std::unique_ptr<GraphSession> GpuSessions::make_session(const ModelSource& model, std::span<const InputSpec> inputs,
                                                        int device_id, CapturePlan plan) {
  const auto make = [&] {
    return std::make_unique<GraphSession>(units_, model, lane(device_id), inputs, options_.graph, plan);
  };
  std::unique_ptr<GraphSession> session = make();
  if (plan.to_match_us > 0 && !session->keeps_up_with(plan.to_match_us)) {
    session.reset();
    plan.kernels = Kernels::kFastest;
    session = make();
  }
  if (plan.to_match_us > 0 || plan.settled) {
    session->settle();
  } else if (!plan.short_run && session->report().state == GraphState::kCaptured) {
    session->note_replay_time();  // what later sessions have to match
  }
  return session;
}

std::optional<ChosenForm> GpuSessions::kept_choice(const GraphKey& key, Role role) {
  const std::optional<GraphReport> kept = backend_.records->find(key);
  if (!kept || !is_valid_choice(*kept, role, forms_for(role, options_.fuse_bias))) {
    return std::nullopt;
  }
  backend_.records->note(key, *kept);  // used
  return ChosenForm{kept->form, kept->candidates};
}

ChosenForm GpuSessions::choose(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
                               int device_id) {
  const GraphKey key = choice_key(model, describe_inputs(inputs), backend_.gpu(device_id), options_.fuse_bias);
  if (auto kept = kept_choice(key, model.role)) {
    return *std::move(kept);
  }
  const std::string against = reason_against_measuring(options_.graph, expected_runs());
  if (!against.empty()) {
    core::log_debug("runtime", "{} runs in {}, nothing was measured yet: {}", model.name, name_of(Form{}), against);
    return {};
  }
  const std::unique_lock alone(opening_);
  if (auto kept = kept_choice(key, model.role)) {  // another lane has measured meanwhile
    return *std::move(kept);
  }
  units_.end();  // nothing beside it
  return measure(module, model, inputs, device_id);
}

ChosenForm GpuSessions::measure(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
                                int device_id) {
  MeasuredForms measured =
      measure_forms(units_, model, lane(device_id), inputs, options_.graph, forms_for(model.role, options_.fuse_bias));
  const device::Gpu& gpu = backend_.gpu(device_id);
  const GraphReport report = report_of(measured, model, inputs);
  backend_.records->note(choice_key(model, report.shapes, gpu, options_.fuse_bias), report);
  {
    const std::lock_guard lock(mutex_);
    tried_before_ = false;
  }
  if (measured.fastest) {  // for open()
    const std::string key = key_of(module, model, inputs, device_id, report.form);
    backend_.records->note(graph_key(model, report.shapes, gpu, report.form), report);
    record(key, report);
    cache_.keep(module, key, std::move(measured.fastest));
  }
  return {report.form, report.candidates};
}

// None where it is still to be measured.
std::optional<Form> GpuSessions::form_ahead(const ModelSource& model, Items items, const device::Gpu& gpu,
                                            std::optional<std::int64_t> runs) const {
  if (options_.precision != Precision::kAuto) {
    return form_of(options_, model.role);
  }
  ModelSource asked = model;
  for (const Role role : {Role::kPixels, Role::kPositions, Role::kDecides}) {  // who opens it says which
    asked.role = role;
    if (const auto kept = backend_.records->find_last(choice_key(asked, "", gpu, options_.fuse_bias), items)) {
      return kept->form;
    }
  }
  return reason_against_measuring(options_.graph, runs).empty() ? std::nullopt : std::optional(Form{});
}

std::optional<GpuSessions::Ahead> GpuSessions::ahead(const ModelSource& model, Items items, const device::Gpu& gpu,
                                                     std::optional<std::int64_t> runs, const FileOf& file) const {
  const std::optional<Form> form = form_ahead(model, items, gpu, runs);
  if (!form) {
    return std::nullopt;
  }
  ModelSource source = file(model, *form);
  const auto known = backend_.records->find_last(graph_key(source, "", gpu, *form), items);
  if (form->nhwc && known) {
    source = find_fixed_inputs(source, known->shapes);
  }
  const CapturePlan plan = plan_capture(options_.graph, {.expected_runs = runs, .known = known});
  return Ahead{known, {source, {.graph = plan.against.empty(), .kernels = plan.kernels, .form = *form}}};
}

std::vector<ModelSource> GpuSessions::opened_before(const std::vector<ModelSource>& models) const {
  std::vector<ModelSource> opened;
  std::copy_if(models.begin(), models.end(), std::back_inserter(opened),
               [&](const ModelSource& model) { return backend_.records->know(model.name); });
  return opened;
}

void GpuSessions::begin_ahead(const std::vector<ModelSource>& models, int device_id, Opens opens, const FileOf& file,
                              Same same_together) {
  const std::shared_ptr<Lane> own = lane(device_id);
  const device::Gpu& gpu = own->gpu();
  const std::vector<ModelSource> opened = opens == Opens::kAll ? models : opened_before(models);
  const std::optional<std::int64_t> runs = expected_runs();  // of this thread
  const bool settled = std::all_of(opened.begin(), opened.end(), [&](const ModelSource& model) {
    return form_ahead(model, Items::kOne, gpu, runs).has_value();
  });
  if (options_.precision == Precision::kAuto && (opened.empty() || !settled)) {
    return;
  }
  const auto wanted = [this, &gpu, runs, file](const ModelSource& model, Items items) -> std::optional<WantedUnit> {
    const std::optional<Ahead> found = ahead(model, items, gpu, runs, file);
    return found ? std::optional(found->wanted) : std::nullopt;
  };
  UnitsAhead::ResolveSeveral several;
  if (same_together == Same::kClose) {
    several = [this, &gpu, runs, file, wanted](const ModelSource& model, const DeclaredModel& one) {
      const std::optional<Ahead> of_one = ahead(model, Items::kOne, gpu, runs, file);
      const std::optional<ModelSource> source =
          of_one && may_run_several(of_one->known) ? file_for_several(model, one) : std::nullopt;
      return source ? wanted(*source, Items::kSeveral) : std::nullopt;
    };
  }
  units_.begin(
      own, opened.empty() ? models : opened, [wanted](const ModelSource& model) { return wanted(model, Items::kOne); },
      several);
}

void GpuSessions::write_optimised(const ModelSource& model, const std::filesystem::path& onnx) {
  backend_.units->write_optimised(model, backend_.gpu(options_.device_ids.front()), onnx);
}

std::string GpuSessions::machine() const {
  return fmt::format("{}, {}, {}", backend_.records->machine(), backend_.gpu(options_.device_ids.front()).info().name,
                     name_of(form_of(options_)));
}

bool GpuSessions::tried_before() const {
  const std::lock_guard lock(mutex_);
  return tried_before_;
}

std::optional<std::int64_t> GpuSessions::expected_runs() const {
  const std::lock_guard lock(mutex_);
  const auto known = expected_runs_.find(this_thread_number());
  return known == expected_runs_.end() ? std::nullopt : std::optional(known->second);
}

bool GpuSessions::runs_often() const {
  return options_.graph.mode == GraphMode::kOn || expected_runs().value_or(0) >= kRunsThatPay;
}

void GpuSessions::expect_runs(std::optional<std::int64_t> runs) {
  const std::lock_guard lock(mutex_);
  if (runs) {
    expected_runs_[this_thread_number()] = *runs;
  } else {
    expected_runs_.erase(this_thread_number());
  }
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
  units_.end();
  cache_.release_thread(this_thread_number());
  const std::lock_guard lock(mutex_);
  std::erase_if(lanes_, [](const auto& entry) { return entry.first.first == this_thread_number(); });
  expected_runs_.erase(this_thread_number());
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
