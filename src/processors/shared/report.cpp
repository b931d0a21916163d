#include "processors/shared/report.hpp"

#include <string>

#include "core/base/probe.hpp"

namespace facegraph::processors {

void report_frame(std::string_view processor, const TempFrame& temp, const device::Site& site) {
  if (core::Probe* probe = core::probe()) {
    const std::string name = "frame_" + std::string(processor);
    probe->image(name, site.copy_out(temp.frame));
    if (!temp.mask.empty()) {
      probe->image(name + "_alpha", site.copy_out(temp.mask));
    }
  }
}

void report_paste(const device::Site& site, const device::Picture& crop, const device::Picture& mask,
                  const core::Affine& matrix) {
  if (core::Probe* probe = core::probe()) {
    probe->image("paste_crop", site.copy_out(crop));
    probe->image("paste_mask", site.copy_out(mask));
    probe->numbers("paste_matrix", matrix.m);
  }
}

}  // namespace facegraph::processors
