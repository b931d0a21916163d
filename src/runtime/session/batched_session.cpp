#include "runtime/session/batched_session.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "runtime/session/noise.hpp"

namespace facegraph::runtime {

namespace {

// Of a tensor of several parts.
std::byte* part_of(const Tensor& tensor, std::size_t part, std::size_t parts) {
  return static_cast<std::byte*>(tensor.data) + part * (tensor.bytes() / parts);
}

bool is_batched(const Session& session, const std::string& input) {
  const std::vector<std::string>& names = session.batched_inputs();
  return std::find(names.begin(), names.end(), input) != names.end();
}

// Whether a run of several gives what runs of one give, in every bit.
bool is_equal_one_by_one(Session& one, Session& several, const std::vector<InputSpec>& specs) {
  const std::size_t parts = several.batch();
  for (const InputSpec& spec : specs) {
    fill_noise(several.input(spec.name));
  }
  several.try_out();
  for (std::size_t part = 0; part < parts; ++part) {
    for (const InputSpec& spec : specs) {
      const Tensor& input = one.input(spec.name);
      const Tensor& noise = several.input(spec.name);
      std::memcpy(input.data, is_batched(one, spec.name) ? part_of(noise, part, parts) : noise.data, input.bytes());
    }
    one.try_out();
    for (std::size_t i = 0; i < one.output_count(); ++i) {
      const Tensor& output = one.output(i);
      if (output.bytes() * parts != several.output(i).bytes() ||
          std::memcmp(output.data, part_of(several.output(i), part, parts), output.bytes()) != 0) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

BatchedSession::BatchedSession(Open open, std::vector<InputSpec> one, std::int64_t most, Settle settle)
    : open_(std::move(open)), settle_(std::move(settle)), one_specs_(std::move(one)), one_(open_(one_specs_)) {
  // All items count by the first input.
  if (is_batched(one_, one_specs_.front().name)) {
    most_ = most;
  }
  if (settle_) {
    settle_(one_);
  }
}

Session& BatchedSession::for_parts(std::size_t waiting) {
  if (most_ == 1 || waiting < most()) {
    return one_;
  }
  if (!std::exchange(tried_, true)) {
    open_several();
  }
  return several_ ? *several_ : one_;
}

void BatchedSession::open_several() {
  std::vector<InputSpec> inputs = one_specs_;
  for (InputSpec& input : inputs) {
    if (is_batched(one_, input.name)) {
      input.shape.front() = most_;
    }
  }
  try {
    Session several = open_(inputs);
    if (is_equal_one_by_one(one_, several, one_specs_)) {
      several_ = std::move(several);
    } else {
      core::log_debug("runtime", "{}: {} parts in one run differ from one by one, which is taken", one_.name(), most_);
    }
  } catch (const core::Error& error) {
    if (error.code() == core::ErrorCode::kDeviceLost) {
      throw;
    }
    core::log_debug("runtime", "{}; its parts are run one by one", error.what());
  }
  if (settle_) {  // the trial wrote over it
    settle_(one_);
    if (several_) {
      settle_(*several_);
    }
  }
}

}  // namespace facegraph::runtime
