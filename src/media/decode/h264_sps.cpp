#include "media/decode/h264_sps.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace facegraph::media {
namespace {

// Bits of a NAL unit's payload; zeros, and a mark, behind its end.
class Bits {
 public:
  explicit Bits(std::span<const std::uint8_t> nal) {
    int zeros = 0;
    for (const std::uint8_t byte : nal.subspan(std::min<std::size_t>(nal.size(), 1))) {  // behind its header
      const bool escape = zeros >= 2 && byte == 3;
      zeros = byte == 0 ? zeros + 1 : 0;
      if (!escape) {
        bytes_.push_back(byte);
      }
    }
  }

  std::uint32_t number(int bits) {
    std::uint32_t value = 0;
    for (int i = 0; i < bits; ++i) {
      value = value << 1U | static_cast<std::uint32_t>(flag());
    }
    return value;
  }
  bool flag() {
    const std::size_t byte = at_ / 8;
    overrun_ = overrun_ || byte >= bytes_.size();
    const bool value = !overrun_ && (bytes_[byte] >> (7 - at_ % 8) & 1) != 0;
    ++at_;
    return value;
  }
  // Exp-Golomb.
  std::uint32_t golomb() {
    int zeros = 0;
    while (!overrun_ && zeros < 32 && !flag()) {
      ++zeros;
    }
    return (zeros < 32 ? (std::uint32_t{1} << zeros) - 1 : 0) + number(zeros);
  }
  std::int64_t signed_golomb() {
    const std::int64_t code = golomb();
    return code % 2 == 0 ? -code / 2 : (code + 1) / 2;
  }
  void skip_golombs(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count && !overrun_; ++i) {
      golomb();
    }
  }
  bool overrun() const { return overrun_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool overrun_ = false;
};

void skip_scaling_list(Bits& bits, int size) {
  std::int64_t last = 8;
  for (int i = 0; i < size; ++i) {
    const std::int64_t next = (last + bits.signed_golomb() + 256) % 256;
    if (next == 0) {
      return;
    }
    last = next;
  }
}

void skip_chroma_format(Bits& bits) {
  constexpr std::uint32_t k444 = 3;
  const std::uint32_t format = bits.golomb();
  if (format == k444) {
    bits.flag();
  }
  bits.skip_golombs(2);  // depths
  bits.flag();
  if (bits.flag()) {
    for (int i = 0; i < (format == k444 ? 12 : 8); ++i) {
      if (bits.flag()) {
        skip_scaling_list(bits, i < 6 ? 16 : 64);
      }
    }
  }
}

void skip_picture_order(Bits& bits) {
  const std::uint32_t type = bits.golomb();
  if (type == 0) {
    bits.golomb();
  } else if (type == 1) {
    bits.flag();
    bits.skip_golombs(2);
    bits.skip_golombs(bits.golomb());
  }
}

void skip_hypothetical_decoder(Bits& bits) {
  const std::uint32_t count = bits.golomb() + 1;
  bits.number(8);
  for (std::uint32_t i = 0; i < count && !bits.overrun(); ++i) {
    bits.skip_golombs(2);
    bits.flag();
  }
  bits.number(20);
}

void skip_video_signal(Bits& bits) {
  bits.number(4);
  if (bits.flag()) {
    bits.number(24);
  }
}

// The part for displays, up to the flag that is looked for.
bool display_tells_reordering(Bits& bits) {
  constexpr std::uint32_t kOwnAspect = 255;
  if (bits.flag() && bits.number(8) == kOwnAspect) {
    bits.number(32);
  }
  if (bits.flag()) {
    bits.flag();  // overscan
  }
  if (bits.flag()) {
    skip_video_signal(bits);
  }
  if (bits.flag()) {
    bits.skip_golombs(2);  // where chroma lies
  }
  if (bits.flag()) {
    bits.number(32);  // timing
    bits.number(32);
    bits.flag();
  }
  bool hypothetical = false;
  for (int i = 0; i < 2; ++i) {
    if (bits.flag()) {
      hypothetical = true;
      skip_hypothetical_decoder(bits);
    }
  }
  if (hypothetical) {
    bits.flag();
  }
  bits.flag();
  return bits.flag();
}

}  // namespace

bool tells_reordering(std::span<const std::uint8_t> sps) {
  constexpr std::array kWithChromaFormat = {100U, 110U, 122U, 244U, 44U, 83U, 86U, 118U, 128U, 138U, 139U, 134U, 135U};
  Bits bits(sps);
  const std::uint32_t profile = bits.number(8);
  bits.number(16);
  bits.golomb();
  if (std::find(kWithChromaFormat.begin(), kWithChromaFormat.end(), profile) != kWithChromaFormat.end()) {
    skip_chroma_format(bits);
  }
  bits.golomb();
  skip_picture_order(bits);
  bits.golomb();
  bits.flag();
  bits.skip_golombs(2);  // size
  const bool whole_frames = bits.flag();
  if (!whole_frames) {
    return false;
  }
  bits.flag();
  if (bits.flag()) {
    bits.skip_golombs(4);  // border
  }
  const bool tells = bits.flag() && display_tells_reordering(bits);
  return tells && !bits.overrun();
}

}  // namespace facegraph::media
