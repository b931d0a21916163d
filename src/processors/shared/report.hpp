// What every processor tells who looks at a run's intermediate results (core/base/probe.hpp).
#pragma once

#include <string_view>

#include "processors/processor.hpp"

namespace facegraph::processors {

// The frame and, if it has one, its mask, as the processor of that name leaves them.
void report_frame(std::string_view processor, const TempFrame& temp, const device::Site& site = {});

// What is pasted back: crop, its mask, and the matrix from the frame to the crop.
void report_paste(const device::Site& site, const device::Picture& crop, const device::Picture& mask,
                  const core::Affine& matrix);

}  // namespace facegraph::processors
