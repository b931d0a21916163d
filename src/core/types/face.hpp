// What the analysers know of a face. Coordinates: x right, y down, pixel centres at integers, of the analysed frame.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace facegraph::core {

struct Point {
  double x = 0;
  double y = 0;

  friend bool operator==(const Point&, const Point&) = default;
};

// Maps frame to crop: x' = m[0]x + m[1]y + m[2], y' = m[3]x + m[4]y + m[5].
struct Affine {
  std::array<double, 6> m{};
};

// Not clipped to the frame; may be negative or beyond it.
struct BoundingBox {
  double x1 = 0;
  double y1 = 0;
  double x2 = 0;
  double y2 = 0;

  double width() const { return x2 - x1; }
  double height() const { return y2 - y1; }
  double area() const { return width() * height(); }
};

// Image-left eye, image-right eye, nose tip, image-left mouth corner, image-right mouth corner.
using Landmark5 = std::array<Point, 5>;
// iBUG order: 0-16 jaw, 17-26 brows, 27-35 nose, 36-41 left eye, 42-47 right eye, 48-67 mouth.
using Landmark68 = std::array<Point, 68>;

constexpr int kEmbeddingSize = 512;
using Embedding = std::array<float, kEmbeddingSize>;

enum class Gender : std::uint8_t { kFemale, kMale };
enum class Race : std::uint8_t { kWhite, kBlack, kLatino, kAsian, kIndian, kArabic };
enum class FaceOrigin : std::uint8_t { kDetect, kRefill };

// Half-open: start <= age < end.
struct AgeRange {
  int start = 0;
  int end = 0;

  friend bool operator==(const AgeRange&, const AgeRange&) = default;
};

// The reference's landmark set: names as there.
struct LandmarkSet {
  Landmark5 five;          // "5": the detector's points
  Landmark5 five_of_68;    // "5/68": from 68 when the landmarker is trusted, else equal to five; every crop uses it
  Landmark68 sixty_eight;  // "68": the landmarker's points, or a copy of sixty_eight_of_5 when it is off
  Landmark68 sixty_eight_of_5;  // "68/5": predicted from five
};

struct Face {
  FaceOrigin origin = FaceOrigin::kDetect;
  BoundingBox bounding_box;
  double detector_score = 0;
  double landmarker_score = 0;
  LandmarkSet landmarks;
  int angle = 0;               // 0, 90, 180 or 270
  Embedding embedding{};       // raw recognizer output
  Embedding embedding_norm{};  // embedding / L2 norm (an average of faces is not normalised again)
  // Unset where the model set has no classifier.
  std::optional<AgeRange> age;
  std::optional<Gender> gender;
  std::optional<Race> race;
};

using Faces = std::vector<Face>;

}  // namespace facegraph::core
