// OpenCV computes the tables of its Lab conversions when the first one runs, without a lock.
#pragma once

namespace facegraph::ops {

// To be called before cv::cvtColor from or to Lab: the first caller makes the tables, others wait for it. (Two threads
// that made them at once would read half-made ones and lose memory.)
void prepare_lab_tables();

}  // namespace facegraph::ops
