// The reference's numeric results that go through models; those of pure functions are tested beside the functions.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include <gtest/gtest.h>

#include "analysers/landmarker/landmarker.hpp"
#include "analysers/masker/masker.hpp"
#include "analysers/selector/selector.hpp"
#include "analysers/tracker/tracker.hpp"
#include "ops/face/face.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/tensor/tensor.hpp"
#include "pipeline/workflows/resolution.hpp"
#include "processors/face_swapper/identity.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

// The stand-in models and a pool for them.
struct Models {
  explicit Models(const fs::path& shared) : store(shared / "contract" / "models") {}

  analysers::Context context() { return {pool, store, 0}; }

  runtime::InferencePool pool{{}};
  models::Store store;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    parts.push_back(part);
  }
  return parts;
}

TEST(Numeric, SixtyEightPointsFromFive) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "landmark_68_5.npz");
  Models models(shared);
  analysers::LandmarkPredictor predictor(models.context());
  const auto in = golden["in_points"].doubles();
  const auto out = golden["out_points"].doubles();
  const std::size_t count = golden["in_points"].shape[0];
  for (std::size_t i = 0; i < count; ++i) {
    analysers::Candidate candidate;
    for (std::size_t j = 0; j < 5; ++j) {
      candidate.points[j] = {in[(i * 5 + j) * 2], in[(i * 5 + j) * 2 + 1]};
    }
    analysers::FacePoints predicted;
    const analysers::FoundFace face{{}, &candidate};
    predictor.predict(&predicted, {&face, 1});
    ASSERT_EQ(predicted.has, 1);
    for (std::size_t j = 0; j < 68; ++j) {
      EXPECT_NEAR(predicted.sixty_eight_of_5[j].x, out[(i * 68 + j) * 2], 0.02);
      EXPECT_NEAR(predicted.sixty_eight_of_5[j].y, out[(i * 68 + j) * 2 + 1], 0.02);
    }
  }
}

const std::vector<std::string> kRegionNames{"skin",    "left-eyebrow", "right-eyebrow", "left-eye",  "right-eye",
                                            "glasses", "nose",         "mouth",         "upper-lip", "lower-lip"};

TEST(Numeric, MasksThroughModels) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "masks.npz");
  Models models(shared);
  const core::Image crop = golden["in_crop"].image();
  int compared = 0;
  for (const auto& [name, array] : golden.arrays()) {
    const std::string stem = name.substr(0, name.find('@'));
    if (stem.starts_with("out_occlusion_")) {
      analysers::MaskerOptions options{.occluder_model = stem.substr(14), .occlusion = true};
      const auto off = difference(analysers::Masker(models.context(), options).occlusion_mask(crop), array, 2);
      EXPECT_LE(off.max, 0.02) << name;
      ++compared;
    } else if (stem.starts_with("out_region_")) {
      analysers::MaskerOptions options{.region = true};
      for (const std::string& region : split(stem.substr(11), '+')) {
        options.regions.push_back(static_cast<ops::FaceMaskRegion>(
            std::find(kRegionNames.begin(), kRegionNames.end(), region) - kRegionNames.begin()));
      }
      const auto off = difference(analysers::Masker(models.context(), options).region_mask(crop), array, 2, 0.02);
      EXPECT_LE(off.share, 0.003) << name;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 8);
}

TEST(Numeric, SourceVectorsOfEverySwapperFamily) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "identity.npz");
  Models models(shared);
  const auto embeddings = golden["in_embeddings"].as<float>();
  core::Face source;
  core::Face target;
  std::copy_n(embeddings.begin(), core::kEmbeddingSize, source.embedding.begin());
  std::copy_n(embeddings.begin() + core::kEmbeddingSize, core::kEmbeddingSize, target.embedding.begin());
  source.embedding_norm = ops::normalised(source.embedding);
  target.embedding_norm = ops::normalised(target.embedding);
  int compared = 0;
  for (const auto& [name, array] : golden.arrays()) {
    if (!name.starts_with("out_")) {
      continue;
    }
    const std::size_t at = name.rfind('_');
    const auto& model = processors::swapper_model(name.substr(4, at - 4));
    const core::Embedding identity = processors::source_identity(models.context(), model, source);
    const core::Embedding balanced =
        processors::balance_identity(model, identity, target, std::stod(name.substr(at + 1)));
    const auto expected = array.as<float>();
    const double norm = std::sqrt(std::inner_product(expected.begin(), expected.end(), expected.begin(), 0.0));
    const auto off = difference(std::vector<double>(balanced.begin(), balanced.end()), array.doubles());
    EXPECT_LE(off.max, 1e-5 * norm) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 24);
}

