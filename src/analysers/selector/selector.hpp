// Which of the found faces are processed. spec: analysis.md section 8.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/options/option.hpp"
#include "core/types/face.hpp"

namespace facegraph::analysers {

enum class SelectorMode { kMany, kOne, kReference };
enum class SelectorOrder {
  kLeftRight,
  kRightLeft,
  kTopBottom,
  kBottomTop,
  kSmallLarge,
  kLargeSmall,
  kBestWorst,
  kWorstBest
};

// A filter value: a fixed one, or taken from the source face ("auto").
template <typename T>
struct Wanted {
  bool automatic = false;
  std::optional<T> value;
};

struct SelectorOptions {
  SelectorMode mode = SelectorMode::kReference;
  SelectorOrder order = SelectorOrder::kLargeSmall;
  Wanted<core::Gender> gender;
  Wanted<core::Race> race;
  std::optional<int> age_start;
  std::optional<int> age_end;
  int reference_position = 0;
  double reference_distance = 0.3;
  std::int64_t reference_frame_number = 0;

  // Throws Error(kUsage) for a filter on age, gender or race where the model set has no classifier.
  static SelectorOptions from(const core::OptionValues& values);

  // Whether age, gender or race of the faces decide.
  bool filters_classes() const;
};

const std::vector<core::Option>& selector_options();

core::Faces sorted(core::Faces faces, SelectorOrder order);
core::Faces sort_and_filter(const core::Faces& sources, core::Faces faces, const SelectorOptions& options);

// The faces to process. sources: all faces of all source pictures; reference: faces of the reference frame. spec:
// analysis.md 8
core::Faces select_faces(const core::Faces& sources, const core::Faces& reference, const core::Faces& targets,
                         const SelectorOptions& options);

}  // namespace facegraph::analysers
