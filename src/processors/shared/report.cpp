#include "processors/shared/report.hpp"

#include <string>

#include "core/base/probe.hpp"

namespace facegraph::processors {

void report_frame(std::string_view processor, const TempFrame& temp) {
  if (core::Probe* probe = core::probe()) {
    const std::string name = "frame_" + std::string(processor);
    probe->image(name, temp.frame);
    if (!temp.mask.empty()) {
      probe->image(name + "_alpha", temp.mask);
    }
  }
}

void report_paste(core::ConstImageView crop, core::ConstImageView mask, const core::Affine& matrix) {
  if (core::Probe* probe = core::probe()) {
    probe->image("paste_crop", crop);
    probe->image("paste_mask", mask);
    probe->numbers("paste_matrix", matrix.m);
  }
}

}  // namespace facegraph::processors
