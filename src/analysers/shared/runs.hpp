// Many parts, frames or faces, through one network in as few runs as it allows.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "analysers/context.hpp"
#include "ops/site/inputs.hpp"
#include "runtime/session/batched_session.hpp"

namespace facegraph::analysers {

// The sessions of a network with one input. open: for an input of the batch that it is given, checks the outputs, too.
inline runtime::BatchedSession open_batched(const Context& context, runtime::InputSpec one,
                                            std::function<runtime::Session(const runtime::InputSpec& input)> open) {
  return {[open = std::move(open)](const std::vector<runtime::InputSpec>& inputs) { return open(inputs.front()); },
          {std::move(one)},
          context.pool.frames_at_once(),
          {},
          context.pool.same_together()};
}

// Calls work(session, first) for the parts first ... first + session.batch() - 1, until all are done.
template <typename Work>
void for_each_run(runtime::BatchedSession& sessions, std::size_t parts, const Work& work) {
  for (std::size_t first = 0; first < parts;) {
    runtime::Session& session = sessions.for_parts(parts - first);
    work(session, first);
    first += session.batch();
  }
}

// The same with crops of u8 BGR as parts: they are written into the input "input" as RGB planes and run; take(session)
// comes after.
template <typename Take>
void for_each_run(runtime::BatchedSession& sessions, std::span<const device::Picture> crops,
                  const ops::SiteTable& table, const device::Site& site, const Take& take) {
  for_each_run(sessions, crops.size(), [&](runtime::Session& session, std::size_t first) {
    for (std::size_t item = 0; item < session.batch(); ++item) {
      ops::to_tensor(site, session.input("input").item_on<float>(site, item), crops[first + item], table,
                     ops::ChannelOrder::kRgb, ops::Layout::kChw);
    }
    session.run_on(site);
    take(session);
  });
}

// One part of an output, on the site; its first dimension may count parts or, where the network merges them, rows.
template <typename T>
std::span<const T> part_of(const runtime::Session& session, std::size_t output, std::size_t part,
                           const device::Site& site) {
  const std::span<const T> all = session.output(output).on<const T>(site);
  const std::size_t count = all.size() / session.batch();
  return all.subspan(part * count, count);
}

// An output of all parts on its way to the host, one copy a run.
template <typename T>
class FetchedParts {
 public:
  void fetch(const runtime::Session& session, std::size_t output, const device::Site& site) {
    const device::Values<T>& values = runs_.emplace_back(site.fetch(session.output(output).on<const T>(site)));
    for (std::size_t part = 0; part < session.batch(); ++part) {
      parts_.push_back(values.data() + part * (values.size() / session.batch()));
    }
  }
  bool empty() const { return parts_.empty(); }
  // When the site was waited for.
  const T* operator[](std::size_t part) const { return parts_[part]; }

 private:
  std::vector<device::Values<T>> runs_;
  std::vector<const T*> parts_;
};

}  // namespace facegraph::analysers