core::Faces synthetic_faces(const Npz& golden) {
  static const std::vector<std::string> genders{"female", "male"};
  static const std::vector<std::string> races{"white", "black", "latino", "asian", "indian", "arabic"};
  const auto embeddings = golden["in_embeddings"].as<float>();
  core::Faces faces;
  for (const nlohmann::json& entry : golden["in_faces_json"].json()) {
    core::Face face;
    face.bounding_box = {entry["box"][0], entry["box"][1], entry["box"][2], entry["box"][3]};
    face.detector_score = entry["score"];
    face.age = core::AgeRange{entry["age"][0], entry["age"][1]};
    face.gender =
        static_cast<core::Gender>(std::find(genders.begin(), genders.end(), entry["gender"]) - genders.begin());
    face.race = static_cast<core::Race>(std::find(races.begin(), races.end(), entry["race"]) - races.begin());
    std::copy_n(embeddings.begin() + static_cast<std::ptrdiff_t>(faces.size()) * core::kEmbeddingSize,
                core::kEmbeddingSize, face.embedding.begin());
    face.embedding_norm = ops::normalised(face.embedding);
    face.landmarker_score = static_cast<double>(faces.size());  // tells the faces apart in the results
    faces.push_back(face);
  }
  return faces;
}

std::vector<int> indices(const core::Faces& faces) {
  std::vector<int> result;
  for (const core::Face& face : faces) {
    result.push_back(static_cast<int>(face.landmarker_score));
  }
  return result;
}

std::vector<int> sorted_indices(const core::Faces& faces) {
  std::vector<int> result = indices(faces);
  std::sort(result.begin(), result.end());
  return result;
}

TEST(Numeric, SelectorOrders) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "selector.npz");
  const core::Faces faces = synthetic_faces(golden);
  static const std::vector<std::string> names{"left-right",  "right-left",  "top-bottom", "bottom-top",
                                              "small-large", "large-small", "best-worst", "worst-best"};
  const nlohmann::json expected = golden["out_json"].json()["orders"];
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(indices(analysers::sorted(faces, static_cast<analysers::SelectorOrder>(i))),
              expected[names[i]].get<std::vector<int>>())
        << names[i];
  }
}

TEST(Numeric, SelectorFilters) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "selector.npz");
  const core::Faces faces = synthetic_faces(golden);
  const nlohmann::json expected = golden["out_json"].json();
  const auto filtered = [&](const analysers::SelectorOptions& options) {
    return sorted_indices(analysers::sort_and_filter({}, faces, options));
  };
  for (const auto& [name, gender] : {std::pair{"female", core::Gender::kFemale}, {"male", core::Gender::kMale}}) {
    analysers::SelectorOptions options;
    options.gender.value = gender;
    EXPECT_EQ(filtered(options), expected["gender"][name].get<std::vector<int>>()) << name;
  }
  static const std::vector<std::string> races{"white", "black", "latino", "asian", "indian", "arabic"};
  for (std::size_t i = 0; i < races.size(); ++i) {
    analysers::SelectorOptions options;
    options.race.value = static_cast<core::Race>(i);
    EXPECT_EQ(filtered(options), expected["race"][races[i]].get<std::vector<int>>()) << races[i];
  }
  for (const auto& [range, wanted] : expected["age"].items()) {
    analysers::SelectorOptions options;
    options.age_start = std::stoi(split(range, '-')[0]);
    options.age_end = std::stoi(split(range, '-')[1]);
    EXPECT_EQ(filtered(options), wanted.get<std::vector<int>>()) << range;
  }
}

TEST(Numeric, SelectorReferenceMatches) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "selector.npz");
  const core::Faces faces = synthetic_faces(golden);
  const auto distances = golden["out_distance"].doubles();
  for (std::size_t i = 0; i < faces.size(); ++i) {
    for (std::size_t j = 0; j < faces.size(); ++j) {
      EXPECT_NEAR(2 * ops::face_distance(faces[i], faces[j]), distances[i * faces.size() + j], 1e-5);  // golden: 0..2
    }
  }
  const nlohmann::json matches = golden["out_json"].json()["match"];
  for (const auto& [name, wanted] : matches.items()) {
    analysers::SelectorOptions options;
    options.reference_distance = std::stod(split(name, '_')[1]);
    const core::Faces reference{faces[std::stoul(split(name, '_')[0])]};
    EXPECT_EQ(indices(analysers::select_faces({}, reference, faces, options)), wanted.get<std::vector<int>>()) << name;
  }
}

