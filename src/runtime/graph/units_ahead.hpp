// Units made ahead of their sessions, so that the models of a lane are loaded side by side: ONNX Runtime loads one on
// one thread. A unit may be made on another thread than the lane's, where it is warmed up, captured and run.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/graph/unit.hpp"

namespace facegraph::runtime {

// A model's file and how to load it.
struct WantedUnit {
  ModelSource model;
  UnitKind kind;
};

// What a model's file declares.
struct DeclaredModel {
  std::vector<Declared> inputs;
  std::vector<Declared> outputs;
};

class UnitsAhead : public UnitMaker {
 public:
  explicit UnitsAhead(std::shared_ptr<UnitMaker> maker) : maker_(std::move(maker)) {}
  ~UnitsAhead() override;
  UnitsAhead(const UnitsAhead&) = delete;
  UnitsAhead& operator=(const UnitsAhead&) = delete;

  // Begins to make these for the calling thread's lane on threads of its own, each model's unit for one item and then,
  // where resolve_several is given, the one for several; returns at once. resolve: which file and how, on those
  // threads; nothing: none, it may throw. What earlier lanes had made in vain is left out.
  using Resolve = std::function<std::optional<WantedUnit>(const ModelSource& model)>;
  // one: what the file for one item declares.
  using ResolveSeveral = std::function<std::optional<WantedUnit>(const ModelSource& model, const DeclaredModel& one)>;
  void begin(const std::shared_ptr<Lane>& lane, const std::vector<ModelSource>& models, Resolve resolve,
             ResolveSeveral resolve_several = {});
  // Waits for what the calling thread's lane has begun, and drops what was not asked for.
  void end();

  // The unit of that file that was made ahead, waited for, else a new one; what failed ahead is tried again, and says
  // why.
  std::unique_ptr<Unit> make(const ModelSource& model, const Lane& lane, UnitKind kind) override;
  bool has_forward(const ModelSource& model) override { return maker_->has_forward(model); }
  std::string reason_against(const ModelSource& model, const Lane& lane, std::span<const InputSpec> inputs,
                             const Form& form) override {
    return maker_->reason_against(model, lane, inputs, form);
  }
  void write_optimised(const ModelSource& model, device::Gpu& gpu, const std::filesystem::path& onnx) override {
    maker_->write_optimised(model, gpu, onnx);
  }

 private:
  // kTaken: by the lane, or given up.
  enum class State { kWaiting, kInWork, kDone, kTaken };
  struct Item {
    ModelSource asked;
    const Item* one = nullptr;  // of a unit for several: the item before it, of one; it comes after that
    WantedUnit wanted = {};     // as resolved; no path: not yet, or nothing
    State state = State::kWaiting;
    std::unique_ptr<Unit> unit = {};  // null: it failed
    DeclaredModel declared = {};      // by the unit
  };
  // Of one lane.
  struct Crew {
    std::shared_ptr<Lane> lane;
    Resolve resolve;
    ResolveSeveral resolve_several;
    std::vector<Item> items;
    std::vector<std::thread> threads = {};
  };
  // A model, and whether for several items.
  using Made = std::pair<std::string, bool>;
  static Made what(const Item& item) { return {item.asked.name, item.one != nullptr}; }
  void work(Crew& crew);
  void make_item(const Crew& crew, Item& item);
  Item* take_item(const ModelSource& model, const Lane& lane, const UnitKind& kind);
  void end_crew(Crew& crew);

  const std::shared_ptr<UnitMaker> maker_;
  std::mutex mutex_;  // guards what follows, items too
  std::condition_variable changed_;
  std::map<std::uint64_t, std::shared_ptr<Crew>> crews_;  // by the lane's thread
  std::set<Made> useless_;
};

}  // namespace facegraph::runtime
