#include "ops/colour/lab.hpp"

#include <opencv2/imgproc.hpp>

namespace facegraph::ops {

void prepare_lab_tables() {
  static const cv::Mat tables_made = [] {
    const cv::Mat pixel = cv::Mat::zeros(1, 1, CV_8UC3);
    cv::Mat lab;
    cv::cvtColor(pixel, lab, cv::COLOR_BGR2Lab);
    return lab;
  }();
}

}  // namespace facegraph::ops
