// HDR pictures (SMPTE ST 2084 "PQ" or ARIB STD-B67 "HLG" transfer) to 8-bit BT.709: ITU-R BT.2100 curves, BT.2390
// roll-off, BT.2087 primaries.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/types/image.hpp"
#include "media/ffmpeg.hpp"

namespace facegraph::media {

bool is_hdr(AVColorTransferCharacteristic transfer);

class ToneMap {
 public:
  // peak_nits: brightest light of the content (PQ); 0: unknown, 1000 is taken. wide: the primaries are BT.2020's.
  ToneMap(AVColorTransferCharacteristic transfer, double peak_nits, bool wide);

  // in: BGR48LE frame; out: 3 channels u8 of the same size.
  void apply(core::ImageView out, const AVFrame& in) const;

 private:
  struct Rgb {
    float r, g, b;
  };
  // in: light relative to the SDR white; out: the same within [0, 1].
  Rgb map(Rgb light) const;
  float gain_of(float level) const;

  bool wide_;
  bool hlg_;
  std::vector<float> to_light_;        // code value (12 bit) to light, 1 = SDR white
  std::vector<float> gain_;            // brightest channel (square root, scaled) to factor
  std::vector<std::uint8_t> to_code_;  // light (square root, scaled) to 8-bit BT.709
  float level_scale_ = 1;
};

// Content peak from the stream's mastering display or light level side data; 0 when there is none.
double peak_nits_of(const AVStream& stream);

}  // namespace facegraph::media
