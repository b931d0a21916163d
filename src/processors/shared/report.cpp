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

}  // namespace facegraph::processors
