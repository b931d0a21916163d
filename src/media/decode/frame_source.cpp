#include "media/decode/frame_source.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "device/gpu/capture_gate.hpp"
#include "media/decode/frame_converter.hpp"
#include "media/decode/gpu_decoding.hpp"
#include "media/decode/group_decoders.hpp"
#include "media/decode/seek_point.hpp"
#include "media/decode/video_decoder.hpp"

namespace facegraph::media {
namespace {

class VideoSource final : public FrameSource {
 public:
  VideoSource(const std::filesystem::path& path, const FrameRange& range, const HardwareDecoding& hardware)
      : path_(path), range_(range), hardware_(hardware) {
    if (range_.start > 0) {
      Input input = open_input(path_);
      if (input.video != nullptr) {
        seek_ = find_seek_point(input, path_.string(), range_.start);
      }
    }
    begin();
  }

  ~VideoSource() override {
    groups_.reset();
    if (gpu_) {  // it gives memory back, and others may capture
      const device::AllocationScope scope;
      decoder_.reset();
    }
  }
  VideoSource(const VideoSource&) = delete;
  VideoSource& operator=(const VideoSource&) = delete;

  std::optional<SourceFrame> read() override {
    std::optional<Decoded> frame;
    do {
      if (range_.end && std::max(next_number_, range_.start) >= *range_.end) {
        return std::nullopt;
      }
      frame = next_of_range();
      if (!frame) {
        report_end();
        return std::nullopt;
      }
      ++frames_out_;
    } while ((next_number_ - 1) % range_.every != 0);
    SourceFrame out;
    out.number = next_number_ - 1;
    out.time = last_time_;
    std::visit([&](auto& decoded) { convert(decoded, out); }, *frame);
    return out;
  }

 private:
  // By the one decoder, valid until its next frame, or by one of several.
  using Decoded = std::variant<const AVFrame*, GroupFrame>;

  void begin() {
    open();
    if (seek_ && !decoder_->seek(seek_->keyframe_time)) {
      restart();
    }
  }

  void open() {
    decoder_.reset();
    open_on_gpu();
    if (!decoder_) {
      decoder_ = std::make_unique<VideoDecoder>(path_);
    }
    converter_ = std::make_unique<FrameConverter>(decoder_->stream());
    const AVRational rate = decoder_->stream().avg_frame_rate;
    usual_step_ = rate.num > 0 && rate.den > 0 ? 1 / av_q2d(rate) : kDefaultStep;
  }

  void open_on_gpu() {
    if (hardware_.gpu == nullptr) {
      return;
    }
    Input input = open_input(path_);
    if (input.video == nullptr) {
      return;
    }
    try {
      gpu_ = std::make_unique<GpuDecoding>(*hardware_.gpu, *input.video, hardware_.pictures);
      CodecPtr decoder = gpu_->open_decoder(path_.string());
      decoder_ = std::make_unique<VideoDecoder>(std::move(input), path_.string(), std::move(decoder));
    } catch (const core::Error& error) {
      leave_gpu(error.what());
    }
  }

  void leave_gpu(std::string_view reason) {
    tell(fmt::format("the CPU decodes: {}", reason));
    decoder_.reset();
    gpu_.reset();
    hardware_.gpu = nullptr;
  }

  // Who samples a file is followed by one who reads all of it.
  void tell(const std::string& who) const {
    const core::LogLevel level = range_.every == 1 ? core::LogLevel::kInfo : core::LogLevel::kDebug;
    core::log(level, "media", "{}: {}", path_.string(), who);
  }

  // The next frame of the file, wherever it lies.
  AVFrame* decode() {
    if (!gpu_) {
      return decoder_->next();
    }
    hardware_.gpu->bind_thread();
    AVFrame* frame = next_on_gpu();
    if (gpu_proven_) {
      return frame;
    }
    if (frame == nullptr || !gpu_->holds(*frame)) {
      leave_gpu("NVDEC refuses this stream, or its library libnvcuvid is missing");
      begin();
      return decoder_->next();
    }
    gpu_proven_ = true;
    tell(fmt::format("GPU {} decodes", hardware_.gpu->info().id));
    return frame;
  }

  // FFmpeg and NVDEC allocate as they like.
  AVFrame* next_on_gpu() {
    const device::AllocationScope scope;
    return decoder_->next();
  }

  void convert(const AVFrame* frame, SourceFrame& out) {
    if (!gpu_ || !gpu_->holds(*frame)) {
      out.image = converter_->convert(*frame);
      return;
    }
    out.on_gpu = gpu_->convert(*frame);
    if (out.on_gpu.empty()) {
      out.image = converter_->convert(*gpu_->to_host(*frame));
    }
  }

  void convert(GroupFrame& frame, SourceFrame& out) {
    out.on_gpu = std::move(frame.on_gpu);
    if (out.on_gpu.empty()) {
      out.image = converter_->convert(*frame.on_host);
    }
  }

  // Gives up seeking: decodes from the start.
  void restart() {
    seek_.reset();
    open();
  }

  std::optional<Decoded> next_of_range() {
    if (!behind_first_group_) {
      if (const AVFrame* frame = next_in_range()) {
        split_stream();
        return frame;
      }
      behind_first_group_ = groups_.has_value();
      if (groups_) {
        groups_->add(decoder_->take_decoder());
      }
    }
    std::optional<GroupFrame> frame = groups_ ? groups_->next() : std::nullopt;
    if (!frame) {
      return std::nullopt;
    }
    count(frame->timestamp);
    return frame;
  }

