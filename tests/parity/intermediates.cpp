#include "intermediates.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <regex>
#include <set>

#include <fmt/core.h>

#include "ops/geometry/affine.hpp"
#include "support/difference.hpp"

namespace facegraph::test {

namespace {

// A golden array with the sampling step of its name, "warp_crop@3" -> 3.
struct Field {
  const Array* array = nullptr;
  int step = 1;
};
using Record = std::map<std::string, Field>;                 // field name -> array
using Records = std::map<std::string, std::vector<Record>>;  // kind -> records in call order

// "warp4_crop@2" -> kind warp, field crop; "faces1_0_box" -> faces, box; "mask_box0@2" -> mask_box, "".
Records group(const Npz& golden) {
  static const std::regex pattern(R"(([a-z_]+?)(\d+)(?:_(\d+))?(?:_(.+?))?(?:@(\d+))?)");
  std::map<std::string, std::map<std::pair<int, int>, Record>> sorted;
  for (const auto& [name, array] : golden.arrays()) {
    std::smatch parts;
    if (!std::regex_match(name, parts, pattern)) {
      continue;  // runs_json
    }
    const int call = std::stoi(parts[2]);
    const int item = parts[3].matched ? std::stoi(parts[3]) : 0;
    sorted[parts[1]][{call, item}][parts[4]] = {&array, parts[5].matched ? std::stoi(parts[5]) : 1};
  }
  Records records;
  for (auto& [kind, calls] : sorted) {
    for (auto& [index, record] : calls) {
      records[kind].push_back(std::move(record));
    }
  }
  return records;
}

// The reference puts a picture of one pixel where a neighbour of the frame lies outside of the video, and looks for
// faces on it; we do not.
bool is_outside_the_video(const std::string& kind, const Record& record) {
  const auto shape = record.find("frame_shape");
  return kind == "detect" && shape != record.end() && shape->second.array->doubles() == std::vector<double>{1, 1, 3};
}

class Comparison {
 public:
  Comparison(const Recorder& ours, const nlohmann::json& sensitivity, const Allowance& floor)
      : ours_(ours), sensitivity_(sensitivity), floor_(floor) {}

  // Our record `index` of the kind against a golden one: what is off, or nothing.
  std::optional<std::string> mismatch(const std::string& kind, std::size_t index, const Record& golden) const {
    for (const auto& [field, expected] : golden) {
      if (auto wrong = field_mismatch(kind, field, index, expected)) {
        return fmt::format("{}: {}", field.empty() ? kind : field, *wrong);
      }
    }
    return std::nullopt;
  }

  // How many records of the kind we have; record: one of its golden ones.
  std::size_t count(const std::string& kind, const Record& record) const {
    static const std::map<std::string, std::string> leading{{"detect", "detect_boxes"},
                                                            {"faces", "faces_box"},
                                                            {"select", "select_boxes"},
                                                            {"warp", "warp_matrix"},
                                                            {"paste", "paste_matrix"}};
    const auto found = leading.find(kind);
    if (found != leading.end()) {
      return ours_.numbers_of(found->second).size();
    }
    return ours_.images_of(kind == "frame" ? kind + "_" + processor(record) : kind).size();
  }

  // A frame's fields: "shape", "face_swapper" and perhaps "face_swapper_alpha".
  static std::string processor(const Record& frame) {
    const auto found =
        std::find_if(frame.begin(), frame.end(), [](const auto& field) { return field.first != "shape"; });
    return found == frame.end() ? "" : found->first;
  }

 private:
  double allowed(const std::string& kind, const std::string& field, double floor) const {
    double moved = 0;
    for (const std::string& name : {kind + "_" + field, kind + "__" + field, kind + "__lm", kind + "__lm_", kind}) {
      if (sensitivity_.contains(name) && (name.find("__lm") == std::string::npos || field.starts_with("lm"))) {
        moved = std::max(moved, sensitivity_[name].get<double>());
      }
    }
    return std::max(3 * moved, floor);
  }

