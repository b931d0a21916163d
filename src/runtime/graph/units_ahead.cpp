#include "runtime/graph/units_ahead.hpp"

#include <algorithm>
#include <chrono>

#include <pthread.h>

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/log.hpp"
#include "device/gpu/capture_gate.hpp"

namespace facegraph::runtime {

namespace {

constexpr unsigned kAtOnce = 4;  // threads of a lane, beside its own; each may hold a model's weights on the host

// The largest first: the lane waits for all of them.
std::vector<ModelSource> by_size(std::vector<ModelSource> models) {
  std::stable_sort(models.begin(), models.end(), [](const ModelSource& a, const ModelSource& b) {
    return core::size_or_zero(a.path) > core::size_or_zero(b.path);
  });
  return models;
}

}  // namespace

UnitsAhead::~UnitsAhead() {
  for (const auto& [thread, crew] : crews_) {
    end_crew(*crew);
  }
}

void UnitsAhead::begin(const std::shared_ptr<Lane>& lane, const std::vector<ModelSource>& models, Resolve resolve,
                       ResolveSeveral resolve_several) {
  end();
  const auto crew = std::make_shared<Crew>(Crew{lane, std::move(resolve), std::move(resolve_several), {}});
  const std::lock_guard lock(mutex_);
  crew->items.reserve(2 * models.size());  // they point to each other
  for (const ModelSource& model : by_size(models)) {
    if (useless_.contains({model.name, false})) {
      continue;
    }
    const Item* one = &crew->items.emplace_back(Item{model});
    if (crew->resolve_several && !useless_.contains({model.name, true})) {
      crew->items.push_back({model, one});
    }
  }
  crews_[lane->owner()] = crew;
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t count = std::min<std::size_t>(crew->items.size(), std::min(kAtOnce, cores));
  for (std::size_t i = 0; i < count; ++i) {
    crew->threads.emplace_back([this, crew = crew.get()] { work(*crew); });
  }
}

void UnitsAhead::work(Crew& crew) {
  pthread_setname_np(pthread_self(), "fg-load");
  crew.lane->gpu().bind_thread();
  while (true) {
    Item* item = nullptr;
    {
      const std::lock_guard lock(mutex_);
      const auto next = std::find_if(crew.items.begin(), crew.items.end(), [](const Item& known) {
        const bool is_next = known.one == nullptr || known.one->state >= State::kDone;
        return known.state == State::kWaiting && is_next;
      });
      if (next == crew.items.end()) {
        return;
      }
      next->state = State::kInWork;
      item = &*next;
    }
    make_item(crew, *item);
    const std::lock_guard lock(mutex_);
    item->state = State::kDone;
    changed_.notify_all();
  }
}

// Nobody else looks at an item that is in work, but for what is wanted.
void UnitsAhead::make_item(const Crew& crew, Item& item) {
  try {
    const std::optional<WantedUnit> wanted =
        item.one == nullptr ? crew.resolve(item.asked) : crew.resolve_several(item.asked, item.one->declared);
    if (!wanted) {
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      item.wanted = *wanted;
      changed_.notify_all();
    }
    const auto start = std::chrono::steady_clock::now();
    item.unit = maker_->make(wanted->model, *crew.lane, wanted->kind);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    core::log_debug("runtime", "{}{} loaded ahead in {:.2f} seconds", item.asked.name,
                    item.one == nullptr ? "" : " for several items", elapsed.count());
    item.declared = {item.unit->declared_inputs(), item.unit->declared_outputs()};
  } catch (const core::Error& error) {
    core::log_debug("runtime", "{} could not be loaded ahead: {}", item.asked.name, error.what());
  }
}

// The one of that file, or the first that nobody has begun; none: null.
UnitsAhead::Item* UnitsAhead::take_item(const ModelSource& model, const Lane& lane, const UnitKind& kind) {
  std::unique_lock lock(mutex_);
  const auto crew = crews_.find(lane.owner());
  if (crew == crews_.end() || crew->second->lane.get() != &lane) {
    return nullptr;
  }
  // For all of them, where the warm-up is made alone: one among units that are being made waits for each of these, and
  // they for it.
  const bool alone = kind.graph || kind.kernels == Kernels::kFastest;
  changed_.wait(lock, [&] {
    return std::none_of(crew->second->items.begin(), crew->second->items.end(), [&](const Item& item) {
      const bool concerns = alone || item.asked.name == model.name;
      return concerns && (item.state == State::kWaiting || item.state == State::kInWork);
    });
  });
  for (Item& item : crew->second->items) {
    if (item.asked.name == model.name && item.state == State::kDone && item.wanted.model.path == model.path) {
      item.state = State::kTaken;
      return &item;
    }
  }
  return nullptr;
}

std::unique_ptr<Unit> UnitsAhead::make(const ModelSource& model, const Lane& lane, UnitKind kind) {
  Item* item = take_item(model, lane, kind);
  if (item != nullptr && item->unit) {
    if (item->wanted.kind == kind) {
      return std::move(item->unit);
    }
    const device::AllocationScope scope;
    item->unit.reset();
  }
  return maker_->make(model, lane, kind);
}

void UnitsAhead::end() {
  std::shared_ptr<Crew> crew;
  {
    const std::lock_guard lock(mutex_);
    const auto known = crews_.find(this_thread_number());
    if (known == crews_.end()) {
      return;
    }
    crew = known->second;
    crews_.erase(known);
  }
  end_crew(*crew);
}

void UnitsAhead::end_crew(Crew& crew) {
  {
    const std::lock_guard lock(mutex_);
    for (Item& item : crew.items) {
      if (item.state != State::kTaken) {
        useless_.insert(what(item));
      }
      if (item.state == State::kWaiting) {
        item.state = State::kTaken;  // nobody begins any more
      }
    }
  }
  for (std::thread& thread : crew.threads) {
    thread.join();
  }
  const device::AllocationScope scope;
  crew.items.clear();
}

}  // namespace facegraph::runtime
