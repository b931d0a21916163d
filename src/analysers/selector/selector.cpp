#include "analysers/selector/selector.hpp"

#include <algorithm>

#include "core/base/probe.hpp"
#include "ops/face/face.hpp"

namespace facegraph::analysers {

using core::Face;
using core::Faces;

namespace {

template <typename Key>
void sort_by(Faces& faces, bool descending, Key key) {
  std::stable_sort(faces.begin(), faces.end(),
                   [&](const Face& a, const Face& b) { return descending ? key(a) > key(b) : key(a) < key(b); });
}

// Half-open ranges; an unset end of the wanted range is open. spec: analysis.md 8.3 step 5
bool age_matches(const Face& face, int start, int end) {
  return face.age && std::max(face.age->start, start) < std::min(face.age->end, end);
}

void filter_age(Faces& faces, const SelectorOptions& options) {
  const int start = options.age_start.value_or(0);
  const int end = options.age_end.value_or(0);
  if (start == 0 && end == 0) {
    return;
  }
  std::erase_if(faces, [&](const Face& face) { return !age_matches(face, start, options.age_end.value_or(100)); });
}

const Face* at_position(const Faces& faces, int position) {
  if (faces.empty()) {
    return nullptr;
  }
  const int count = static_cast<int>(faces.size());
  const int index = position < 0 ? position + count : std::min(position, count - 1);
  return index < 0 ? nullptr : &faces[index];
}

Faces matching(const Faces& targets, const Face& reference, double distance) {
  Faces result;
  std::copy_if(targets.begin(), targets.end(), std::back_inserter(result),
               [&](const Face& face) { return ops::face_distance(face, reference) < distance; });
  return result;
}

void report(const Faces& faces) {
  if (core::Probe* probe = core::probe()) {
    std::vector<double> boxes;
    for (const Face& face : faces) {
      boxes.insert(boxes.end(),
                   {face.bounding_box.x1, face.bounding_box.y1, face.bounding_box.x2, face.bounding_box.y2});
    }
    probe->numbers("select_boxes", boxes);
  }
}

}  // namespace

bool SelectorOptions::filters_classes() const {
  return gender.automatic || gender.value || race.automatic || race.value || age_start.value_or(0) != 0 ||
         age_end.value_or(0) != 0;
}

Faces sorted(Faces faces, SelectorOrder order) {
  const auto x1 = [](const Face& face) { return face.bounding_box.x1; };
  const auto y1 = [](const Face& face) { return face.bounding_box.y1; };
  const auto area = [](const Face& face) { return face.bounding_box.area(); };
  const auto score = [](const Face& face) { return face.detector_score; };
  switch (order) {
    case SelectorOrder::kLeftRight:
      sort_by(faces, false, x1);
      break;
    case SelectorOrder::kRightLeft:
      sort_by(faces, true, x1);
      break;
    case SelectorOrder::kTopBottom:
      sort_by(faces, false, y1);
      break;
    case SelectorOrder::kBottomTop:
      sort_by(faces, true, y1);
      break;
    case SelectorOrder::kSmallLarge:
      sort_by(faces, false, area);
      break;
    case SelectorOrder::kLargeSmall:
      sort_by(faces, true, area);
      break;
    case SelectorOrder::kBestWorst:
      sort_by(faces, true, score);
      break;
    case SelectorOrder::kWorstBest:
      sort_by(faces, false, score);
      break;
  }
  return faces;
}

Faces sort_and_filter(const Faces& sources, Faces faces, const SelectorOptions& options) {
  if (faces.empty()) {
    return faces;
  }
  faces = sorted(std::move(faces), options.order);
  std::optional<core::Gender> gender = options.gender.value;
  std::optional<core::Race> race = options.race.value;
  if ((options.gender.automatic || options.race.automatic) && !sources.empty()) {
    const Face source = sorted(sources, SelectorOrder::kLargeSmall).front();
    gender = options.gender.automatic ? source.gender : gender;
    race = options.race.automatic ? source.race : race;
  }
  if (gender) {
    std::erase_if(faces, [&](const Face& face) { return face.gender != gender; });
  }
  if (race) {
    std::erase_if(faces, [&](const Face& face) { return face.race != race; });
  }
  filter_age(faces, options);
  return faces;
}

Faces select_faces(const Faces& sources, const Faces& reference, const Faces& targets, const SelectorOptions& options) {
  Faces selected;
  if (options.mode == SelectorMode::kMany) {
    selected = sort_and_filter(sources, targets, options);
  } else if (options.mode == SelectorMode::kOne) {
    selected = sort_and_filter(sources, targets, options);
    selected.resize(std::min<std::size_t>(selected.size(), 1));
  } else {
    const Faces candidates = sort_and_filter(sources, reference, options);
    if (const Face* wanted = at_position(candidates, options.reference_position)) {
      selected = matching(targets, *wanted, options.reference_distance);
    }
  }
  report(selected);
  return selected;
}

}  // namespace facegraph::analysers
