// The container file being written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "media/ffmpeg.hpp"
#include "media/provenance/provenance.hpp"

namespace facegraph::media {

struct OutputDeleter {
  void operator()(AVFormatContext* context) const;
};
using OutputFormatPtr = std::unique_ptr<AVFormatContext, OutputDeleter>;

class Muxer {
 public:
  // The container follows the name's extension. name: the final file, for messages. Throws Error(kUsage) for an unknown
  // extension.
  Muxer(const std::filesystem::path& path, std::string name);

  bool wants_global_header() const;
  const AVOutputFormat& format() const { return *context_->oformat; }

  // Whether a header with the streams so far and this one can be written. Nothing is written to the file.
  bool accepts(const AVCodecContext& audio) const;

  int add_stream(const AVCodecContext& encoder);
  // For packets that are copied from a file with this extension.
  int add_stream(const AVStream& source);
  // To be called before begin(): the mark goes into the metadata, where the container keeps any, and an XMP packet into
  // MP4, QuickTime and GIF.
  void mark(const Provenance& provenance);
  void begin();
  // Takes the packet's content; its times are in encoder_time_base.
  void write(AVPacket& packet, int stream, AVRational encoder_time_base);
  // Writes what is buffered and the trailer, and closes the file.
  void finish();

 private:
  void append(const std::vector<std::byte>& bytes, std::int64_t place);
  [[noreturn]] void fail_to_write(int code) const;

  OutputFormatPtr context_;
  std::string name_;
  std::string format_;
  std::string xmp_;
  std::vector<std::int64_t> last_times_;  // decoding time of each stream's last packet
};

}  // namespace facegraph::media
