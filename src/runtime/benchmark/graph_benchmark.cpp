#include "runtime/benchmark/graph_benchmark.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>

#include "runtime/choice/form_choice.hpp"
#include "runtime/graph/cuda_unit.hpp"
#include "runtime/graph/graph_session.hpp"
#include "runtime/precision/rewritten_model.hpp"
#include "runtime/session/cpu_session.hpp"

namespace facegraph::runtime {

namespace {

using Clock = std::chrono::steady_clock;

double microseconds_of(const std::function<void()>& work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(std::lround(share * static_cast<double>(values.size() - 1)))];
}

ExecutionOptions with_graphs(ExecutionOptions options, GraphMode mode) {
  options.graph.mode = mode;
  options.graph.warm_up_data = WarmUpData::kNoise;  // zeros would compare equal whatever a replay did
  return options;
}

// One model in its three forms.
class Trio {
 public:
  Trio(const BenchModel& model, const BenchSettings& settings, const std::shared_ptr<Lane>& lane)
      : maker_(make_cuda_units(settings.execution)),
        inputs_(model.inputs),
        form_(model.form),
        options_(with_graphs(settings.execution, GraphMode::kAuto)) {
    const auto loaded = load_model(model.source, options_, settings.device_id);
    if (inputs_.empty()) {
      inputs_ = fix_shapes(loaded->inputs, settings.size);
    }
    source_ = in_form(model.source, form_, inputs_);
    host_ = std::make_unique<CpuSession>(loaded, inputs_);
    bound_ = opened(lane, {.against = "it is the plain side", .form = form_});
    replayed_ = replayed_on(lane);
  }

  std::unique_ptr<GraphSession> replayed_on(const std::shared_ptr<Lane>& lane) const {
    return opened(lane, {.form = form_});
  }

  CpuSession& host() { return *host_; }
  GraphSession& bound() { return *bound_; }
  GraphSession& replayed() { return *replayed_; }

 private:
  std::unique_ptr<GraphSession> opened(const std::shared_ptr<Lane>& lane, const CapturePlan& plan) const {
    return std::make_unique<GraphSession>(*maker_, source_, lane, inputs_, options_.graph, plan);
  }

  std::unique_ptr<UnitMaker> maker_;
  ModelSource source_;
  std::vector<InputSpec> inputs_;
  Form form_;
  ExecutionOptions options_;
  std::unique_ptr<CpuSession> host_;
  std::unique_ptr<GraphSession> bound_;
  std::unique_ptr<GraphSession> replayed_;
};

constexpr int kUntimed = 5;  // the first runs choose algorithms and load kernels

using Trios = std::vector<std::unique_ptr<Trio>>;

// The replays of a chain, in which models that need not wait for the one before have streams of their own.
class SideBySide {
 public:
  SideBySide(std::span<const BenchModel> models, const Trios& trios, const Lane& lane)
      : stream_(lane.stream()), start_(lane.gpu()) {
    for (std::size_t i = 0; i < models.size(); ++i) {
      if (i == 0 || !models[i].beside) {
        steps_.push_back({&trios[i]->replayed(), {}});
      } else {
        const auto own = std::make_shared<Lane>(lane.gpu());
        steps_.back().beside.push_back({own, trios[i]->replayed_on(own), device::Event(lane.gpu())});
      }
    }
  }

  double median_us(int rounds) const {
    std::vector<double> times;
    for (int round = -kUntimed; round < rounds; ++round) {
      const double us = microseconds_of([this] {
        enqueue();
        stream_.wait();
      });
      if (round >= 0) {
        times.push_back(us);
      }
    }
    return quantile(times, 0.5);
  }

 private:
  struct Branch {
    std::shared_ptr<Lane> lane;
    std::unique_ptr<GraphSession> session;
    device::Event end;
  };
  struct Step {
    GraphSession* first;
    std::vector<Branch> beside;
  };

  void enqueue() const {
    for (const Step& step : steps_) {
      start_.record(stream_);
      step.first->enqueue();
      for (const Branch& branch : step.beside) {
        start_.hold(branch.lane->stream());
        branch.session->enqueue();
        branch.end.record(branch.lane->stream());
      }
      for (const Branch& branch : step.beside) {
        branch.end.hold(stream_);
      }
    }
  }

