// A file's packets to decoded frames, in presentation order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "media/decode/packet_decoder.hpp"
#include "media/decode/packet_groups.hpp"
#include "media/ffmpeg.hpp"
#include "media/probe/input.hpp"

namespace facegraph::media {

class VideoDecoder {
 public:
  // Throws Error(kFailed): not readable, no video stream, no decoder.
  explicit VideoDecoder(const std::filesystem::path& path);
  VideoDecoder(Input input, std::string name, int threads);
  VideoDecoder(Input input, std::string name, CodecPtr decoder);  // of the input's video stream

  // The next frame, valid until the next call; null at the end of its packets, after everything was drained: that of
  // the file, or of the group that packets().split() ends.
  AVFrame* next();
  // To the keyframe at or before this time stamp of the stream. False: the file cannot seek there; the position is then
  // undefined. Frames that need pictures from before the keyframe come too, flagged AV_FRAME_FLAG_CORRUPT, until
  // settle() is called.
  bool seek(std::int64_t timestamp);
  void settle() { decoder_.give_incomplete(false); }

  Input& input() { return packets_.input(); }
  const AVStream& stream() const { return packets_.stream(); }
  const std::string& name() const { return packets_.name(); }
  PacketGroups& packets() { return packets_; }
  // For what is behind its packets; next() is not called any more.
  CodecPtr take_decoder() { return decoder_.take(); }
  // Why the stream may be incomplete; empty when nothing was found wrong. bad_packets: that other decoders passed over.
  std::string damage(std::int64_t bad_packets = 0) const;
  // Presentation time of the first packet after seek(); kNoTime before it was read.
  std::int64_t first_packet_time() const { return first_packet_time_; }

 private:
  bool read(AVPacket& packet);

  PacketGroups packets_;
  PacketDecoder decoder_;
  bool got_packet_ = false;
  std::int64_t first_packet_time_ = kNoTime;
};

}  // namespace facegraph::media
