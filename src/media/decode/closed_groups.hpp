// Where a stream can be decoded from without anything that came before, and gives the frames that it would have given
// then.
//
// Found in H.264 and HEVC in MP4, MOV and Matroska, whose packets are pictures with lengths before their NAL units: at
// IDR pictures that are presented after all that came before. Not at recovery points, CRA and BLA pictures (open
// groups, periodic intra refresh), whose followers may refer to what came before; not in VP9 and AV1, where a packet
// may show a picture of an earlier one.
//
// What leaves a doubt ends the search for good: H.264 that does not tell how its pictures are reordered, or has fields;
// parameter sets that not every group repeats, or that change; a time that is missing, there twice, before its group's
// first, or that of decoding where pictures are reordered; a group of more than kMostPackets or kMostBytes.
//
// A decoder that changes groups runs empty first, so groups of less than kFewestPackets are put together.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "media/probe/input.hpp"

namespace facegraph::media {

class ClosedGroups {
 public:
  static constexpr std::size_t kFewestPackets = 8;
  static constexpr std::size_t kMostPackets = 1000;
  static constexpr std::int64_t kMostBytes = std::int64_t{64} << 20U;

  explicit ClosedGroups(const Input& input);  // of its video stream

  // To be told of every packet, in order, from the one that decoding starts with. Whether a group begins with it; the
  // first one does not count.
  bool begin_with(const AVPacket& packet);
  bool over() const { return over_; }  // none begins any more

 private:
  struct Units;  // what a packet holds

  bool read(std::span<const std::uint8_t> data, Units& units) const;
  bool begin_with(const Units& units, std::int64_t time);
  bool tells_time(const AVPacket& packet) const;
  bool grows_too_large(const AVPacket& packet);

  bool h264_ = false;
  bool reorders_ = false;
  std::size_t length_bytes_ = 0;  // before a NAL unit
  bool over_ = true;
  bool started_ = false;
  std::vector<std::uint8_t> sets_;  // parameter sets of the first packet: those of each group
  std::int64_t newest_ = 0;         // time of all packets
  std::int64_t first_ = 0;          // of the group
  std::set<std::int64_t> times_;    // of the group's packets
  std::int64_t bytes_ = 0;          // of the group
};

}  // namespace facegraph::media
