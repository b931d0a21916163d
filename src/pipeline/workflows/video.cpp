#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "media/decode/frame_source.hpp"
#include "media/media.hpp"
#include "media/provenance/read_provenance.hpp"
#include "pipeline/flow/ordered_flow.hpp"
#include "pipeline/workflows/content_gate.hpp"
#include "pipeline/workflows/disk_strategy.hpp"
#include "pipeline/workflows/face_window.hpp"
#include "pipeline/workflows/open_lane.hpp"
#include "pipeline/workflows/rate_reducer.hpp"
#include "pipeline/workflows/reference.hpp"
#include "pipeline/workflows/resolution.hpp"
#include "pipeline/workflows/segment_folder.hpp"
#include "pipeline/workflows/target_frame.hpp"
#include "pipeline/workflows/video_frames.hpp"
#include "pipeline/workflows/video_output.hpp"
#include "pipeline/workflows/video_settings.hpp"
#include "pipeline/workflows/work_time.hpp"
#include "pipeline/workflows/workflows.hpp"

namespace facegraph::pipeline {

namespace {

double runtime_cpu_seconds(const Engine& engine) {
  double sum = 0;
  for (const runtime::ModelUse& use : engine.pool().use()) {
    sum += use.cpu_seconds;
  }
  return sum;
}

// Two of x264's usual distances between key frames: a film cut there has hardly more of them.
constexpr std::int64_t kSegmentFrames = 500;

std::optional<SegmentFolder> open_segments(const RunOptions& options, std::int64_t frame_total) {
  // GIF has one palette per frame and no packets that could be joined.
  if (options.resume_folder.empty() || frame_total <= kSegmentFrames ||
      media::format_of(options.result_path) == "gif") {
    return std::nullopt;
  }
  return SegmentFolder(options.resume_folder, options.result_path.extension().string());
}

class VideoRun {
 public:
  VideoRun(const Engine& engine, const RunOptions& options, const FindSources& find_sources,
           const core::StopToken& stop, core::Progress& progress)
      : engine_(engine),
        options_(options),
        find_sources_(find_sources),
        stop_(stop),
        progress_(progress),
        info_(media::probe_video(options.target_path)),
        range_(frame_range(options, info_)),
        frame_total_(range_.end.value_or(info_.frame_total) - range_.start),
        reading_(range_),
        settings_(video_settings(options, info_)),
        temp_size_(temp_resolution(info_.size, settings_.size)),
        tracks_(engine.needs().target_faces && engine.tracker().score > 0),
        frames_({given_, reference_, origin_, files_, temp_size_, options.temp_alpha, i420_size()}) {
    media::check_hardware(settings_);
    settings_.rounded_colours = on_disk();
    settings_.alpha = engine.makes_alpha() && (on_disk() ? options.temp_frame_format != "jpeg" : options.temp_alpha);
    std::optional<SegmentFolder> segments = open_segments(options, frame_total_);
    if (segments && segments->point()) {
      go_on_from(*segments->point());
    }
    const SoundOf sound = [this](double first_time) { return sound_from(first_time); };
    const MarkOf mark = [this, target = media::read_provenance(options.target_path)] {
      return engine_.provenance(target);
    };
    output_ = !options.encodes ? no_video()
              : segments       ? segmented_video(settings_, sound, mark, *std::move(segments), kSegmentFrames,
                                                 [this] { return origin_.value_or(0); })
                               : whole_video(settings_, sound, mark);
  }

