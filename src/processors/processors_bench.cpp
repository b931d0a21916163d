// Every registered processor with its default options on one 1920x1080 frame with a face of 512 pixels: time inside the
// models and around them. The models lie in FACEGRAPH_MODELS_PATH; with tiny ones the time around shows.
//   FACEGRAPH_MODELS_PATH=../shared/contract/models build/release/bench_processors
#include <chrono>
#include <cmath>
#include <numbers>

#include <benchmark/benchmark.h>

#include "analysers/masker/masker.hpp"
#include "core/base/error.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/threads.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {
namespace {

constexpr core::Size kFrame{1920, 1080};
constexpr double kFace = 512;

core::OptionValues defaults_with(const std::string& processor) {
  core::OptionValues values;
  for (const auto& table : {models::model_set_options(), analysers::masker_options(), processor_options()}) {
    for (const core::Option& option : table) {
      values.set(option.name, core::default_of(option, values));
    }
  }
  values.set("processors", std::vector<std::string>{processor});
  return values;
}

core::Image gradient(core::Size size) {
  core::Image image(size, 3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < 3 * size.width; ++x) {
      image.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>((x + 2 * y) / 16);
    }
  }
  return image;
}

core::Face face_in_the_middle(core::Size size, double side) {
  const double left = (size.width - side) / 2;
  const double top = (size.height - side) / 2;
  core::Face face;
  face.bounding_box = {left, top, left + side, top + side};
  for (int i = 0; i < 5; ++i) {
    const core::Point& point = ops::warp_template(ops::WarpTemplate::kFfhq512)[i];
    face.landmarks.five[i] = {left + side * point.x, top + side * point.y};
  }
  face.landmarks.five_of_68 = face.landmarks.five;
  for (int i = 0; i < 68; ++i) {
    const double angle = 2 * std::numbers::pi * i / 68;
    face.landmarks.sixty_eight[i] = {left + side * (0.5 + 0.4 * std::cos(angle)),
                                     top + side * (0.5 + 0.4 * std::sin(angle))};
  }
  face.landmarks.sixty_eight_of_5 = face.landmarks.sixty_eight;
  face.age = {30, 40};
  face.embedding.fill(0.5F);
  face.embedding_norm.fill(1 / std::sqrt(static_cast<float>(core::kEmbeddingSize)));
  return face;
}

double seconds_in_models(const runtime::InferencePool& pool) {
  double sum = 0;
  for (const runtime::ModelUse& use : pool.use()) {
    sum += use.cpu_seconds;
  }
  return sum;
}

void process(benchmark::State& state, const std::string& name) {
  ops::set_operator_threads(1);
  const models::Store store = models::Store::standard();
  runtime::ExecutionOptions execution;
  execution.threads_per_session = 1;
  runtime::InferencePool pool(execution);
  const core::Image target = gradient(kFrame);
  const FrameFacts facts{{face_in_the_middle(kFrame, kFace)}, target};
  Sources sources;
  sources.pictures.push_back({gradient({512, 512}), {face_in_the_middle({512, 512}, 300)}});
  try {
    const auto processor = std::move(make_processors(defaults_with(name)).front());
    const auto frame_processor = processor->open({pool, store}, sources);
    double wall = 0;
    const double before = seconds_in_models(pool);
    for (auto _ : state) {
      TempFrame temp{core::Image::copy_of(target), {}};
      const auto start = std::chrono::steady_clock::now();
      frame_processor->process_frame(facts, temp);
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      state.SetIterationTime(seconds);
      wall += seconds;
    }
    const double models = (seconds_in_models(pool) - before) / static_cast<double>(state.iterations());
    const double around = wall / static_cast<double>(state.iterations()) - models;
    state.counters["models_ms"] = 1e3 * models;
    state.counters["around_ms"] = 1e3 * around;
    state.counters["around_to_models"] = models > 0 ? around / models : 0;
  } catch (const core::Error& error) {
    state.SkipWithError(error.what());
  }
}

const bool kRegistered = [] {
  for (const std::string& name : processor_options().front().choices) {
    benchmark::RegisterBenchmark(name.c_str(), process, name)->UseManualTime()->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
}  // namespace facegraph::processors