  // What is behind the first group, which one decoder gives, is for several: once that has shown that the GPU decodes,
  // and the range's start was found. Who samples has more use for the GPU's memory.
  void split_stream() {
    if (!gpu_ || ahead_ || range_.every != 1) {
      return;
    }
    const AVCodecParameters& told = *decoder_->stream().codecpar;
    ahead_ = GroupDecoders::ahead_on(*hardware_.gpu, {told.width, told.height});
    if (range_.end) {
      ahead_ = static_cast<int>(std::clamp<std::int64_t>(*range_.end - next_number_, 0, *ahead_));
    }
    if (*ahead_ == 0) {
      return;
    }
    decoder_->packets().split();
    if (decoder_->packets().more()) {
      decode_ahead();
    }
  }

  // Behind the first group, at once; its decoder joins in when it is done. Pictures are made now, and not while frames
  // flow; where they find no room, that one decodes alone.
  void decode_ahead() {
    std::vector<CodecPtr> decoders;
    try {
      gpu_->reserve(*ahead_);
      while (decoders.size() + 1 < GroupDecoders::kDecoders) {
        decoders.push_back(gpu_->open_decoder(path_.string()));
      }
    } catch (const core::Error& error) {
      if (error.code() != core::ErrorCode::kOutOfMemory) {
        throw;
      }
      ahead_ = 0;
    }
    groups_.emplace(*hardware_.gpu, *gpu_, decoder_->packets(), *ahead_);
    for (CodecPtr& decoder : decoders) {
      groups_->add(std::move(decoder));
    }
  }

  AVFrame* next_in_range() {
    if (seek_) {
      if (AVFrame* frame = first_after_seek()) {
        return frame;
      }
      restart();
    }
    while (AVFrame* frame = decode()) {
      count(frame->best_effort_timestamp);
      if (next_number_ > range_.start) {
        return frame;
      }
    }
    return nullptr;
  }

  // The frame that was looked for, if decoding from the keyframe gives exactly that one; else null.
  AVFrame* first_after_seek() {
    const SeekPoint point = *seek_;
    bool intact = false;
    while (AVFrame* frame = decode()) {
      const std::int64_t time = frame->best_effort_timestamp;
      if (time == kNoTime || time > point.frame_time || decoder_->first_packet_time() > point.keyframe_time) {
        return nullptr;
      }
      // H.264 with periodic intra refresh marks predicted pictures as places to start, which they are only some frames
      // later.
      intact = intact || (time == point.keyframe_time && frame->pict_type == AV_PICTURE_TYPE_I);
      if (time == point.frame_time) {
        if (!intact || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
          return nullptr;
        }
        seek_.reset();
        decoder_->settle();
        first_timestamp_ = point.first_time;
        next_number_ = range_.start;
        count(time);
        return frame;
      }
    }
    return nullptr;
  }

  void count(std::int64_t timestamp) {
    if (next_number_ == 0) {
      first_timestamp_ = timestamp;
    }
    double time = last_time_ + usual_step_;
    if (timestamp != kNoTime && first_timestamp_ != kNoTime) {
      const double told = static_cast<double>(timestamp - first_timestamp_) * av_q2d(decoder_->stream().time_base);
      // Damaged or missing stamps: times still grow.
      time = told > last_time_ || next_number_ == 0 ? told : time;
    }
    last_time_ = next_number_ == 0 ? 0 : time;
    ++next_number_;
  }

  void report_end() {
    if (reported_) {
      return;
    }
    reported_ = true;
    const std::string damage = decoder_->damage(groups_ ? groups_->bad_packets() : 0);
    if (frames_out_ == 0 && range_.start == 0 && (!range_.end || *range_.end > 0)) {
      core::fail(core::ErrorCode::kFailed, "{}: no frame could be decoded{}", path_.string(),
                 damage.empty() ? "" : ": " + damage);
    }
    if (!damage.empty() && range_.every == 1) {
      core::log_warn("media", "{}: {}; the video ends after frame {}", path_.string(), damage, next_number_ - 1);
    }
  }

  static constexpr double kDefaultStep = 0.04;

  std::filesystem::path path_;
  FrameRange range_;
  HardwareDecoding hardware_;
  bool gpu_proven_ = false;  // its first frame was seen
  std::optional<SeekPoint> seek_;
  std::unique_ptr<GpuDecoding> gpu_;  // outlives its decoder
  std::unique_ptr<VideoDecoder> decoder_;
  std::unique_ptr<FrameConverter> converter_;
  std::optional<int> ahead_;  // pictures that several decoders may make before they are read; 0: too few
  std::optional<GroupDecoders> groups_;
  bool behind_first_group_ = false;
  double usual_step_ = kDefaultStep;
  std::int64_t next_number_ = 0;
  std::int64_t first_timestamp_ = kNoTime;
  double last_time_ = 0;
  std::int64_t frames_out_ = 0;
  bool reported_ = false;
};

core::Image last_frame(const std::filesystem::path& path) {
  VideoDecoder decoder(path);
  FrameConverter converter(decoder.stream());
  FramePtr last;
  while (AVFrame* frame = decoder.next()) {
    last.reset(av_frame_clone(frame));
  }
  if (!last) {
    core::fail(core::ErrorCode::kFailed, "{}: no frame could be decoded", path.string());
  }
  return converter.convert(*last);
}

}  // namespace

std::unique_ptr<FrameSource> open_video(const std::filesystem::path& path, const FrameRange& range,
                                        const HardwareDecoding& hardware) {
  FrameRange used = range;
  used.start = std::max<std::int64_t>(range.start, 0);
  return std::make_unique<VideoSource>(path, used, hardware);
}

core::Image read_video_frame(const std::filesystem::path& path, std::int64_t number) {
  const std::int64_t start = std::max<std::int64_t>(number, 0);
  if (auto frame = open_video(path, {start, start + 1})->read()) {
    return std::move(frame->image);
  }
  return last_frame(path);
}

}  // namespace facegraph::media
