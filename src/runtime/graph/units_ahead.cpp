#include "runtime/graph/units_ahead.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "device/gpu/capture_gate.hpp"

namespace facegraph::runtime {

namespace {

constexpr unsigned kAtOnce = 3;  // threads of a lane, beside its own; each may hold a model's weights on the host

}  // namespace

UnitsAhead::~UnitsAhead() {
  for (const auto& [thread, crew] : crews_) {
    end_crew(*crew);
  }
}

void UnitsAhead::begin(const std::shared_ptr<Lane>& lane, std::vector<ModelSource> models, Resolve resolve) {
  end();
  const auto crew = std::make_shared<Crew>(Crew{lane, std::move(resolve), {}});
  const std::lock_guard lock(mutex_);
  for (ModelSource& model : models) {
    if (!useless_.contains(model.name)) {
      crew->items.push_back({std::move(model)});
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
  crew.lane->gpu().bind_thread();
  while (true) {
    Item* item = nullptr;
    {
      const std::lock_guard lock(mutex_);
      const auto next = std::find_if(crew.items.begin(), crew.items.end(),
                                     [](const Item& known) { return known.state == State::kWaiting; });
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

// Nobody else looks at an item that is in work.
void UnitsAhead::make_item(const Crew& crew, Item& item) {
  try {
    item.wanted = crew.resolve(item.asked);
    item.unit = maker_->make(item.wanted.model, *crew.lane, item.wanted.kind);
  } catch (const core::Error& error) {
    core::log_debug("runtime", "{} could not be loaded ahead: {}", item.asked.name, error.what());
  }
}

std::unique_ptr<Unit> UnitsAhead::make(const ModelSource& model, const Lane& lane, UnitKind kind) {
  std::unique_ptr<Unit> unit;
  {
    std::unique_lock lock(mutex_);
    const auto crew = crews_.find(lane.owner());
    if (crew != crews_.end() && crew->second->lane.get() == &lane) {
      const auto item = std::find_if(crew->second->items.begin(), crew->second->items.end(), [&](const Item& known) {
        return known.asked.name == model.name && known.state != State::kTaken;
      });
      if (item != crew->second->items.end()) {
        changed_.wait(lock, [&] { return item->state != State::kInWork; });
        item->state = State::kTaken;
        if (item->unit && item->wanted.model.path == model.path && item->wanted.kind == kind) {
          return std::move(item->unit);
        }
        unit = std::move(item->unit);
      }
    }
  }
  if (unit) {  // of another kind
    const device::AllocationScope scope;
    unit.reset();
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
        useless_.insert(item.asked.name);
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