// Rows of the golden: frame, person, box; the 68 points run along the box's diagonal.
std::vector<core::Faces> walking_people(const Array& rows) {
  std::vector<core::Faces> frames(7);
  const auto values = rows.doubles();
  for (std::size_t i = 0; i < values.size(); i += 6) {
    core::Face face;
    face.bounding_box = {values[i + 2], values[i + 3], values[i + 4], values[i + 5]};
    core::Landmark68 points;
    for (std::size_t k = 0; k < points.size(); ++k) {
      points[k] = {values[i + 2] + static_cast<double>(k) * 20 / 67, values[i + 3] + static_cast<double>(k) * 20 / 67};
    }
    points[0] = {values[i + 2], values[i + 3]};
    points[16] = {values[i + 4], values[i + 3]};
    face.landmarks.sixty_eight = points;
    face.landmarks.sixty_eight_of_5 = points;
    frames.at(static_cast<std::size_t>(values[i])).push_back(face);
  }
  return frames;
}

std::vector<double> boxes_of(const core::Faces& faces) {
  std::vector<double> values;
  for (const core::Face& face : faces) {
    const core::BoundingBox& box = face.bounding_box;
    values.insert(values.end(), {box.x1, box.y1, box.x2, box.y2});
  }
  return values;
}

TEST(Numeric, Tracker) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "tracker.npz");
  const std::vector<core::Faces> frames = walking_people(golden["in_boxes"]);
  for (const std::string score : {"0.1", "0.3", "0.5"}) {
    const core::Faces faces = analysers::track_faces(frames, std::stod(score));
    std::vector<double> points;
    std::vector<std::string> origins;
    for (const core::Face& face : faces) {
      for (const core::Point& point : face.landmarks.sixty_eight) {
        points.insert(points.end(), {point.x, point.y});
      }
      origins.emplace_back(face.origin == core::FaceOrigin::kRefill ? "refill" : "detect");
    }
    EXPECT_LE(difference(boxes_of(faces), golden["out_boxes_" + score].doubles()).max, 1e-9) << score;
    EXPECT_LE(difference(points, golden["out_lm_" + score].doubles()).max, 1e-9) << score;
    EXPECT_EQ(origins, golden["out_origin_" + score + "_json"].json().get<std::vector<std::string>>()) << score;
    const core::Faces first = analysers::track_faces(std::span(frames).first(5), std::stod(score));
    EXPECT_LE(difference(boxes_of(first), golden["out_first5_" + score].doubles()).max, 1e-9) << score;
  }
}

TEST(Numeric, Resolutions) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "vision.npz");
  for (const nlohmann::json& row : golden["out_table_json"].json()) {
    const core::Size size{row["size"][0], row["size"][1]};
    const core::Size packed = pipeline::normalise_resolution(size.width, size.height);
    EXPECT_EQ(std::to_string(packed.width) + "x" + std::to_string(packed.height), row["pack"].get<std::string>());
    for (const auto& [name, scale] : {std::pair{"half", 0.5}, {"x1.25", 1.25}, {"x0.3", 0.3}}) {
      const core::Size scaled = pipeline::scale_resolution(size, scale);
      EXPECT_EQ(scaled, (core::Size{row[name][0], row[name][1]})) << name;
    }
  }
}

TEST(Numeric, ContentAnalyserInput) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "vision.npz");
  core::Image fitted(384, 384, 3);
  ops::fit_contain(fitted, golden["in_frame"].image());
  std::vector<float> tensor(3 * 384 * 384);
  ops::to_tensor(tensor, fitted, ops::value_table({0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}), ops::ChannelOrder::kRgb,
                 ops::Layout::kChw);
  const auto expected = golden["out_nsfw2@6"].as<float>();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::size_t c = i / (64 * 64);
    const std::size_t y = i / 64 % 64 * 6;
    const std::size_t x = i % 64 * 6;
    ASSERT_NEAR(tensor[(c * 384 + y) * 384 + x], expected[i], 2 / 127.5);
  }
}

}  // namespace
}  // namespace facegraph::test