  RunReport run() {
    warn_of_dropped_streams(options_, info_);
    prepare();
    report_.lanes = lane_count();
    const double runtime_before = runtime_cpu_seconds(engine_);
    const double cpu_before = process_cpu_seconds();
    const auto wall_before = std::chrono::steady_clock::now();
    flow();
    report_.flow_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_before).count();
    report_.flow_cpu_seconds = process_cpu_seconds() - cpu_before;
    report_.runtime_cpu_seconds = runtime_cpu_seconds(engine_) - runtime_before;
    if (room_) {
      report_.lane_reports = room_->lanes();
      report_.lanes = static_cast<int>(report_.lane_reports.size());
    }
    report_.extract_seconds = extracting_.seconds();
    report_.analyse_seconds = frames_.analysing_seconds();
    report_.process_seconds = frames_.processing_seconds();
    report_.models = engine_.pool().use();
    report_.graphs = engine_.pool().graph_reports();
    return report_;
  }

 private:
  template <typename Out>
  using Results = std::future<std::vector<Out>>;
  template <typename Out>
  using OnLane = std::function<Results<Out>(std::vector<TargetFrame>)>;
  using Analysis = OrderedStage<TargetFrame, TargetFrame, Results<TargetFrame>>;
  using Processing = OrderedStage<TargetFrame, Processed, Results<Processed>>;

  // What an earlier run has finished is not read again, but for the neighbours that the tracker needs.
  void go_on_from(const SegmentFolder::Point& point) {
    complete_ = point.complete;
    origin_ = point.origin;
    if (!complete_) {
      reading_.start = point.next_frame;
      core::log_info("video", "goes on with frame {}: what an earlier run finished is kept", point.next_frame);
    }
  }

  // Everything that frames are compared with, and the gate's verdict. Of what a full GPU holds the lanes go first.
  void prepare() {
    try {
      find_given(opens_lanes_early());
    } catch (const core::Error& error) {
      if (!processing_ || error.code() != core::ErrorCode::kOutOfMemory) {
        throw;
      }
      core::log_warn("video", "lanes are opened after the content gate: {}", error.what());
      close_lanes();
      find_given(false);
    }
  }

  // The lanes' threads load their models while this one works; no frame is decoded for them before next() is called.
  void find_given(bool with_lanes) {
    std::packaged_task<GivenSources()> search(find_sources_);
    given_.sources = search.get_future().share();
    if (with_lanes) {
      open_lanes();
    }
    search();
    given_.sources.get();  // or what it threw
    gate();
    reference_ = find_reference(engine_, options_, info_);
    given_.reference_faces = reference_.faces;
    if (!complete_) {
      find_voice_of_sources();
    }
  }

  // On the CPU the strategy strict never has the models of gate and lanes in memory together.
  bool opens_lanes_early() const {
    const bool on_gpu = engine_.decoding_gpu() != nullptr;
    return !complete_ && (on_gpu || options_.memory_strategy != MemoryStrategy::kStrict);
  }

  void gate() {
    const auto start = std::chrono::steady_clock::now();
    gate_video(engine_, options_.target_path, info_, range_, options_.hardware_decoding, stop_, progress_);
    report_.verdict = std::chrono::steady_clock::now();
    report_.gate_seconds = std::chrono::duration<double>(report_.verdict - start).count();
    if (options_.memory_strategy == MemoryStrategy::kStrict) {
      engine_.pool().release("content_analyser");
    }
  }

  void flow() {
    if (!complete_ && on_disk()) {
      process_on_disk();
    } else if (!complete_) {
      process_frames();
    }
    if (!output_->finish()) {
      core::fail(core::ErrorCode::kFailed, "no frames to process: {} gives none in the trim range",
                 options_.target_path.string());
    }
    report_.encoder_cpu_seconds = output_->encoder_seconds();
    progress_.end();
    report_.unchanged = frames_.unchanged().count();
    frames_.unchanged().sum_up(report_.frames);
  }

  // Of frames that the encoder takes as a GPU makes them; none: it wants BGR.
  core::Size i420_size() const {
    return !on_disk() && !options_.temp_alpha && media::takes_i420(settings_) ? settings_.size : core::Size{};
  }

  bool on_disk() const { return options_.workflow_strategy == WorkflowStrategy::kDisk; }

