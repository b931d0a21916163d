#include "media/encode/video_encoder.hpp"

extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "core/base/error.hpp"
#include "media/media.hpp"

namespace facegraph::media {
namespace {

constexpr Rational kFineClock{90000, 1};
constexpr Rational kGifClock{100, 1};
constexpr int kMaxThreads = 16;
constexpr const char* kGif = "gif";

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Rational clock_of(const VideoSettings& settings, const std::string& format) {
  if (settings.constant_rate || !keeps_frame_times(format)) {
    return settings.frame_rate;
  }
  return format == kGif ? kGifClock : kFineClock;
}

// spec application.md 4.10 with these corrections: libx264rgb and rawvideo get the channel order that they and the
// container can carry, VP9 carries alpha only when there is any, Quick Sync gets 4:2:0 as it takes it.
AVPixelFormat pixel_format_of(const std::string& encoder, const std::string& format, bool alpha) {
  if (format == kGif) {
    return AV_PIX_FMT_BGR24;
  }
  if (encoder == "libx264rgb") {
    return AV_PIX_FMT_BGR24;
  }
  if (encoder == "rawvideo") {
    return format == "avi" ? AV_PIX_FMT_BGR24 : AV_PIX_FMT_RGB24;
  }
  if (encoder.ends_with("_qsv")) {
    return AV_PIX_FMT_NV12;
  }
  return encoder == "libvpx-vp9" && alpha ? AV_PIX_FMT_YUVA420P : AV_PIX_FMT_YUV420P;
}

bool is_yuv(AVPixelFormat format) {
  return format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_YUVA420P || format == AV_PIX_FMT_NV12;
}

bool is_hardware(const std::string& encoder) {
  return encoder.ends_with("_nvenc") || encoder.ends_with("_amf") || encoder.ends_with("_qsv") ||
         encoder.ends_with("_videotoolbox");
}

const AVCodec& find_encoder(const std::string& name) {
  const AVCodec* codec = avcodec_find_encoder_by_name(name.c_str());
  if (codec == nullptr) {
    core::fail(core::ErrorCode::kUsage, "video encoder {} is not in the linked FFmpeg; choose one of {}", name,
               fmt::join(available_video_encoders(), ", "));
  }
  return *codec;
}

void set_colour_tags(AVCodecContext& context) {
  const bool yuv = is_yuv(context.pix_fmt);
  context.color_range = yuv ? AVCOL_RANGE_MPEG : AVCOL_RANGE_JPEG;
  context.colorspace = yuv ? AVCOL_SPC_BT709 : AVCOL_SPC_RGB;
  context.color_primaries = AVCOL_PRI_BT709;
  context.color_trc = AVCOL_TRC_BT709;
}

// Players of Apple's want hvc1; FFmpeg leaves HEVC in AVI without a tag, and then nobody can read it.
std::uint32_t codec_tag_of(const std::string& encoder, const std::string& format) {
  if (!is_one_of(encoder, {"libx265", "hevc_nvenc", "hevc_amf", "hevc_qsv", "hevc_videotoolbox"})) {
    return 0;
  }
  if (is_one_of(format, {"m4v", "mov", "mp4"})) {
    return MKTAG('h', 'v', 'c', '1');
  }
  return format == "avi" ? MKTAG('H', 'E', 'V', 'C') : 0;
}

void set_options(AVCodecContext& context, Dictionary& options, const std::string& encoder,
                 const VideoSettings& settings) {
  for (const auto& [key, value] : video_encoder_options(encoder, settings.preset, settings.quality)) {
    if (key == "qp" && av_opt_find(context.priv_data, "qp", nullptr, 0, 0) == nullptr) {
      // Quick Sync takes its fixed quantiser as global quality.
      context.flags |= AV_CODEC_FLAG_QSCALE;
      context.global_quality = FF_QP2LAMBDA * std::stoi(value);
    } else {
      options.set(key, value);
    }
  }
  if (encoder == "libx265") {
    options.set("x265-params", "log-level=error");  // it has a log of its own, on stderr
  }
  if (encoder == "libvpx-vp9") {
    options.set("row-mt", "1");
  }
}

std::unique_ptr<Encoder> open_encoder(const VideoSettings& settings, const std::string& format, bool global_header,
                                      EncoderClock& clock) {
  const std::string name = format == kGif ? kGif : settings.encoder;
  CodecPtr context(avcodec_alloc_context3(&find_encoder(name)));
  if (!context) {
    core::fail(core::ErrorCode::kOutOfMemory, "encoder {}: no memory", name);
  }
  const Rational clock_rate = clock_of(settings, format);
  context->width = settings.size.width;
  context->height = settings.size.height;
  context->pix_fmt = format == kGif ? AV_PIX_FMT_PAL8 : pixel_format_of(name, format, settings.alpha);
  context->time_base = av_inv_q(to_av(clock_rate));
  context->framerate = to_av(settings.frame_rate);
  context->thread_count = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads);
  context->flags |= global_header ? AV_CODEC_FLAG_GLOBAL_HEADER : 0;
  context->codec_tag = codec_tag_of(name, format);
  if (format == "mpeg" || format == "mxf") {
    context->max_b_frames = 0;  // times of reordered frames do not come back from these
  }
  set_colour_tags(*context);
  Dictionary options;
  set_options(*context, options, name, settings);
  try {
    return std::make_unique<Encoder>(std::move(context), options, &clock);
  } catch (const core::Error& error) {
    if (!is_hardware(name) || error.code() != core::ErrorCode::kFailed) {
      throw;
    }
    std::vector<std::string> others = available_video_encoders();
    std::erase_if(others, is_hardware);
    core::fail(core::ErrorCode::kFailed, "{}; is there hardware for it, and its driver? Encoders that need none: {}",
               error.what(), fmt::join(others, ", "));
  }
}

Scaler::Output scaler_output(const VideoSettings& settings, const std::string& format) {
  const AVPixelFormat pixel_format = pixel_format_of(settings.encoder, format, settings.alpha);
  return {pixel_format, settings.size, is_yuv(pixel_format) ? AVCOL_SPC_BT709 : AVCOL_SPC_UNSPECIFIED,
          settings.rounded_colours};
}

// One palette per frame: best colours in constant memory (a palette for the whole film would need all frames first).
std::string palette_filter(const AVFrame& frame, AVRational time_base) {
  return buffer_source(frame, time_base) +
         ",split[a][b];[a]palettegen=stats_mode=single:reserve_transparent=0[p];[b][p]paletteuse=new=1,buffersink@out";
}

}  // namespace

