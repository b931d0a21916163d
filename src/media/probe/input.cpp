#include "media/probe/input.hpp"

extern "C" {
#include <libavutil/display.h>
}

#include <cmath>
#include <cstring>
#include <system_error>
#include <type_traits>

#include "core/base/error.hpp"

namespace facegraph::media {
namespace {

constexpr const char* kDemuxers =
    "aac,aiff,apng,asf,avi,dv,flac,flv,gif,h264,hevc,ivf,m4v,matroska,mov,mp3,mp4,mpeg,mpegts,mpegvideo,mxf,obu,ogg,rm,"
    "wav,"
    "w64,webm,yuv4mpegpipe";

void check_readable(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    core::fail(core::ErrorCode::kFailed, "{}: no such file", path.string());
  }
  if (!std::filesystem::is_regular_file(status)) {
    core::fail(core::ErrorCode::kFailed, "{}: is not a file", path.string());
  }
  if (std::filesystem::file_size(path, error) == 0 && !error) {
    core::fail(core::ErrorCode::kFailed, "{}: is empty", path.string());
  }
}

// Some demuxers store whatever number the file holds; a value outside its enumeration must not be read as one.
template <typename Enum>
void sanitise(Enum& value, Enum count, Enum unknown) {
  std::underlying_type_t<Enum> number = 0;
  std::memcpy(&number, &value, sizeof(number));
  if (number >= static_cast<std::underlying_type_t<Enum>>(count)) {
    value = unknown;
  }
}

void sanitise(AVCodecParameters& parameters) {
  sanitise(parameters.color_range, AVCOL_RANGE_NB, AVCOL_RANGE_UNSPECIFIED);
  sanitise(parameters.color_space, AVCOL_SPC_NB, AVCOL_SPC_UNSPECIFIED);
  sanitise(parameters.color_trc, AVCOL_TRC_NB, AVCOL_TRC_UNSPECIFIED);
  sanitise(parameters.color_primaries, AVCOL_PRI_NB, AVCOL_PRI_UNSPECIFIED);
  sanitise(parameters.chroma_location, AVCHROMA_LOC_NB, AVCHROMA_LOC_UNSPECIFIED);
}

void find_streams(Input& input) {
  for (unsigned i = 0; i < input.format->nb_streams; ++i) {
    AVStream* stream = input.format->streams[i];
    sanitise(*stream->codecpar);
    const AVMediaType type = stream->codecpar->codec_type;
    if (type == AVMEDIA_TYPE_VIDEO && input.video == nullptr &&
        (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0) {
      input.video = stream;
    } else if (type == AVMEDIA_TYPE_AUDIO && input.audio == nullptr) {
      input.audio = stream;
    }
  }
}

void check_read(const AVIOContext* io, const std::string& name) {
  if (io != nullptr && io->error < 0 && io->error != AVERROR_EOF) {
    core::fail(core::ErrorCode::kFailed, "{}: cannot be read: {}", name, error_text(io->error));
  }
}

}  // namespace

Input open_input(InputFormatPtr format, const std::string& url, const std::string& name) {
  route_ffmpeg_log();
  AVFormatContext* context = format.release();
  const AVIOContext* io = context->pb;
  Dictionary options;
  options.set("format_whitelist", kDemuxers);
  options.set("protocol_whitelist", "file");
  // Frees the context when it fails.
  const int opened = avformat_open_input(&context, url.c_str(), nullptr, options.get());
  if (opened < 0) {
    check_read(io, name);
    core::fail(opened == AVERROR(ENOMEM) ? core::ErrorCode::kOutOfMemory : core::ErrorCode::kFailed,
               "{}: cannot be read as video or sound ({}): it is of another kind, damaged or cut off", name,
               error_text(opened));
  }
  Input input;
  input.format.reset(context);
  check(avformat_find_stream_info(context, nullptr), name);
  check_read(context->pb, name);
  find_streams(input);
  return input;
}

Input open_input(const std::filesystem::path& path) {
  check_readable(path);
  InputFormatPtr format(avformat_alloc_context());
  if (!format) {
    core::fail(core::ErrorCode::kOutOfMemory, "{}: no memory", path.string());
  }
  AVIOContext* opened = nullptr;
  const int result = avio_open(&opened, url_of(path).c_str(), AVIO_FLAG_READ);
  if (result < 0) {
    core::fail(core::ErrorCode::kFailed, "{}: cannot be read: {}", path.string(), error_text(result));
  }
  IoPtr io(opened);
  format->pb = opened;
  Input input = open_input(std::move(format), url_of(path), path.string());
  input.io = std::move(io);
  return input;
}

int read_packet(AVFormatContext& format, AVPacket& packet, const std::string& name) {
  const int result = av_read_frame(&format, &packet);
  check_read(format.pb, name);
  return result;
}

CodecPtr open_decoder(const AVStream& stream, int threads, const std::string& name) {
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (codec == nullptr) {
    core::fail(core::ErrorCode::kFailed, "{}: the linked FFmpeg has no decoder for {}", name,
               avcodec_get_name(stream.codecpar->codec_id));
  }
  return open_decoder(stream, *codec, name, [threads](AVCodecContext& context) {
    context.thread_count = threads;
    context.thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
  });
}

CodecPtr open_decoder(const AVStream& stream, const AVCodec& codec, const std::string& name,
                      const std::function<void(AVCodecContext&)>& set_up) {
  CodecPtr context(avcodec_alloc_context3(&codec));
  if (!context) {
    core::fail(core::ErrorCode::kOutOfMemory, "{}: no memory for the decoder", name);
  }
  check(avcodec_parameters_to_context(context.get(), stream.codecpar), name);
  context->pkt_timebase = stream.time_base;
  set_up(*context);
  check(avcodec_open2(context.get(), &codec, nullptr), name);
  return context;
}

void read_only(AVFormatContext& format, const AVStream& stream) {
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    format.streams[i]->discard = format.streams[i] == &stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

int rotation_of(const AVStream& stream) {
  const std::uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
  if (data == nullptr) {
    return 0;
  }
  const double counterclockwise = av_display_rotation_get(reinterpret_cast<const std::int32_t*>(data));
  if (std::isnan(counterclockwise)) {
    return 0;
  }
  const int clockwise = static_cast<int>(std::lround(-counterclockwise));
  const int turn = ((clockwise % 360) + 360) % 360;
  return turn % 90 == 0 ? turn : 0;
}

double start_of(const AVStream& stream) {
  return stream.start_time == kNoTime ? 0 : static_cast<double>(stream.start_time) * av_q2d(stream.time_base);
}

}  // namespace facegraph::media