  void process_on_disk() {
    files_.emplace(options_.temp_path, options_.target_path, options_.temp_frame_format);
    const DiskStrategy disk(*files_, lane_count(), stop_, progress_);
    disk.extract(reduced(decoded_frames(reading_)), temp_size_, frame_total_ - (reading_.start - range_.start));
    process_frames();
    disk.merge(processed_, *output_);
    files_.reset();
  }

  // The voice's windows begin as the frames of the lower of both rates do.
  void find_voice_of_sources() {
    const double frame_rate = std::min(settings_.frame_rate.value(), info_.frame_rate.value());
    given_.voice = find_voice(engine_, options_, frame_rate, stop_, progress_);
    if (options_.memory_strategy == MemoryStrategy::kStrict) {
      engine_.pool().release("voice_extractor");
    }
  }

  void process_frames() {
    progress_.begin("processing", frame_total_);
    progress_.advance(reading_.start - range_.start);
    if (!processing_) {
      open_lanes();
    }
    while (const auto frame = processing_->next()) {
      write(*frame);
    }
    close_lanes();
  }

  void close_lanes() {
    processing_.reset();
    analysis_.reset();
  }

  // Only the tracker needs the faces of other frames: without it a lane finds and processes those of one frame.
  void open_lanes() {
    FramePull frames = tracks_ ? tracked_frames() : decoded_frames(reading_);
    frames = [this, next = std::move(frames)] {
      auto frame = next();
      if (frame && !origin_) {
        origin_ = frame->time;
      }
      return frame;
    };
    const auto process = [this](Lane& lane, std::vector<TargetFrame> group) {
      return frames_.process(lane, std::move(group));
    };
    processing_.emplace(window(), stop_, reduced(std::move(frames)),
                        lanes<Processed>(tracks_ ? LaneWork::kProcess : LaneWork::kAll, process),
                        engine_.frames_at_once());
  }

  // The frames that are left at the output's rate.
  FramePull reduced(FramePull frames) const {
    if (!settings_.constant_rate || settings_.frame_rate.value() >= info_.frame_rate.value()) {
      return frames;
    }
    return [reducer = std::make_shared<RateReducer>(std::move(frames), settings_.frame_rate.value(), origin_)] {
      return reducer->read();
    };
  }

  std::int64_t runs_per_frame() const { return engine_.runs_per_frame(temp_size_); }
  int lane_count() const {
    return engine_.lane_count(frame_total_ - (reading_.start - range_.start), runs_per_frame());
  }
  int window() const { return 2 * lane_count() * static_cast<int>(engine_.frames_at_once()) + 2; }

  // Where frames are decoded on a GPU, so many of them lie there at once.
  media::HardwareDecoding hardware_decoding() const {
    if (!options_.hardware_decoding || on_disk()) {
      return {};
    }
    const int stages = tracks_ ? 2 : 1;
    return {engine_.decoding_gpu(), stages * window() + (tracks_ ? options_.target_frame_amount : 0) + 1};
  }

  // Opens the target when the first one is asked for.
  FramePull decoded_frames(const media::FrameRange& range) {
    return [this, range, source = std::shared_ptr<media::FrameSource>()]() mutable {
      return extracting_.of([&]() -> std::optional<TargetFrame> {
        if (!source) {
          source = media::open_video(options_.target_path, range, hardware_decoding());
        }
        auto frame = source->read();
        return frame ? std::optional(TargetFrame{*std::move(frame)}) : std::nullopt;
      });
    };
  }

