// Where decoding has to start so that frame N comes out exactly as in a run from the beginning.
#pragma once

#include <cstdint>
#include <optional>

#include "media/probe/input.hpp"

namespace facegraph::media {

struct SeekPoint {
  std::int64_t keyframe_time = 0;  // presentation time of the keyframe to start from
  std::int64_t frame_time = 0;     // of frame N
  std::int64_t first_time = 0;     // of frame 0; all in the stream's time base
};

// Whether each packet is one picture, not a field or several, with its presentation time: known to hold for some codecs
// in MP4, MOV and Matroska. Of the input's video stream.
bool packets_are_frames(const Input& input);

// Reads packets (no decoding) up to frame N and a reorder window beyond. None: decode from the start; for codecs and
// containers where packets and frames may not correspond one to one, for streams without time stamps, and when frame N
// lies in the first group of pictures. Leaves the file somewhere.
std::optional<SeekPoint> find_seek_point(Input& input, const std::string& name, std::int64_t number);

}  // namespace facegraph::media
