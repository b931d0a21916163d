// What a sequence parameter set of H.264 says of the order of its pictures.
#pragma once

#include <cstdint>
#include <span>

namespace facegraph::media {

// Whether a NAL unit with a set of whole frames (no fields) tells how many pictures are reordered
// (bitstream_restriction_flag). Where it does not, a decoder learns that on its way, and loses pictures as it does.
// False also where the set cannot be read.
bool tells_reordering(std::span<const std::uint8_t> sps);

}  // namespace facegraph::media