  // Lanes of their own find the faces, of the neighbours outside of the trim range too; then the tracker follows them.
  FramePull tracked_frames() {
    const int amount = options_.target_frame_amount;
    media::FrameRange wider = reading_;
    wider.start = std::max<std::int64_t>(reading_.start - amount, 0);
    if (wider.end) {
      *wider.end += amount;
    }
    const auto analyse = [this](Lane& lane, std::vector<TargetFrame> group) {
      frames_.find_faces(lane, group);
      std::promise<std::vector<TargetFrame>> found;
      found.set_value(std::move(group));
      return found.get_future();
    };
    analysis_.emplace(window(), stop_, decoded_frames(wider), lanes<TargetFrame>(LaneWork::kAnalyse, analyse),
                      engine_.frames_at_once());
    const auto next = [this] { return analysis_->next(); };
    return [this, frames = std::make_shared<FaceWindow>(next, amount, engine_.tracker().score)] {
      auto frame = frames->read();
      while (frame && frame->number < reading_.start) {
        frame = frames->read();
      }
      return frame && range_.end && frame->number >= *range_.end ? std::nullopt : std::move(frame);
    };
  }

  // work(lane, frames) on as many lanes as the engine has.
  template <typename Out, typename Work>
  std::vector<std::function<OnLane<Out>()>> lanes(LaneWork kind, Work work) {
    const auto left = std::make_shared<std::atomic<int>>(lane_count());
    room_ = std::make_shared<LaneRoom>(engine_.lane_settings(kind, runs_per_frame()));
    std::vector<std::function<OnLane<Out>()>> result;
    for (int number = 0; number < lane_count(); ++number) {
      result.emplace_back([this, kind, work, left, room = room_, number]() -> OnLane<Out> {
        std::shared_ptr<Lane> lane;
        const std::int64_t runs = frame_total_ * runs_per_frame() / lane_count();
        const auto open = [&] {
          lane = open_lane(engine_, given_, number, kind, runs, *left);
          return lane != nullptr;
        };
        if (!room->open(number, open)) {
          return {};
        }
        return [work, lane, room, number](std::vector<TargetFrame> frames) {
          room->count_frames(number, static_cast<std::int64_t>(frames.size()));
          return work(*lane, std::move(frames));
        };
      });
    }
    return result;
  }

  void write(const Processed& frame) {
    if (report_.frames == 0) {
      report_.first_frame = std::chrono::steady_clock::now();
    }
    if (files_) {
      processed_.push_back({frame.number, frame.time});
    } else {
      output_->write(frame.frame, frame.number, frame.time);
    }
    ++report_.frames;
    progress_.advance();
  }

  std::optional<media::AudioSettings> sound_from(double first_time) const {
    const std::optional<double> end =
        range_.end
            ? std::optional(first_time + static_cast<double>(*range_.end - range_.start) / info_.frame_rate.value())
            : std::nullopt;
    return audio_settings(options_, info_, first_time, end);
  }

  const Engine& engine_;
  const RunOptions& options_;
  const FindSources& find_sources_;
  const core::StopToken& stop_;
  core::Progress& progress_;
  const media::VideoInfo info_;
  const media::FrameRange range_;
  const std::int64_t frame_total_;
  media::FrameRange reading_;  // what is left of the range
  bool complete_ = false;      // nothing is left of it
  media::VideoSettings settings_;
  const core::Size temp_size_;
  const bool tracks_;
  Given given_;
  Reference reference_;
  std::optional<double> origin_;  // time of the first frame read
  std::unique_ptr<VideoOutput> output_;
  std::optional<TempFrames> files_;   // strategy disk
  std::vector<FileFrame> processed_;  // those whose files are edited
  std::shared_ptr<LaneRoom> room_;    // of the last stage
  VideoFrames frames_;
  WorkTime extracting_;
  RunReport report_;
  std::optional<Analysis> analysis_;      // of the tracker
  std::optional<Processing> processing_;  // its lanes use all of the above
};

}  // namespace

RunReport run_video(const Engine& engine, const RunOptions& options, const FindSources& find_sources,
                    const core::StopToken& stop, core::Progress& progress) {
  return VideoRun(engine, options, find_sources, stop, progress).run();
}

}  // namespace facegraph::pipeline