  std::optional<std::string> field_mismatch(const std::string& kind, const std::string& field, std::size_t index,
                                            const Field& golden) const {
    const std::string name = field.empty() ? kind : kind + "_" + field;
    if (name == "detect_boxes" || name == "detect_scores" || name == "detect_points") {
      return name == "detect_boxes" ? candidates(index, golden)
                                    : std::nullopt;  // the three lists are compared together, face by face
    }
    if (name == "select_origin" || name == "paste_dtype" || name == "frame_shape") {
      return std::nullopt;  // said by other fields
    }
    if (name == "faces_info") {
      return info(index, golden.array->json());
    }
    if (name == "warp_what") {
      const nlohmann::json what = golden.array->json();
      const std::string expected = fmt::format("{} {}", what[0].get<std::string>(), what[1][0].get<int>());
      return ours_.texts_of(name)[index] == expected
                 ? std::nullopt
                 : std::optional(ours_.texts_of(name)[index] + " instead of " + expected);
    }
    if (name == "warp_matrix" || name == "paste_matrix") {
      return matrix(name, kind, index, golden);
    }
    if (kind == "frame" && floor_.drawn > 0 && index < ours_.images_of(name).size()) {
      const Difference off = difference(ours_.images_of(name)[index], *golden.array, golden.step, floor_.grey);
      return far(off.share, floor_.drawn);
    }
    if (name == "mask_area" || (field == "mask" && !ours_.images_of("mask_area").empty())) {
      return area_mask(name, index, golden);
    }
    if (field == "crop" || field == "mask" || kind.starts_with("mask_") || kind == "frame") {
      const auto& images = ours_.images_of(name);
      if (kind.starts_with("mask_") && floor_.mask_mean > 0 && index < images.size()) {
        return far(difference(images[index], *golden.array, golden.step).mean, floor_.mask_mean);
      }
      const double grey = kind.starts_with("mask_") || field == "mask" ? floor_.grey / 255 : floor_.grey;
      return index < images.size()
                 ? far(difference(images[index], *golden.array, golden.step).max, allowed(kind, field, grey))
                 : "not made";
    }
    if (name == "faces_embedding" && floor_.cosine > 0) {
      return embedding(index, golden);
    }
    if (golden.array->size() == 0 && ours_.numbers_of(name)[index].empty()) {
      return std::nullopt;
    }
    const double floor = field == "scores"              ? floor_.score
                         : field == "embedding"         ? floor_.embedding
                         : name == "detect_frame_shape" ? 0
                                                        : floor_.pixels;
    return far(difference(ours_.numbers_of(name)[index], golden.array->doubles()).max, allowed(kind, field, floor));
  }

  static std::optional<std::string> far(double found, double limit) {
    return found <= limit ? std::nullopt : std::optional(fmt::format("off by {:.5g}, allowed {:.5g}", found, limit));
  }

  // The corners of an area are cut to whole pixels: one that lies on a border between two may fall into the other,
  // which shifts an edge, whose steepest slope is 0.16 per pixel, by up to a pixel.
  std::optional<std::string> area_mask(const std::string& name, std::size_t index, const Field& golden) const {
    constexpr double kSlope = 0.16;
    constexpr double kMean = 0.002;
    if (index >= ours_.images_of(name).size()) {
      return "not made";
    }
    const Difference off = difference(ours_.images_of(name)[index], *golden.array, golden.step);
    const auto steep = far(off.max, kSlope);
    return steep ? steep : far(off.mean, kMean);
  }

  // Every clear golden candidate has one of ours beside it (anchors just above the threshold may come and go).
  std::optional<std::string> candidates(std::size_t index, const Field& golden) const {
    const std::vector<double> expected = golden.array->doubles();
    const auto& found = ours_.numbers_of("detect_boxes")[index];
    double worst = 0;
    for (std::size_t i = 0; i + 3 < expected.size(); i += 4) {
      double nearest = std::numeric_limits<double>::infinity();
      for (std::size_t j = 0; j + 3 < found.size(); j += 4) {
        nearest = std::min(nearest, difference(std::span(found).subspan(j, 4), std::span(expected).subspan(i, 4)).max);
      }
      worst = std::max(worst, nearest);
    }
    if (std::max(found.size(), expected.size()) > 4 * (std::min(found.size(), expected.size()) / 4 + 2)) {
      return fmt::format("{} candidates instead of {}", found.size() / 4, expected.size() / 4);
    }
    return far(worst, allowed("detect", "boxes", floor_.pixels));
  }

