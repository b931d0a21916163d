#include "media/ffmpeg.hpp"

extern "C" {
#include <libavutil/log.h>
}

#include <array>
#include <cstdarg>
#include <mutex>

#include "core/base/error.hpp"
#include "core/base/log.hpp"

namespace facegraph::media {
namespace {

constexpr int kLogLine = 1024;

void log_callback(void* context, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR || core::log_level() < core::LogLevel::kDebug) {
    return;
  }
  thread_local int print_prefix = 1;
  thread_local std::string line;
  std::array<char, kLogLine> part{};
  av_log_format_line2(context, level, format, arguments, part.data(), kLogLine, &print_prefix);
  line += part.data();
  if (print_prefix != 0) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
      line.pop_back();
    }
    core::log_debug("media", "{}", line);
    line.clear();
  }
}

template <typename T>
T* checked(T* pointer) {
  if (pointer == nullptr) {
    core::fail(core::ErrorCode::kOutOfMemory, "media: no memory for a frame or packet");
  }
  return pointer;
}

}  // namespace

std::string Dictionary::unused() const {
  const AVDictionaryEntry* entry = av_dict_get(entries_, "", nullptr, AV_DICT_IGNORE_SUFFIX);
  return entry == nullptr ? std::string() : entry->key;
}

PacketPtr make_packet() {
  return PacketPtr(checked(av_packet_alloc()));
}

FramePtr make_frame() {
  return FramePtr(checked(av_frame_alloc()));
}

FramePtr make_picture(AVPixelFormat format, int width, int height) {
  FramePtr frame = make_frame();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  check(av_frame_get_buffer(frame.get(), 0), "media: frame buffer");
  return frame;
}

std::string error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

void check(int code, std::string_view what) {
  if (code < 0) {
    core::fail(code == AVERROR(ENOMEM) ? core::ErrorCode::kOutOfMemory : core::ErrorCode::kFailed, "{}: {}", what,
               error_text(code));
  }
}

void route_ffmpeg_log() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(log_callback); });
}

std::string url_of(const std::filesystem::path& path) {
  return "file:" + path.string();
}

}  // namespace facegraph::media
