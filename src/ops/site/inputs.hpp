// What analysers make of pictures before a network sees them and of its outputs, on a site: as site.hpp's operators.
#pragma once

#include <array>
#include <span>

#include "ops/colour/lab_tables.hpp"
#include "ops/site/site.hpp"

namespace facegraph::ops {

// ratio and the result are known at once: sizes decide them.
bool letterbox(const device::Site& site, std::span<float> out, LetterboxRatio& ratio, core::ConstImageView frame,
               std::array<int, 4> margin, core::Size size, const SiteTable& table);

// What balance_contrast looks up on a GPU; on the host it has it, and this is empty.
struct ContrastTables {
  explicit ContrastTables(const device::Site& site);

  device::Values<LabTables> lab;
};
void balance_contrast(const device::Site& site, core::ImageView crop, const ContrastTables& tables);

device::Picture fit_contain(const device::Site& site, core::ConstImageView in, core::Size size);

void row_maxima(const device::Site& site, std::span<float> out, std::span<const float> in);

}  // namespace facegraph::ops
