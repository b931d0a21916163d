#include "ops/threads.hpp"

#include <opencv2/core/utility.hpp>

namespace facegraph::ops {

void set_operator_threads(int count) {
  cv::setNumThreads(count == 0 ? -1 : count);
}

}  // namespace facegraph::ops