void check_hardware(const VideoSettings& settings) {
  const std::string format = format_of(settings.path);
  VideoSettings used = settings;
  used.encoder = substitute_video_encoder(format, settings.encoder);
  if (format != kGif && is_hardware(used.encoder)) {
    route_ffmpeg_log();
    EncoderClock clock;
    open_encoder(used, format, false, clock);
  }
}

bool takes_i420(const VideoSettings& settings) {
  const std::string format = format_of(settings.path);
  const std::string encoder = substitute_video_encoder(format, settings.encoder);
  return !settings.rounded_colours && settings.size.width % 2 == 0 && settings.size.height % 2 == 0 &&
         pixel_format_of(encoder, format, settings.alpha) == AV_PIX_FMT_YUV420P;
}

bool keeps_frame_times(const std::string& format) {
  return is_one_of(format, {"gif", "m4v", "mkv", "mov", "mp4", "webm"});
}

VideoEncoder::VideoEncoder(const VideoSettings& settings, const std::string& format, bool global_header)
    : constant_rate_(settings.constant_rate || !keeps_frame_times(format)),
      usual_step_(settings.frame_duration > 0 ? settings.frame_duration : 1 / settings.frame_rate.value()),
      timer_(clock_of(settings, format), constant_rate_),
      scaler_(scaler_output(settings, format)),
      encoder_(open_encoder(settings, format, global_header, clock_)) {
  if (format == kGif) {
    palette_ = std::make_unique<FilterGraph>(
        palette_filter(*make_picture(AV_PIX_FMT_BGR24, settings.size.width, settings.size.height),
                       encoder_->context().time_base),
        false);
  }
}

void VideoEncoder::write(core::ConstImageView frame, double time) {
  emit(timer_.next(time));
  // The same frame again unless the encoder still holds it: its memory need not be mapped anew.
  if (pending_ && av_frame_is_writable(pending_.get()) > 0) {
    scaler_.scale(*pending_, *as_frame(frame));
  } else {
    pending_ = scaler_.scale(*as_frame(frame));
  }
  const AVCodecContext& context = encoder_->context();
  pending_->color_range = context.color_range;
  pending_->colorspace = context.colorspace;
  pending_->color_primaries = context.color_primaries;
  pending_->color_trc = context.color_trc;
}

void VideoEncoder::emit(FrameTimer::Span span) {
  const std::int64_t step = constant_rate_ ? 1 : span.count;
  for (std::int64_t tick = span.start; tick < span.start + span.count; tick += step) {
    pending_->pts = tick;
    pending_->pkt_duration = step;
    encode(pending_.get());
  }
}

void VideoEncoder::encode(const AVFrame* frame) {
  if (!palette_) {
    encoder_->encode(frame);
    return;
  }
  palette_->push(frame);
  while (const FramePtr coloured = palette_->pull()) {
    encoder_->encode(coloured.get());
  }
  if (frame == nullptr) {
    encoder_->encode(nullptr);
  }
}

void VideoEncoder::finish(std::optional<double> end) {
  emit(end ? timer_.next(*end) : timer_.last(usual_step_));
  clock_.sample();
  encode(nullptr);
  clock_.sample();
}

}  // namespace facegraph::media
