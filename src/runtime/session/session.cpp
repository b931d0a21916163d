#include "runtime/session/session.hpp"

#include "core/base/error.hpp"
#include "runtime/session/not_finite.hpp"
#include "runtime/session/session_state.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;

Session::Session() = default;
Session::Session(std::unique_ptr<SessionState> state) : state_(std::move(state)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

const Tensor& Session::input(std::string_view name) const {
  for (const Tensor& tensor : state_->inputs) {
    if (tensor.name == name) {
      return tensor;
    }
  }
  fail(ErrorCode::kFailed, "{}: no bound input `{}`", state_->name, name);
}

const Tensor& Session::output(std::size_t index) const {
  if (index >= state_->outputs.size()) {
    fail(ErrorCode::kFailed, "{}: output {} is wanted, the model has {}; choose a model of the right family",
         state_->name, index, state_->outputs.size());
  }
  return state_->outputs[index];
}

std::size_t Session::output_count() const {
  return state_->outputs.size();
}

const std::string& Session::name() const {
  return state_->name;
}

std::size_t Session::batch() const {
  return static_cast<std::size_t>(state_->inputs.front().shape.front());
}

const std::vector<std::string>& Session::batched_inputs() const {
  return state_->batched_inputs;
}

void Session::expect_output(std::size_t index, const Shape& shape) const {
  const Tensor& tensor = output(index);
  if (!accepts(shape, tensor.shape)) {
    fail(ErrorCode::kFailed, "{}: output `{}` is {}, expected {}; choose a model of the right family", state_->name,
         tensor.name, describe(tensor.shape), describe(shape));
  }
}

void Session::run() {
  state_->run();
  check_outputs();
}

void Session::try_out() {
  state_->run();
}

bool Session::get_ready() {
  return state_->get_ready();
}

double Session::time_run() {
  return state_->time_run();
}

void Session::note_batch(const BatchTrial& trial) {
  state_->note_batch(trial);
}

std::vector<BatchTrial> Session::batches() const {
  return state_->batches();
}

void Session::enqueue() {
  state_->enqueue();
}

void Session::run_on(const device::Site& site) {
  if (site.on_gpu()) {
    state_->enqueue();
    state_->watch();
  } else {
    run();
  }
}

void Session::fetch() {
  state_->fetch();
  check_outputs();
}

// Its caller gives up what it was doing, with all that was noted meanwhile.
void Session::check_outputs() const {
  try {
    check_finite(state_->name, state_->outputs);
  } catch (const NotFinite&) {
    state_->forget_noted();
    throw;
  }
}

}  // namespace facegraph::runtime
