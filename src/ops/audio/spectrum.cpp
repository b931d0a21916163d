#include "ops/audio/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>

#include <opencv2/core.hpp>

#include "core/base/error.hpp"

namespace facegraph::ops {

namespace {

constexpr double kNoWeight = 1e-10;  // of windows, where they hold nothing of the signal

std::vector<double> hann(std::size_t length, std::size_t period) {
  std::vector<double> window(length);
  for (std::size_t n = 0; n < length; ++n) {
    window[n] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(period));
  }
  return window;
}

// OpenCV packs the spectrum of a real row of even length as Re 0, Re 1, Im 1, Re 2, ..., Re n/2.
void unpack(std::complex<double>* bins, const double* packed, std::size_t length) {
  bins[0] = packed[0];
  for (std::size_t bin = 1; bin < length / 2; ++bin) {
    bins[bin] = {packed[2 * bin - 1], packed[2 * bin]};
  }
  bins[length / 2] = packed[length - 1];
}

void pack(double* packed, const std::complex<double>* bins, std::size_t length) {
  packed[0] = bins[0].real();
  for (std::size_t bin = 1; bin < length / 2; ++bin) {
    packed[2 * bin - 1] = bins[bin].real();
    packed[2 * bin] = bins[bin].imag();
  }
  packed[length - 1] = bins[length / 2].real();
}

// The least multiple of `unit` that holds the samples and has a fast transform.
int fast_length(std::size_t samples, int unit) {
  const std::size_t units = (samples + static_cast<std::size_t>(unit) - 1) / static_cast<std::size_t>(unit);
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<int>::max());
  const std::int64_t fast = units < kMost ? cv::getOptimalDFTSize(static_cast<int>(units)) : -1;
  if (fast < 0 || fast * unit > std::numeric_limits<int>::max()) {
    core::fail(core::ErrorCode::kFailed, "sound: {} samples are more than can be transformed; cut it into parts",
               samples);
  }
  return static_cast<int>(fast) * unit;
}

}  // namespace

std::vector<double> symmetric_hann(std::size_t length) {
  return hann(length, length - 1);
}

std::vector<double> periodic_hann(std::size_t length) {
  return hann(length, length);
}

Spectra spectra_of(std::span<const double> signal, std::span<const double> window, std::size_t hop) {
  const std::size_t length = window.size();
  Spectra spectra{length / 2 + 1, (signal.size() + hop - 1) / hop + 1, {}};
  spectra.values.resize(spectra.bins * spectra.columns);
  cv::Mat_<double> row(1, static_cast<int>(length));
  cv::Mat_<double> packed;
  for (std::size_t column = 0; column < spectra.columns; ++column) {
    for (std::size_t n = 0; n < length; ++n) {
      const std::size_t at = column * hop + n;  // half a window before the signal
      const bool inside = at >= length / 2 && at - length / 2 < signal.size();
      row(0, static_cast<int>(n)) = inside ? window[n] * signal[at - length / 2] : 0;
    }
    cv::dft(row, packed);
    unpack(&spectra.at(0, column), packed.ptr<double>(), length);
  }
  return spectra;
}

std::vector<double> signal_of(const Spectra& spectra, std::span<const double> window, std::size_t hop) {
  const std::size_t length = window.size();
  std::vector<double> sum((spectra.columns - 1) * hop + length);
  std::vector<double> weight(sum.size());
  cv::Mat_<double> packed(1, static_cast<int>(length));
  cv::Mat_<double> row;
  for (std::size_t column = 0; column < spectra.columns; ++column) {
    pack(packed.ptr<double>(), &spectra.at(0, column), length);
    cv::dft(packed, row, cv::DFT_INVERSE | cv::DFT_SCALE | cv::DFT_REAL_OUTPUT);
    for (std::size_t n = 0; n < length; ++n) {
      sum[column * hop + n] += row(0, static_cast<int>(n)) * window[n];
      weight[column * hop + n] += window[n] * window[n];
    }
  }
  std::vector<double> signal((spectra.columns - 1) * hop);
  for (std::size_t n = 0; n < signal.size(); ++n) {
    const std::size_t at = n + length / 2;
    signal[n] = weight[at] > kNoWeight ? sum[at] / weight[at] : sum[at];
  }
  return signal;
}

std::vector<float> lower_rate(std::span<const float> signal, int from, int to) {
  if (signal.empty()) {
    return {};
  }
  const int common = std::gcd(from, to);
  // Zeros behind the signal make the transforms fast and the ratio of the two lengths exact.
  const int length = fast_length(signal.size(), from / common);
  const int new_length = length / (from / common) * (to / common);
  cv::Mat_<float> row = cv::Mat_<float>::zeros(1, length);
  std::copy(signal.begin(), signal.end(), row.begin());
  cv::dft(row, row);
  cv::Mat_<float> low = row.colRange(0, new_length).clone();
  row.release();
  if (new_length % 2 == 0) {
    low(0, new_length - 1) *= 2;  // the highest frequency stands for its mirror image too
  }
  cv::dft(low, low, cv::DFT_INVERSE | cv::DFT_REAL_OUTPUT);
  low *= 1.0 / length;
  const auto samples = std::llround(static_cast<double>(signal.size()) * to / from);
  return {low.begin(), low.begin() + std::min<std::ptrdiff_t>(samples, new_length)};
}

}  // namespace facegraph::ops
