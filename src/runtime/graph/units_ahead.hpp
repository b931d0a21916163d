// Units made ahead of their sessions, so that the models of a lane are loaded side by side: ONNX Runtime loads one on
// one thread. A unit may be made on another thread than the lane's, where it is warmed up, captured and run.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/graph/unit.hpp"

namespace facegraph::runtime {

// A model's file and how to load it.
struct WantedUnit {
  ModelSource model;
  UnitKind kind;
};

class UnitsAhead : public UnitMaker {
 public:
  explicit UnitsAhead(std::shared_ptr<UnitMaker> maker) : maker_(std::move(maker)) {}
  ~UnitsAhead() override;
  UnitsAhead(const UnitsAhead&) = delete;
  UnitsAhead& operator=(const UnitsAhead&) = delete;

  // Begins to make these for the calling thread's lane on threads of its own; returns at once. resolve: which file and
  // how, on those threads; it may throw. Models that earlier lanes had made in vain are left out.
  using Resolve = std::function<WantedUnit(const ModelSource& model)>;
  void begin(const std::shared_ptr<Lane>& lane, std::vector<ModelSource> models, Resolve resolve);
  // Waits for what the calling thread's lane has begun, and drops what was not asked for.
  void end();

  // The unit that was made ahead, waited for, else a new one; what failed ahead is tried again, and says why.
  std::unique_ptr<Unit> make(const ModelSource& model, const Lane& lane, UnitKind kind) override;
  void write_optimised(const ModelSource& model, device::Gpu& gpu, const std::filesystem::path& onnx) override {
    maker_->write_optimised(model, gpu, onnx);
  }

 private:
  // kTaken: by the lane, which makes it itself where nobody had begun.
  enum class State { kWaiting, kInWork, kDone, kTaken };
  struct Item {
    ModelSource asked;
    WantedUnit wanted = {};  // as resolved
    State state = State::kWaiting;
    std::unique_ptr<Unit> unit = {};  // null: it failed
  };
  // Of one lane.
  struct Crew {
    std::shared_ptr<Lane> lane;
    Resolve resolve;
    std::vector<Item> items;
    std::vector<std::thread> threads = {};
  };
  void work(Crew& crew);
  void make_item(const Crew& crew, Item& item);
  void end_crew(Crew& crew);

  const std::shared_ptr<UnitMaker> maker_;
  std::mutex mutex_;  // guards what follows, items too
  std::condition_variable changed_;
  std::map<std::uint64_t, std::shared_ptr<Crew>> crews_;  // by the lane's thread
  std::set<std::string> useless_;                         // models
};

}  // namespace facegraph::runtime
