#include "ops/site/inputs.hpp"

#include "ops/colour/colour.hpp"
#include "ops/colour/colour_cuda.hpp"
#include "ops/geometry/resize_cuda.hpp"
#include "ops/tensor/maxima_cuda.hpp"
#include "ops/tensor/tensor_cuda.hpp"

namespace facegraph::ops {

bool letterbox(const device::Site& site, std::span<float> out, LetterboxRatio& ratio, core::ConstImageView frame,
               std::array<int, 4> margin, core::Size size, const SiteTable& table) {
  return site.on_gpu() ? cuda::letterbox(site.stream(), out, ratio, frame, margin, size, table.get())
                       : letterbox(out, ratio, frame, margin, size, *table.get());
}

ContrastTables::ContrastTables(const device::Site& site) {
  if (site.on_gpu()) {
    lab = site.copy_in(std::span<const LabTables>(&lab_tables(), 1));
  }
}

void balance_contrast(const device::Site& site, core::ImageView crop, const ContrastTables& tables) {
  if (site.on_gpu()) {
    device::Picture lab = site.picture(crop.size(), crop.channels);
    auto scratch = site.values<ContrastScratch>(1);
    cuda::balance_contrast(site.stream(), crop, lab, tables.lab.data(), scratch.data());
  } else {
    balance_contrast(crop);
  }
}

device::Picture fit_contain(const device::Site& site, core::ConstImageView in, core::Size size) {
  device::Picture out = site.picture(size, in.channels, in.depth);
  if (site.on_gpu()) {
    cuda::fit_contain(site.stream(), out, in);
  } else {
    fit_contain(out, in);
  }
  return out;
}

void row_maxima(const device::Site& site, std::span<float> out, std::span<const float> in) {
  if (site.on_gpu()) {
    auto scratch = site.values<float>(out.size() * cuda::kMaximaParts);
    cuda::row_maxima(site.stream(), out, in, scratch.data());
  } else {
    row_maxima(out, in);
  }
}

}  // namespace facegraph::ops
