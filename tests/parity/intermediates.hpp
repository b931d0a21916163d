// Compares a run's reported intermediates with those of the reference.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "recorder.hpp"
#include "support/npz.hpp"

namespace facegraph::test {

// How far each kind may be off: three times what the reference itself moves by between OpenCV 4.6 and 5.0, and at least
// these.
struct Allowance {
  double pixels = 0.05;
  double grey = 2;
  double drawn = 0;  // share of a frame's values that may be off by more: marks move where a coordinate is almost whole
  double embedding = 0.01;  // of a component
  double cosine = 0;        // if set, embeddings are compared by their cosine instead: at least this
  double score = 1e-3;
  double mask_mean = 0;  // if set, masks are compared by their mean absolute difference instead: at most this
};

// One line per golden record (a detect call, a face, a crop, a mask, a paste, a frame) that no record of ours matches.
// Records of one kind are matched by content: two frames analysed in another order are the same result.
std::vector<std::string> compare_intermediates(const Npz& golden, const Recorder& ours,
                                               const nlohmann::json& sensitivity, const Allowance& floor = {});

}  // namespace facegraph::test
