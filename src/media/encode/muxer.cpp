#include "media/encode/muxer.hpp"

#include <algorithm>
#include <utility>

#include "core/base/error.hpp"
#include "media/media.hpp"
#include "media/provenance/xmp_embed.hpp"

namespace facegraph::media {
namespace {

bool is_quicktime(const std::string& format) {
  return format == "m4v" || format == "mov" || format == "mp4";
}

OutputFormatPtr make_context(const std::filesystem::path& path, const std::string& name) {
  route_ffmpeg_log();
  AVFormatContext* context = nullptr;
  if (avformat_alloc_output_context2(&context, nullptr, nullptr, url_of(path).c_str()) < 0 || context == nullptr) {
    core::fail(core::ErrorCode::kUsage,
               "{}: FFmpeg knows no video container for this extension; choose avi, gif, m4v, mkv, mov, mp4, mpeg, "
               "mxf, webm or wmv",
               name);
  }
  return OutputFormatPtr(context);
}

AVStream& new_stream(AVFormatContext& context) {
  AVStream* stream = avformat_new_stream(&context, nullptr);
  if (stream == nullptr) {
    core::fail(core::ErrorCode::kOutOfMemory, "media: no memory for a stream");
  }
  return *stream;
}

int new_stream(AVFormatContext& context, const AVCodecContext& encoder) {
  AVStream& stream = new_stream(context);
  check(avcodec_parameters_from_context(stream.codecpar, &encoder), "media: stream parameters");
  stream.time_base = encoder.time_base;
  if (encoder.codec_type == AVMEDIA_TYPE_VIDEO) {
    stream.avg_frame_rate = encoder.framerate;
    stream.r_frame_rate = encoder.framerate;
  }
  return stream.index;
}

int new_stream(AVFormatContext& context, const AVStream& source) {
  AVStream& stream = new_stream(context);
  check(avcodec_parameters_copy(stream.codecpar, source.codecpar), "media: stream parameters");
  stream.time_base = source.time_base;
  stream.avg_frame_rate = source.avg_frame_rate;
  stream.r_frame_rate = source.r_frame_rate;
  stream.sample_aspect_ratio = source.sample_aspect_ratio;
  // Matroska says here that packets carry alpha beside the picture.
  if (const AVDictionaryEntry* alpha = av_dict_get(source.metadata, "alpha_mode", nullptr, 0)) {
    check(av_dict_set(&stream.metadata, alpha->key, alpha->value, 0), "media: stream metadata");
  }
  return stream.index;
}

}  // namespace

void OutputDeleter::operator()(AVFormatContext* context) const {
  if (context->pb != nullptr && (context->flags & AVFMT_FLAG_CUSTOM_IO) == 0) {
    avio_closep(&context->pb);
  }
  avformat_free_context(context);
}

Muxer::Muxer(const std::filesystem::path& path, std::string name)
    : context_(make_context(path, name)), name_(std::move(name)), format_(format_of(path)) {}

bool Muxer::wants_global_header() const {
  return (context_->oformat->flags & AVFMT_GLOBALHEADER) != 0;
}

bool Muxer::accepts(const AVCodecContext& audio) const {
  const OutputFormatPtr trial = make_context(context_->url + std::string("file:").size(), name_);
  trial->flags |= AVFMT_FLAG_CUSTOM_IO;
  if (avio_open_dyn_buf(&trial->pb) < 0) {
    return false;
  }
  for (unsigned i = 0; i < context_->nb_streams; ++i) {
    new_stream(*trial, *context_->streams[i]);
  }
  new_stream(*trial, audio);
  const bool accepted = avformat_write_header(trial.get(), nullptr) >= 0;
  std::uint8_t* bytes = nullptr;
  avio_close_dyn_buf(trial->pb, &bytes);
  trial->pb = nullptr;
  av_free(bytes);
  return accepted;
}

int Muxer::add_stream(const AVCodecContext& encoder) {
  last_times_.push_back(kNoTime);
  return new_stream(*context_, encoder);
}

int Muxer::add_stream(const AVStream& source) {
  last_times_.push_back(kNoTime);
  return new_stream(*context_, source);
}

void Muxer::mark(const Provenance& provenance) {
  xmp_ = xmp_packet(provenance);
  // MXF keeps what users add under names that begin so.
  const char* key = format_ == "mxf" ? "comment_provenance" : "comment";
  check(av_dict_set(&context_->metadata, key, provenance_comment(provenance).c_str(), 0), name_);
}

void Muxer::begin() {
  int result = avio_open(&context_->pb, context_->url, AVIO_FLAG_WRITE);
  if (result < 0) {
    fail_to_write(result);
  }
  Dictionary options;
  if (is_quicktime(format_)) {
    options.set("movflags", "+faststart");
  }
  result = avformat_write_header(context_.get(), options.get());
  if (result < 0) {
    fail_to_write(result);
  }
}

void Muxer::write(AVPacket& packet, int stream, AVRational encoder_time_base) {
  // FLAC ends with an empty packet that corrects the header; only these containers can use it.
  if (packet.size == 0 && !is_quicktime(format_) && format_ != "mkv") {
    return;
  }
  packet.stream_index = stream;
  av_packet_rescale_ts(&packet, encoder_time_base, context_->streams[stream]->time_base);
  // Two times that are one tick of a coarse container clock: later by a tick, as ffmpeg does it.
  std::int64_t& last = last_times_[static_cast<std::size_t>(stream)];
  if (packet.dts != kNoTime && last != kNoTime && packet.dts <= last) {
    packet.dts = last + 1;
    packet.pts = std::max(packet.pts, packet.dts);
  }
  last = packet.dts;
  const int result = av_interleaved_write_frame(context_.get(), &packet);
  if (result < 0) {
    fail_to_write(result);
  }
}

void Muxer::finish() {
  int result = av_write_trailer(context_.get());
  const std::int64_t size = avio_size(context_->pb);
  if (is_quicktime(format_)) {
    append(xmp_box(xmp_), size);
  } else if (format_ == "gif") {
    append(xmp_gif_end(xmp_), size - 1);
  }
  const int closed = avio_closep(&context_->pb);
  result = result < 0 ? result : closed;
  if (result < 0) {
    fail_to_write(result);
  }
}

void Muxer::append(const std::vector<std::byte>& bytes, std::int64_t place) {
  avio_seek(context_->pb, place, SEEK_SET);
  avio_write(context_->pb, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
}

void Muxer::fail_to_write(int code) const {
  core::fail(code == AVERROR(ENOMEM) ? core::ErrorCode::kOutOfMemory : core::ErrorCode::kFailed,
             "{}: cannot be written: {}", name_, error_text(code));
}

}  // namespace facegraph::media
