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

// Whether a run of several gives what runs of one give, in every bit.
bool is_equal_one_by_one(Session& one, Session& several, const std::vector<InputSpec>& specs) {
  const std::size_t parts = several.batch();
  for (const InputSpec& spec : specs) {
    fill_noise(several.input(spec.name));
  }
  several.run();
  for (std::size_t part = 0; part < parts; ++part) {
    for (const InputSpec& spec : specs) {
      const Tensor& input = one.input(spec.name);
      std::memcpy(input.data, part_of(several.input(spec.name), part, parts), input.bytes());
    }
    one.run();
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

std::optional<Session> open_several(const BatchedSession::Open& open, Session& one, const std::vector<InputSpec>& specs,
                                    std::int64_t most) {
  std::vector<InputSpec> inputs = specs;
  for (InputSpec& input : inputs) {
    input.shape.front() = most;
  }
  try {
    Session several = open(inputs);
    if (is_equal_one_by_one(one, several, specs)) {
      return several;
    }
    core::log_debug("runtime", "{}: {} parts in one run differ from one by one, which is taken", one.name(), most);
  } catch (const core::Error& error) {
    if (error.code() == core::ErrorCode::kDeviceLost) {
      throw;
    }
    core::log_debug("runtime", "{}; its parts are run one by one", error.what());
  }
  return std::nullopt;
}

}  // namespace

BatchedSession::BatchedSession(const Open& open, const std::vector<InputSpec>& one, std::int64_t most)
    : one_(open(one)) {
  if (most > 1 && one_.takes_any_batch()) {
    several_ = open_several(open, one_, one, most);
  }
}

Session& BatchedSession::for_parts(std::size_t waiting) {
  return several_ && waiting >= several_->batch() ? *several_ : one_;
}

}  // namespace facegraph::runtime