  std::optional<std::string> info(std::size_t index, const nlohmann::json& expected) const {
    static const std::vector<std::string> genders{"female", "male"};
    static const std::vector<std::string> races{"white", "black", "latino", "asian", "indian", "arabic"};
    const auto& found = ours_.numbers_of("faces_class")[index];
    const nlohmann::json ours{{"angle", static_cast<int>(ours_.numbers_of("faces_angle")[index][0])},
                              {"gender", genders[static_cast<std::size_t>(found[2])]},
                              {"race", races[static_cast<std::size_t>(found[3])]},
                              {"age", {static_cast<int>(found[0]), static_cast<int>(found[1])}},
                              {"origin", "detect"}};
    return ours == expected ? std::nullopt : std::optional(ours.dump() + " instead of " + expected.dump());
  }

  // In pixels of the crop: how far the two matrices carry a crop's corners apart.
  std::optional<std::string> matrix(const std::string& name, const std::string& kind, std::size_t index,
                                    const Field& golden) const {
    core::Affine expected;
    core::Affine found;
    const std::vector<double> values = golden.array->doubles();
    std::copy(values.begin(), values.end(), expected.m.begin());
    std::copy(ours_.numbers_of(name)[index].begin(), ours_.numbers_of(name)[index].end(), found.m.begin());
    if (name == "warp_matrix" && ours_.texts_of("warp_what")[index] == "styleganex_384 384") {
      // What was kept of the reference's matrix was afterwards scaled in place, to the size that is pasted.
      for (double& coefficient : expected.m) {
        coefficient *= 384.0 / 1024;
      }
    }
    double worst = 0;
    for (const core::Point corner :
         {core::Point{0, 0}, core::Point{128, 0}, core::Point{0, 128}, core::Point{128, 128}}) {
      const core::Point carried = ops::transform(found, ops::transform(ops::invert(expected), corner));
      worst = std::max({worst, std::abs(carried.x - corner.x), std::abs(carried.y - corner.y)});
    }
    return far(worst, allowed(kind, "matrix", floor_.pixels));
  }

  std::optional<std::string> embedding(std::size_t index, const Field& golden) const {
    const std::vector<double> expected = golden.array->doubles();
    const std::vector<double>& found = ours_.numbers_of("faces_embedding")[index];
    const auto product = [](const std::vector<double>& a, const std::vector<double>& b) {
      return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    };
    const double cosine = product(expected, found) / std::sqrt(product(expected, expected) * product(found, found));
    return cosine >= floor_.cosine ? std::nullopt
                                   : std::optional(fmt::format("cosine {:.5f}, wanted {:.5f}", cosine, floor_.cosine));
  }

  const Recorder& ours_;
  const nlohmann::json& sensitivity_;
  Allowance floor_;
};

}  // namespace

std::vector<std::string> compare_intermediates(const Npz& golden, const Recorder& ours,
                                               const nlohmann::json& sensitivity, const Allowance& floor) {
  const Comparison comparison(ours, sensitivity, floor);
  std::vector<std::string> wrong;
  for (const auto& [kind, records] : group(golden)) {
    std::set<std::pair<std::string, std::size_t>> used;  // the processor of a frame, index of our record
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (is_outside_the_video(kind, records[i])) {
        continue;
      }
      std::optional<std::string> first;
      bool matched = false;
      // The record at the same place first, then the others.
      const std::size_t count = comparison.count(kind, records[i]);
      const std::string owner = kind == "frame" ? Comparison::processor(records[i]) : "";
      for (std::size_t shift = 0; shift < count && !matched; ++shift) {
        const std::size_t index = (i + shift) % count;
        // The reference looks for faces in a frame without any again and again, and selects them for every processor;
        // we do either once.
        if (used.contains({owner, index}) && kind != "detect" && kind != "select") {
          continue;
        }
        const auto off = comparison.mismatch(kind, index, records[i]);
        matched = !off;
        if (matched) {
          used.insert({owner, index});
        } else if (!first) {
          first = off;
        }
      }
      if (!matched) {
        wrong.push_back(fmt::format("{}{}: {}", kind, i, first.value_or("not made")));
      }
    }
  }
  return wrong;
}

}  // namespace facegraph::test
