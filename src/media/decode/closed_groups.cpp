#include "media/decode/closed_groups.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "media/decode/h264_sps.hpp"
#include "media/decode/seek_point.hpp"

namespace facegraph::media {
namespace {

enum class UnitKind { kReset, kPicture, kParameters, kOther };

UnitKind kind_of_h264(std::span<const std::uint8_t> unit) {
  switch (unit[0] & 0x1F) {
    case 5:
      return UnitKind::kReset;
    case 1:
    case 2:
    case 3:
    case 4:
      return UnitKind::kPicture;
    case 7:
    case 8:
    case 13:
    case 15:
      return UnitKind::kParameters;
    default:
      return UnitKind::kOther;
  }
}

UnitKind kind_of_hevc(std::span<const std::uint8_t> unit) {
  constexpr int kIdrWithLeading = 19;
  constexpr int kIdr = 20;
  constexpr int kPictures = 32;    // types below
  constexpr int kParameters = 35;  // types below
  const int type = unit[0] >> 1 & 0x3F;
  if (type >= kPictures) {
    return type < kParameters ? UnitKind::kParameters : UnitKind::kOther;
  }
  const bool base_layer = (unit[0] & 1) == 0 && unit[1] >> 3 == 0;
  if (!base_layer) {
    return UnitKind::kOther;  // which is not decoded
  }
  const bool drops_earlier = unit.size() < 3 || (unit[2] & 0x40) != 0;  // no_output_of_prior_pics_flag
  return (type == kIdrWithLeading || type == kIdr) && !drops_earlier ? UnitKind::kReset : UnitKind::kPicture;
}

bool is_h264_sps(std::span<const std::uint8_t> unit) {
  return (unit[0] & 0x1F) == 7;
}

// A unit with its length in so many bytes before it, taken from what is left. None: it is not whole.
std::optional<std::span<const std::uint8_t>> take_unit(std::span<const std::uint8_t>& left, std::size_t length_bytes) {
  constexpr std::size_t kHeader = 2;  // bytes
  if (left.size() < length_bytes) {
    return std::nullopt;
  }
  std::size_t length = 0;
  for (const std::uint8_t byte : left.first(length_bytes)) {
    length = length << 8U | byte;
  }
  left = left.subspan(length_bytes);
  if (length < kHeader || length > left.size()) {
    return std::nullopt;
  }
  const auto unit = left.first(length);
  left = left.subspan(length);
  return unit;
}

// Bytes before a NAL unit, as avcC and hvcC have it; 0: the stream has neither.
std::size_t length_bytes_of(const AVCodecParameters& parameters) {
  const std::size_t at = parameters.codec_id == AV_CODEC_ID_H264 ? 4 : 21;
  const std::span extradata(parameters.extradata, static_cast<std::size_t>(std::max(parameters.extradata_size, 0)));
  return extradata.size() > at + 1 && extradata[0] == 1 ? (extradata[at] & 3U) + 1 : 0;
}

// The sets of avcC.
bool all_tell_reordering(const AVCodecParameters& parameters) {
  constexpr std::size_t kCountAt = 5;
  const std::span extradata(parameters.extradata, static_cast<std::size_t>(parameters.extradata_size));
  std::span<const std::uint8_t> left = extradata.subspan(kCountAt + 1);
  for (int i = 0; i < (extradata[kCountAt] & 0x1F); ++i) {
    const auto unit = take_unit(left, 2);
    if (!unit || !tells_reordering(*unit)) {
      return false;
    }
  }
  return true;
}

bool has_new_extradata(const AVPacket& packet) {
  return av_packet_get_side_data(&packet, AV_PKT_DATA_NEW_EXTRADATA, nullptr) != nullptr;
}

}  // namespace

struct ClosedGroups::Units {
  bool reset = false;
  bool other_picture = false;
  std::vector<std::uint8_t> sets = {};
};

ClosedGroups::ClosedGroups(const Input& input) {
  const AVCodecParameters& parameters = *input.video->codecpar;
  h264_ = parameters.codec_id == AV_CODEC_ID_H264;
  reorders_ = parameters.video_delay > 0;
  if ((h264_ || parameters.codec_id == AV_CODEC_ID_HEVC) && packets_are_frames(input)) {
    length_bytes_ = length_bytes_of(parameters);
    over_ = length_bytes_ == 0 || (h264_ && !all_tell_reordering(parameters));
  }
}

bool ClosedGroups::begin_with(const AVPacket& packet) {
  if (over_) {
    return false;
  }
  Units units;
  const std::span data(packet.data, static_cast<std::size_t>(packet.size));
  if (!tells_time(packet) || has_new_extradata(packet) || !read(data, units)) {
    over_ = true;
    return false;
  }
  const bool begins = begin_with(units, packet.pts);
  over_ = over_ || grows_too_large(packet);
  return begins;
}

bool ClosedGroups::begin_with(const Units& units, std::int64_t time) {
  if (!started_) {
    started_ = true;
    sets_ = units.sets;
    newest_ = time;
    first_ = std::numeric_limits<std::int64_t>::min();  // nothing is before: its leading pictures do no harm
    return false;
  }
  const bool begins =
      units.reset && !units.other_picture && units.sets == sets_ && time > newest_ && times_.size() >= kFewestPackets;
  over_ = (!units.sets.empty() && units.sets != sets_) || (!begins && time < first_);
  newest_ = std::max(newest_, time);
  if (begins) {
    first_ = time;
    times_.clear();
    bytes_ = 0;
  }
  return begins;
}

// Raw H.264 that was put into MP4 has the times of decoding for those of presentation: for its pictures FFmpeg makes up
// others, from what it has seen so far.
bool ClosedGroups::tells_time(const AVPacket& packet) const {
  const bool of_decoding = reorders_ && (packet.flags & AV_PKT_FLAG_KEY) != 0 && packet.pts <= packet.dts;
  return packet.pts != kNoTime && !of_decoding;
}

bool ClosedGroups::grows_too_large(const AVPacket& packet) {
  const bool repeated = !times_.insert(packet.pts).second;
  bytes_ += packet.size;
  return repeated || times_.size() > kMostPackets || bytes_ > kMostBytes;
}

// False: its units are not whole, or a set does not tell what it must.
bool ClosedGroups::read(std::span<const std::uint8_t> data, Units& units) const {
  while (!data.empty()) {
    const auto unit = take_unit(data, length_bytes_);
    if (!unit) {
      return false;
    }
    const UnitKind kind = h264_ ? kind_of_h264(*unit) : kind_of_hevc(*unit);
    units.reset = units.reset || kind == UnitKind::kReset;
    units.other_picture = units.other_picture || kind == UnitKind::kPicture;
    if (kind == UnitKind::kParameters) {
      units.sets.insert(units.sets.end(), unit->begin(), unit->end());
      if (h264_ && is_h264_sps(*unit) && !tells_reordering(*unit)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace facegraph::media
