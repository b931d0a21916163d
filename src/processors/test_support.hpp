// A processor for benches: what a frame costs in the model and around it. Its models are those of
// FACEGRAPH_MODELS_PATH, else the stand-ins of the reference data.
#pragma once

#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include <time.h>

#include "analysers/masker/masker.hpp"
#include "models/catalogue/model_set.hpp"
#include "processors/face_test_support.hpp"
#include "processors/processor.hpp"
#include "support/npz.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {

class ProcessorBench {
 public:
  // given: option values beside the defaults.
  ProcessorBench(const std::string& processor, std::map<std::string, std::vector<std::string>> given) {
    given["processors"] = {processor};
    const auto values =
        test::values_of({models::model_set_options(), analysers::masker_options(), processor_options()}, given);
    frames_ = make_processors(values).front()->open({pool_, store_}, sources());
    TempFrame first = frame({256, 256});
    const FrameFacts facts{{face_in(64, 64, 128)}, first.frame};
    frames_->process_frame(facts, first);  // the first run is not like the others: it makes the box masks
    model_before_ = model_seconds();
  }

  // A frame with something in it.
  static TempFrame frame(core::Size size) {
    TempFrame temp{core::Image(size, 3), {}};
    for (int y = 0; y < size.height; ++y) {
      auto* row = temp.frame.row<std::uint8_t>(y);
      for (int i = 0; i < 3 * size.width; ++i) {
        row[i] = static_cast<std::uint8_t>((i * 7 + y * 13) ^ (i * y >> 7));
      }
    }
    return temp;
  }

  // CPU time of this thread, in seconds.
  struct Run {
    TempFrame result;
    double in_model = 0;
    double around = 0;
  };
  Run process(TempFrame temp, const FrameFacts& facts = {}) {
    const double model_before = model_seconds();
    const double before = seconds();
    frames_->process_frame(facts, temp);
    const double total = seconds() - before;
    const double in_model = model_seconds() - model_before;
    total_ += total;
    return {std::move(temp), in_model, total - in_model};
  }

  // Into the counters of a benchmark::State: milliseconds of one frame in the model and around it, and their ratio.
  template <typename State>
  void count(State& state) const {
    const double in_model = model_seconds() - model_before_;
    const double around = total_ - in_model;
    state.counters["model_ms"] = 1000 * in_model / static_cast<double>(state.iterations());
    state.counters["around_ms"] = 1000 * around / static_cast<double>(state.iterations());
    state.counters["around_of_model"] = in_model > 0 ? around / in_model : 0;
  }

  // A face of 512 pixels, upright, in a frame of that size: 1920x1080.
  static constexpr core::Size kFrameWithFace{1920, 1080};
  static FrameFacts one_face() { return {{face_in(700, 280, 512)}}; }
  static Sources sources() {
    Sources sources;
    sources.pictures.push_back({frame({512, 512}).frame.take_image(), {face_in(106, 106, 300)}});
    return sources;
  }
  static std::string models_folder() {
    const char* given = std::getenv(kFolder);
    return given != nullptr ? given : (test::shared_folder().value_or("shared") / "contract/models").string();
  }

 private:
  static core::Face face_in(double left, double top, double side) {
    core::Face face = face_in_square(ops::WarpTemplate::kFfhq512, left, top, side);
    for (int i = 0; i < 68; ++i) {
      const double angle = 2 * std::numbers::pi * i / 68;
      face.landmarks.sixty_eight[i] = {left + side * (0.5 + 0.4 * std::cos(angle)),
                                       top + side * (0.5 + 0.4 * std::sin(angle))};
    }
    face.landmarks.sixty_eight_of_5 = face.landmarks.sixty_eight;
    face.embedding.fill(0.5F);
    face.embedding_norm.fill(1 / std::sqrt(static_cast<float>(core::kEmbeddingSize)));
    return face;
  }
  static constexpr const char* kFolder = "FACEGRAPH_MODELS_PATH";
  static double seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }
  double model_seconds() const {
    double sum = 0;
    for (const runtime::ModelUse& use : pool_.use()) {
      sum += use.cpu_seconds;
    }
    return sum;
  }

  test::ScopedVariable folder_{kFolder, models_folder()};
  models::Store store_ = models::Store::standard();
  runtime::InferencePool pool_{runtime::ExecutionOptions{.threads_per_session = 1}};
  std::unique_ptr<FrameProcessor> frames_;
  double model_before_ = 0;
  double total_ = 0;
};

}  // namespace facegraph::processors
