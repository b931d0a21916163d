// The detector families.
#pragma once

#include <memory>

#include "analysers/detector/detector.hpp"

namespace facegraph::analysers {

// retinaface and scrfd: nine outputs per stride, two anchors per cell. spec: analysis.md 4.3
std::unique_ptr<DetectorNetwork> make_anchor_detector(const Context& context, const models::ModelFile& file,
                                                      const DetectorOptions& options);
// yolo_face: spec analysis.md 4.4
std::unique_ptr<DetectorNetwork> make_yolo_detector(const Context& context, const models::ModelFile& file,
                                                    const DetectorOptions& options);
// yunet: spec analysis.md 4.5
std::unique_ptr<DetectorNetwork> make_yunet_detector(const Context& context, const models::ModelFile& file,
                                                     const DetectorOptions& options);

// Rows of a candidate list that pass: the reference's emptiness test ignores row 0, so a lone hit there is lost (quirk
// Q1).
template <typename Passes>
std::vector<int> passing_rows(int count, Passes passes) {
  std::vector<int> rows;
  for (int row = 0; row < count; ++row) {
    if (passes(row)) {
      rows.push_back(row);
    }
  }
  if (rows.size() == 1 && rows.front() == 0) {
    rows.clear();
  }
  return rows;
}

}  // namespace facegraph::analysers
