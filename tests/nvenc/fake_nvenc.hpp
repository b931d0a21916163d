// A libnvidia-encode that knows H.264 and hands its frames to x264: what it was told can be looked at.
#pragma once

#include <cstdint>
#include <vector>

namespace facegraph::test {

struct NvencSeen {
  int sessions = 0;        // open
  int target_quality = 0;  // 0..51
  bool is_planar = false;  // frames came as three planes, not as NV12
  std::vector<std::int64_t> times;
  std::vector<std::uint8_t> first_frame;  // rows without gaps: Y, U, V
};
NvencSeen& nvenc_seen();

}  // namespace facegraph::test
