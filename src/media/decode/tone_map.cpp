#include "media/decode/tone_map.hpp"

extern "C" {
#include <libavutil/mastering_display_metadata.h>
}

#include <algorithm>
#include <cmath>

namespace facegraph::media {
namespace {

constexpr double kPqNits = 10000;
constexpr double kWhiteNits = 203;  // ITU-R BT.2408: HDR reference white, shown as SDR white
constexpr double kDefaultPeakNits = 1000;
constexpr double kHlgPeakNits = 1000;  // nominal HLG display
constexpr double kHlgGamma = 1.2;      // its system gamma
constexpr int kCodeBits = 12;
constexpr int kCodes = 1 << kCodeBits;
constexpr int kSteps = 4096;  // of the two light tables

// SMPTE ST 2084.
constexpr double kM1 = 2610.0 / 16384;
constexpr double kM2 = 2523.0 / 4096 * 128;
constexpr double kC1 = 3424.0 / 4096;
constexpr double kC2 = 2413.0 / 4096 * 32;
constexpr double kC3 = 2392.0 / 4096 * 32;

double pq_to_nits(double code) {
  const double root = std::pow(code, 1 / kM2);
  return kPqNits * std::pow(std::max(root - kC1, 0.0) / (kC2 - kC3 * root), 1 / kM1);
}

double nits_to_pq(double nits) {
  const double power = std::pow(std::max(nits, 0.0) / kPqNits, kM1);
  return std::pow((kC1 + kC2 * power) / (1 + kC3 * power), kM2);
}

// ARIB STD-B67 inverse OETF: scene light, 0..1.
double hlg_to_scene(double code) {
  constexpr double kA = 0.17883277;
  constexpr double kB = 0.28466892;
  constexpr double kC = 0.55991073;
  return code <= 0.5 ? code * code / 3 : (std::exp((code - kC) / kA) + kB) / 12;
}

// ITU-R BT.2390 5.4.1: leaves dark and middle tones, rolls highlights off into the display's range. All values in PQ
// code.
double roll_off(double code, double source_peak, double target_peak) {
  const double top = target_peak / source_peak;
  const double knee = 1.5 * top - 0.5;
  const double level = std::min(code / source_peak, 1.0);
  if (level < knee || knee >= 1) {
    return level * source_peak;
  }
  const double t = (level - knee) / (1 - knee);
  const double t2 = t * t;
  const double t3 = t2 * t;
  return ((2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * top) * source_peak;
}

double bt709_code(double light) {
  return light < 0.018 ? 4.5 * light : 1.099 * std::pow(light, 0.45) - 0.099;
}

int table_index(float light, float scale) {
  return std::clamp(static_cast<int>(std::sqrt(light) * scale), 0, kSteps - 1);
}

}  // namespace

bool is_hdr(AVColorTransferCharacteristic transfer) {
  return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

ToneMap::ToneMap(AVColorTransferCharacteristic transfer, double peak_nits, bool wide)
    : wide_(wide), hlg_(transfer == AVCOL_TRC_ARIB_STD_B67), to_light_(kCodes), gain_(kSteps), to_code_(kSteps) {
  const double known_peak = peak_nits > 0 ? std::clamp(peak_nits, kWhiteNits, kPqNits) : kDefaultPeakNits;
  const double peak = hlg_ ? kHlgPeakNits : known_peak;
  for (int i = 0; i < kCodes; ++i) {
    const double code = static_cast<double>(i) / (kCodes - 1);
    // HLG is kept as scene light here; the system gamma depends on the pixel's luminance.
    to_light_[static_cast<std::size_t>(i)] =
        static_cast<float>(hlg_ ? hlg_to_scene(code) : std::min(pq_to_nits(code), peak) / kWhiteNits);
  }
  const double top = peak / kWhiteNits;
  level_scale_ = static_cast<float>((kSteps - 1) / std::sqrt(top));
  const double source_peak = nits_to_pq(peak);
  const double target_peak = nits_to_pq(kWhiteNits);
  for (int i = 0; i < kSteps; ++i) {
    const double root = (i + 0.5) / static_cast<double>(level_scale_);
    const double nits = root * root * kWhiteNits;
    gain_[static_cast<std::size_t>(i)] =
        static_cast<float>(pq_to_nits(roll_off(nits_to_pq(nits), source_peak, target_peak)) / nits);
    const double light = (i + 0.5) / kSteps;
    to_code_[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(std::lrint(255 * bt709_code(light * light)));
  }
}

float ToneMap::gain_of(float level) const {
  return gain_[static_cast<std::size_t>(table_index(level, level_scale_))];
}

ToneMap::Rgb ToneMap::map(Rgb light) const {
  if (hlg_) {
    const float luminance = 0.2627F * light.r + 0.6780F * light.g + 0.0593F * light.b;
    constexpr float kTop = static_cast<float>(kHlgPeakNits / kWhiteNits);
    const float gamma = kTop * std::pow(std::max(luminance, 1e-6F), static_cast<float>(kHlgGamma - 1));
    light = {light.r * gamma, light.g * gamma, light.b * gamma};
  }
  // One factor for all channels keeps the hue.
  const float gain = gain_of(std::max({light.r, light.g, light.b}));
  const Rgb in{light.r * gain, light.g * gain, light.b * gain};
  if (!wide_) {
    return in;
  }
  return {1.660491F * in.r - 0.587641F * in.g - 0.072850F * in.b,
          -0.124550F * in.r + 1.132900F * in.g - 0.008349F * in.b,
          -0.018151F * in.r - 0.100579F * in.g + 1.118730F * in.b};
}

void ToneMap::apply(core::ImageView out, const AVFrame& in) const {
  const auto encode = [this](float light) {
    return to_code_[static_cast<std::size_t>(table_index(std::max(light, 0.0F), kSteps))];
  };
  for (int y = 0; y < out.height; ++y) {
    const auto* source =
        reinterpret_cast<const std::uint16_t*>(in.data[0] + static_cast<std::ptrdiff_t>(y) * in.linesize[0]);
    auto* target = out.row<std::uint8_t>(y);
    for (int x = 0; x < 3 * out.width; x += 3) {
      constexpr int kShift = 16 - kCodeBits;
      const Rgb mapped =
          map({to_light_[source[x + 2] >> kShift], to_light_[source[x + 1] >> kShift], to_light_[source[x] >> kShift]});
      target[x] = encode(mapped.b);
      target[x + 1] = encode(mapped.g);
      target[x + 2] = encode(mapped.r);
    }
  }
}

double peak_nits_of(const AVStream& stream) {
  if (const auto* data = av_stream_get_side_data(&stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, nullptr)) {
    const auto* light = reinterpret_cast<const AVContentLightMetadata*>(data);
    if (light->MaxCLL > 0) {
      return light->MaxCLL;
    }
  }
  if (const auto* data = av_stream_get_side_data(&stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, nullptr)) {
    const auto* display = reinterpret_cast<const AVMasteringDisplayMetadata*>(data);
    if (display->has_luminance != 0 && display->max_luminance.den != 0) {
      return av_q2d(display->max_luminance);
    }
  }
  return 0;
}

}  // namespace facegraph::media
