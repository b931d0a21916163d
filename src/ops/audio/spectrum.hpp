// Sound to spectra and back. spec: analysis.md 13.2 - 13.4
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace facegraph::ops {

// Short-time spectra: of each column the bins 0 .. window / 2.
struct Spectra {
  std::size_t bins = 0;
  std::size_t columns = 0;
  std::vector<std::complex<double>> values;  // column by column

  std::complex<double>& at(std::size_t bin, std::size_t column) { return values[column * bins + bin]; }
  const std::complex<double>& at(std::size_t bin, std::size_t column) const { return values[column * bins + bin]; }
};

// Raised cosines; the periodic one would begin again with the sample after its last.
std::vector<double> symmetric_hann(std::size_t length);
std::vector<double> periodic_hann(std::size_t length);

// Column c is the spectrum (plain sum, not scaled) of window times signal, centred at sample c * hop; zeros stand
// before and behind the signal. As many columns as reach it: ceil(samples / hop) + 1. window: of even length.
Spectra spectra_of(std::span<const double> signal, std::span<const double> window, std::size_t hop);
// The signal of (columns - 1) * hop samples whose windows fit the spectra best (least squares).
std::vector<double> signal_of(const Spectra& spectra, std::span<const double> window, std::size_t hop);

// One channel at a lower rate: its spectrum, as a whole, cut off. Has round(samples * to / from) samples. Throws
// Error(kFailed) for more samples than OpenCV transforms (at 48 kHz, 12 hours).
std::vector<float> lower_rate(std::span<const float> signal, int from, int to);

}  // namespace facegraph::ops
