// An opened media file: its container and the streams that we use.
#pragma once

#include <filesystem>
#include <functional>

#include "media/ffmpeg.hpp"

namespace facegraph::media {

struct Input {
  IoPtr io;  // what the format reads from; outlives it
  InputFormatPtr format;
  AVStream* video = nullptr;  // the first one that is no cover picture; none: nullptr
  AVStream* audio = nullptr;  // the first one; none: nullptr
};

// Opens a file and reads its stream facts. Only local files and an explicit list of containers: no playlists, no
// network. Throws Error(kFailed), one line: missing, a folder, empty, not a media file.
Input open_input(const std::filesystem::path& path);
// The same over a context that already has its I/O (for bytes in memory); takes it over. name is for messages.
Input open_input(InputFormatPtr format, const std::string& url, const std::string& name);

// The next packet; negative, FFmpeg's error, where the file ends, breaks off or is damaged. Throws Error(kFailed) when
// the system cannot read it: demuxers take that for the end.
int read_packet(AVFormatContext& format, AVPacket& packet, const std::string& name);

// Open decoder for a stream. Threads: 0 means as many as cores. Throws Error(kFailed) when FFmpeg has none.
CodecPtr open_decoder(const AVStream& stream, int threads, const std::string& name);
// Of that decoder, with what set_up() sets.
CodecPtr open_decoder(const AVStream& stream, const AVCodec& codec, const std::string& name,
                      const std::function<void(AVCodecContext&)>& set_up);

// Reads only packets of this stream; the others are thrown away by the demuxer.
void read_only(AVFormatContext& format, const AVStream& stream);

// Clockwise turn in degrees that brings a decoded frame upright: 0, 90, 180, 270 (others are taken as 0).
int rotation_of(const AVStream& stream);
// Facts of an opened file. Throws Error(kFailed): no video stream, no frames.
VideoInfo describe(Input& input, const std::string& name);

// Time of the stream's first frame, in seconds of the file's clock; 0 when unknown.
double start_of(const AVStream& stream);

}  // namespace facegraph::media
