#include <algorithm>
#include <atomic>
#include <chrono>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "media/decode/frame_source.hpp"
#include "media/encode/frame_sink.hpp"
#include "ops/geometry/warp.hpp"
#include "pipeline/flow/ordered_flow.hpp"
#include "pipeline/workflows/content_gate.hpp"
#include "pipeline/workflows/rate_reducer.hpp"
#include "pipeline/workflows/resolution.hpp"
#include "pipeline/workflows/video_settings.hpp"
#include "pipeline/workflows/work_time.hpp"
#include "pipeline/workflows/workflows.hpp"

namespace facegraph::pipeline {

namespace {

struct Processed {
  core::Image frame;  // three or four channels
  double time = 0;
};

double runtime_cpu_seconds(const Engine& engine) {
  double sum = 0;
  for (const runtime::ModelUse& use : engine.pool().use()) {
    sum += use.cpu_seconds;
  }
  return sum;
}

// The reference frame's faces, and the number of that frame: its faces need not be found again.
struct Reference {
  std::int64_t number = -1;
  core::Faces faces;
};

Reference find_reference(const Engine& engine, const RunOptions& options, const media::VideoInfo& info) {
  if (!engine.needs().target_faces || engine.selector().mode != analysers::SelectorMode::kReference) {
    return {};
  }
  engine.pool().expect_runs(1);
  const std::int64_t number = std::clamp<std::int64_t>(engine.selector().reference_frame_number, 0,
                                                       std::max<std::int64_t>(info.frame_total - 1, 0));
  const core::Image frame = media::read_video_frame(options.target_path, number);
  return {number,
          analysers::FaceAnalyser(engine.context(), engine.face_analyser(), engine.target_facts()).analyse(frame)};
}

// A lane, or null where a GPU's memory is full and another lane is there: what fits works on. The last one takes the
// memory of models that nobody uses first. left: lanes that are there or on their way.
std::shared_ptr<Lane> open_lane(const Engine& engine, const Given& given, int number, std::atomic<int>& left) {
  try {
    return std::make_shared<Lane>(engine, given, number);
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kOutOfMemory) {
      throw;
    }
    if (left.fetch_sub(1) > 1) {
      core::log_warn("video", "one lane less: {}", error.what());
      return nullptr;
    }
    engine.pool().release_idle();
    return std::make_shared<Lane>(engine, given, number);
  }
}

core::Image resized(core::ConstImageView frame, core::Size size) {
  core::Image out(size, frame.channels);
  ops::resize(out, frame);
  return out;
}

}  // namespace

RunReport run_video(const Engine& engine, const RunOptions& options, Given& given, const core::StopToken& stop,
                    core::Progress& progress) {
  const media::VideoInfo info = media::probe_video(options.target_path);
  const media::FrameRange range = frame_range(options, info);
  warn_of_dropped_streams(options, info);
  gate_video(engine, options.target_path, info, range, stop, progress);
  if (options.memory_strategy == MemoryStrategy::kStrict) {
    engine.pool().release("content_analyser");
  }
  const Reference reference = find_reference(engine, options, info);
  given.reference_faces = reference.faces;

  media::VideoSettings settings = video_settings(options, info);
  const core::Size temp_size = temp_resolution(info.size, settings.size);
  const bool fewer_frames = settings.constant_rate && settings.frame_rate.value() < info.frame_rate.value();
  std::unique_ptr<media::FrameSource> source = media::open_video(options.target_path, range);
  if (fewer_frames) {
    source = std::make_unique<RateReducer>(std::move(source), settings.frame_rate.value());
  }

  WorkTime extracting;
  WorkTime analysing;
  WorkTime processing;
  const bool needs_target = engine.needs().target_frame;
  const auto lane_work = [&](Lane& lane, media::SourceFrame frame) {
    try {
      const core::Faces faces =
          analysing.of([&] { return frame.number == reference.number ? reference.faces : lane.analyse(frame.image); });
      const core::ConstImageView untouched = needs_target ? core::ConstImageView(frame.image) : core::ConstImageView();
      const Lane::Target target{faces, frame.image.size(), untouched};
      const bool keep = needs_target || target.size != temp_size;
      processors::TempFrame temp{keep ? resized(frame.image, temp_size) : std::move(frame.image), {}};
      return processing.of([&] {
        lane.process(target, temp);
        return Processed{join_alpha(std::move(temp)), frame.time};
      });
    } catch (const core::Error& error) {
      throw core::Error(error.code(), fmt::format("frame {}: {}", frame.number, error.what()));
    }
  };
  using Flow = OrderedFlow<media::SourceFrame, Processed>;
  const std::int64_t frame_total = range.end.value_or(info.frame_total) - range.start;
  engine.pool().expect_runs(frame_total / engine.lane_count());
  std::atomic<int> left = engine.lane_count();
  std::vector<std::function<Flow::Lane()>> lanes;
  for (int number = 0; number < engine.lane_count(); ++number) {
    lanes.emplace_back([&, number]() -> Flow::Lane {
      auto lane = open_lane(engine, given, number, left);
      if (!lane) {
        return {};
      }
      return [&, lane](media::SourceFrame frame) { return lane_work(*lane, std::move(frame)); };
    });
  }

  RunReport report;
  report.lanes = engine.lane_count();
  progress.begin("processing", frame_total);
  std::unique_ptr<media::FrameSink> sink;
  double first_time = 0;
  const double runtime_before = runtime_cpu_seconds(engine);
  const double cpu_before = process_cpu_seconds();
  const auto wall_before = std::chrono::steady_clock::now();
  Flow(2 * engine.lane_count() + 2, stop)
      .run([&] { return extracting.of([&] { return source->read(); }); }, lanes,
           [&](Processed frame) {
             if (!sink) {
               first_time = frame.time;
               const std::optional<double> end =
                   range.end ? std::optional(first_time +
                                             static_cast<double>(*range.end - range.start) / info.frame_rate.value())
                             : std::nullopt;
               settings.audio = audio_settings(options, info, first_time, end);
               settings.alpha = frame.frame.channels() == 4;
               sink = media::create_video(settings);
             }
             sink->write(frame.frame, frame.time - first_time);
             ++report.frames;
             progress.advance();
           });
  if (!sink) {
    core::fail(core::ErrorCode::kFailed, "no frames to process: {} gives none in the trim range",
               options.target_path.string());
  }
  sink->finish();
  report.encoder_cpu_seconds = sink->encoder_seconds();
  progress.end();
  report.flow_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_before).count();
  report.flow_cpu_seconds = process_cpu_seconds() - cpu_before;
  report.runtime_cpu_seconds = runtime_cpu_seconds(engine) - runtime_before;
  report.extract_seconds = extracting.seconds();
  report.analyse_seconds = analysing.seconds();
  report.process_seconds = processing.seconds();
  report.models = engine.pool().use();
  report.graphs = engine.pool().graph_reports();
  return report;
}

}  // namespace facegraph::pipeline
