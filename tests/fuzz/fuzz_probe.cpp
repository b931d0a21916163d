// The container probe and the first frames, from memory: core::Error or sensible values, whatever the bytes are.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "media/decode/frame_converter.hpp"
#include "media/decode/video_decoder.hpp"
#include "media/probe/input.hpp"

namespace {

namespace media = facegraph::media;

constexpr int kBuffer = 4096;
constexpr int kFrames = 4;
constexpr std::int64_t kMaxPixels = 1 << 20;
constexpr std::int64_t kProbeBytes = 1 << 16;
constexpr std::int64_t kProbeTime = 1000000;

struct Memory {
  const std::uint8_t* data;
  std::int64_t size;
  std::int64_t position = 0;
};

int read_memory(void* opaque, std::uint8_t* buffer, int wanted) {
  auto& memory = *static_cast<Memory*>(opaque);
  const auto count = static_cast<int>(std::min<std::int64_t>(wanted, memory.size - memory.position));
  if (count <= 0) {
    return AVERROR_EOF;
  }
  std::memcpy(buffer, memory.data + memory.position, static_cast<std::size_t>(count));
  memory.position += count;
  return count;
}

std::int64_t seek_memory(void* opaque, std::int64_t offset, int whence) {
  auto& memory = *static_cast<Memory*>(opaque);
  if (whence == AVSEEK_SIZE) {
    return memory.size;
  }
  const std::int64_t base = whence == SEEK_CUR ? memory.position : whence == SEEK_END ? memory.size : 0;
  if (base + offset < 0) {
    return AVERROR(EINVAL);
  }
  memory.position = std::min(base + offset, memory.size);
  return memory.position;
}

struct IoDeleter {
  void operator()(AVIOContext* io) const {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};

void probe_and_decode(AVIOContext* io) {
  media::InputFormatPtr format(avformat_alloc_context());
  format->pb = io;
  format->probesize = kProbeBytes;
  format->max_analyze_duration = kProbeTime;
  media::Input input = media::open_input(std::move(format), "", "fuzz");
  const media::VideoInfo info = media::describe(input, "fuzz");
  if (info.size.width <= 0 || info.size.height <= 0 || info.frame_total <= 0 || !(info.frame_rate.value() > 0)) {
    std::abort();
  }
  if (std::int64_t{info.size.width} * info.size.height > kMaxPixels) {
    return;
  }
  media::VideoDecoder decoder(std::move(input), "fuzz", 1);
  media::FrameConverter converter(decoder.stream());
  for (int i = 0; i < kFrames; ++i) {
    AVFrame* frame = decoder.next();
    if (frame == nullptr || std::int64_t{frame->width} * frame->height > kMaxPixels) {
      return;
    }
    if (!(converter.convert(*frame).size() == info.size)) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  media::route_ffmpeg_log();
  Memory memory{data, static_cast<std::int64_t>(size)};
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBuffer));
  const std::unique_ptr<AVIOContext, IoDeleter> io(
      avio_alloc_context(buffer, kBuffer, 0, &memory, read_memory, nullptr, seek_memory));
  try {
    probe_and_decode(io.get());
  } catch (const facegraph::core::Error&) {
  }
  return 0;
}
