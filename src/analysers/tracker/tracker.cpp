#include "analysers/tracker/tracker.hpp"

#include <map>
#include <optional>

#include "ops/face/face.hpp"

namespace facegraph::analysers {

using core::Face;
using core::Faces;

namespace {

using Track = std::map<std::size_t, Face>;  // by frame of the window

// The track that the face goes on with: the greatest overlap with a track's last face, the first one of equals. Faces
// of one frame may meet in one track, where the later one stays (quirk Q15).
Track* track_of(std::vector<Track>& tracks, const Face& face, double score) {
  Track* best = nullptr;
  double best_overlap = score;
  for (Track& track : tracks) {
    const double overlap = ops::box_overlap(face.bounding_box, track.rbegin()->second.bounding_box);
    if (overlap > best_overlap) {
      best = &track;
      best_overlap = overlap;
    }
  }
  return best;
}

std::vector<Track> make_tracks(std::span<const Faces> window, double score) {
  std::vector<Track> tracks;
  for (std::size_t index = 0; index < window.size(); ++index) {
    for (const Face& face : window[index]) {
      if (Track* track = track_of(tracks, face, score)) {
        track->insert_or_assign(index, face);
      } else {
        tracks.push_back({{index, face}});
      }
    }
  }
  return tracks;
}

// None where the track begins later or has ended before.
std::optional<Face> face_at(const Track& track, std::size_t index) {
  const auto next = track.lower_bound(index);
  if (next == track.end()) {
    return std::nullopt;
  }
  if (next->first == index) {
    return next->second;
  }
  if (next == track.begin()) {
    return std::nullopt;
  }
  const auto previous = std::prev(next);
  const auto share = static_cast<double>(index - previous->first) / static_cast<double>(next->first - previous->first);
  return ops::average_geometry(previous->second, next->second, share);
}

}  // namespace

Faces track_faces(std::span<const Faces> window, double score) {
  Faces result;
  for (const Track& track : make_tracks(window, score)) {
    if (auto face = face_at(track, window.size() / 2)) {
      result.push_back(*face);
    }
  }
  return result;
}

const std::vector<core::Option>& tracker_options() {
  static const std::vector<core::Option> table{
      {.name = "face-tracker-score",
       .kind = core::OptionKind::kFloat,
       .section = "face_tracker",
       .help = "how far boxes of neighbouring frames must overlap to be one face's, whose gaps are filled; 0: off",
       .default_value = 0.0,
       .range = core::OptionRange{0, 0.5, 0.05}},
  };
  return table;
}

TrackerOptions TrackerOptions::from(const core::OptionValues& values) {
  return {values.number("face-tracker-score")};
}

}  // namespace facegraph::analysers