  const device::Stream& stream_;
  device::Event start_;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<InputSpec> fix_shapes(std::span<const Declared> declared, int size) {
  std::vector<InputSpec> specs;
  for (const Declared& input : declared) {
    InputSpec spec{input.name, input.shape, input.type};
    for (std::size_t i = 0; i < spec.shape.size(); ++i) {
      if (spec.shape[i] < 0) {
        spec.shape[i] = i == 0 ? 1 : size;
      }
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

std::vector<Candidate> choose_form(BenchModel& model, const BenchSettings& settings, const std::vector<Form>& forms) {
  const auto lane = std::make_shared<Lane>(device::cuda_gpu(settings.device_id));
  const auto maker = make_cuda_units(settings.execution);
  const ExecutionOptions options = with_graphs(settings.execution, GraphMode::kAuto);
  MeasuredForms measured = measure_forms(*maker, model.source, lane, model.inputs, options.graph, forms);
  if (const Candidate* fastest = fastest_of(measured.candidates)) {
    model.form = fastest->form;
  }
  return std::move(measured.candidates);
}

GraphTimes measure_model(const BenchModel& model, const BenchSettings& settings) {
  const auto lane = std::make_shared<Lane>(device::cuda_gpu(settings.device_id));
  Trio trio(model, settings, lane);
  GraphTimes times;
  times.report = trio.replayed().report();
  const bool captured = times.report.state == GraphState::kCaptured;
  std::vector<double> host;
  std::vector<double> bound;
  std::vector<double> replay;
  std::vector<double> enqueue;
  for (int round = -kUntimed; round < settings.rounds; ++round) {
    const double host_us = microseconds_of([&] { trio.host().run(); });
    const double bound_us = microseconds_of([&] {
      trio.bound().enqueue();
      trio.bound().wait();
    });
    double enqueue_us = 0;
    const double replay_us = !captured ? 0 : microseconds_of([&] {
      enqueue_us = microseconds_of([&] { trio.replayed().enqueue(); });
      trio.replayed().wait();
    });
    if (round >= 0) {
      host.push_back(host_us);
      bound.push_back(bound_us);
      replay.push_back(replay_us);
      enqueue.push_back(enqueue_us);
    }
  }
  times.host_us = quantile(host, 0.5);
  times.bound_us = quantile(bound, 0.5);
  times.replay_us = quantile(replay, 0.5);
  times.enqueue_us = quantile(enqueue, 0.5);
  return times;
}

ChainTimes measure_chain(std::span<const BenchModel> models, const BenchSettings& settings) {
  device::Gpu& gpu = device::cuda_gpu(settings.device_id);
  const auto lane = std::make_shared<Lane>(gpu);
  Trios trios;
  for (const BenchModel& model : models) {
    trios.push_back(std::make_unique<Trio>(model, settings, lane));
  }
  ChainTimes times;
  std::vector<double> host;
  std::vector<double> bound;
  std::vector<double> replay;
  std::vector<double> enqueue;
  for (int round = -kUntimed; round < settings.rounds; ++round) {
    const double host_us = microseconds_of([&] {
      for (const auto& trio : trios) {
        trio->host().run();
      }
    });
    const double bound_us = microseconds_of([&] {
      for (const auto& trio : trios) {
        trio->bound().enqueue();
      }
      lane->stream().wait();
    });
    if (round >= 0) {
      host.push_back(host_us);
      bound.push_back(bound_us);
    }
  }
  // Replays by themselves: runs of other sessions in between would cool the caches that a steady flow keeps warm.
  for (int round = -kUntimed; round < settings.rounds; ++round) {
    const std::int64_t allocations = gpu.counters.allocations;
    const std::int64_t waits = gpu.counters.waits;
    double enqueue_us = 0;
    std::int64_t waits_inside = 0;
    const double replay_us = microseconds_of([&] {
      enqueue_us = microseconds_of([&] {
        for (const auto& trio : trios) {
          trio->replayed().enqueue();
        }
      });
      waits_inside = gpu.counters.waits - waits;
      lane->stream().wait();
    });
    if (round >= 0) {
      replay.push_back(replay_us);
      enqueue.push_back(enqueue_us);
      times.allocations += gpu.counters.allocations - allocations;
      times.waits += waits_inside;
    }
  }
  if (std::any_of(models.begin(), models.end(), [](const BenchModel& model) { return model.beside; })) {
    times.beside_us = SideBySide(models, trios, *lane).median_us(settings.rounds);
  }
  times.host_us = quantile(host, 0.5);
  times.bound_us = quantile(bound, 0.5);
  times.bound_p99_us = quantile(bound, 0.99);
  times.replay_us = quantile(replay, 0.5);
  times.replay_p99_us = quantile(replay, 0.99);
  times.enqueue_us = quantile(enqueue, 0.5);
  return times;
}

}  // namespace facegraph::runtime
