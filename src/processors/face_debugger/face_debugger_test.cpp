#include "processors/face_debugger/face_debugger.hpp"

#include <cstring>
#include <functional>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "models/catalogue/model_set.hpp"
#include "ops/draw/draw.hpp"
#include "ops/geometry/affine.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using Given = std::map<std::string, std::vector<std::string>>;
using ops::Colour;

constexpr Colour kBlack{};
constexpr Colour kRed{0, 0, 255};
constexpr Colour kLightRed{100, 100, 255};
constexpr Colour kGreen{0, 255, 0};
constexpr Colour kCyan{255, 255, 0};
constexpr Colour kOrange{0, 165, 255};

core::OptionValues values_with(const Given& given) {
  return test::values_of({models::model_set_options(), analysers::masker_options(), face_debugger_options()}, given);
}

TEST(FaceDebuggerOptions, DefaultsAreTheReferences) {
  const FaceDebuggerOptions options = FaceDebuggerOptions::from(values_with({}));
  const DebuggerItems& items = options.items;
  EXPECT_TRUE(items.landmark_5_68 && items.face_mask);
  EXPECT_FALSE(items.bounding_box || items.landmark_5 || items.landmark_68 || items.landmark_68_5);
  EXPECT_TRUE(options.masker.box);
}

TEST(FaceDebuggerOptions, EachItemIsRead) {
  const std::vector<std::pair<const char*, bool DebuggerItems::*>> names{
      {"bounding-box", &DebuggerItems::bounding_box},        {"face-landmark-5", &DebuggerItems::landmark_5},
      {"face-landmark-5/68", &DebuggerItems::landmark_5_68}, {"face-landmark-68", &DebuggerItems::landmark_68},
      {"face-landmark-68/5", &DebuggerItems::landmark_68_5}, {"face-mask", &DebuggerItems::face_mask}};
  for (const auto& [name, item] : names) {
    const auto options = FaceDebuggerOptions::from(values_with({{"face-debugger-items", {name}}}));
    for (const auto& [other, member] : names) {
      EXPECT_EQ(options.items.*member, member == item) << other << " of " << name;
    }
  }
}

TEST(FaceDebuggerOptions, AnUnknownItemIsAUsageError) {
  test::expect_names(test::message_of(core::ErrorCode::kUsage,
                                      [] {
                                        values_with({{"face-debugger-items", {"face-mask", "race"}}});
                                      }),
                     {"face-debugger-items", "race", "face-landmark-5/68"});
}

TEST(FaceDebuggerOptions, TheMaskIsNotBlurred) {
  const auto values = values_with({{"face-mask-blur", {"0.5"}}, {"face-mask-padding", {"1", "2", "3", "4"}}});
  const analysers::MaskerOptions masker = FaceDebuggerOptions::from(values).masker;
  EXPECT_EQ(masker.blur, 0);
  EXPECT_EQ(masker.padding, (std::array{1, 2, 3, 4}));
}

TEST(FaceDebugger, NeedsFacesAndTheModelsOfMasks) {
  const auto processor = make_face_debugger(values_with({}));
  const Needs needs = processor->needs();
  EXPECT_TRUE(needs.target_faces);
  EXPECT_FALSE(needs.source_image || needs.source_face || needs.target_embeddings || needs.target_classes);
  const auto files = processor->model_files();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].name, "xseg_1");
  EXPECT_EQ(files[1].name, "bisenet_resnet_34");
}

TEST(FaceDebugger, OfTheEmbeddedSetTakesItsModels) {
  const auto files = make_face_debugger(values_with({{models::kModelSetOption, {"embedded"}}}))->model_files();
  ASSERT_FALSE(files.empty());
  for (const models::ModelFile& file : files) {
    EXPECT_TRUE(models::is_embedded(file)) << file.name;
  }
}

class DrawingTest : public testing::Test {
 protected:
  // A face whose crop is the square 100 .. 228 and whose landmarker moved every point a little.
  static core::Face face() {
    core::Face face;
    face.bounding_box = {90.7, 80.2, 240.9, 250.5};
    core::LandmarkSet& points = face.landmarks;
    points.five_of_68 = ops::warp_template(ops::WarpTemplate::kArcface128);
    for (std::size_t i = 0; i < points.five.size(); ++i) {
      core::Point& point = points.five_of_68[i];
      point = {100 + 128 * point.x, 100 + 128 * point.y};
      points.five[i] = {point.x + 20, point.y};
    }
    for (int i = 0; i < 68; ++i) {
      points.sixty_eight[i] = {60.9 + i, 140.9 + i % 7};
      points.sixty_eight_of_5[i] = {60.9 + i, 270.9 + i % 7};
    }
    return face;
  }
  core::Image drawn(const std::vector<core::Face>& faces, Given given, core::Size size = {300, 300}) {
    TempFrame temp{core::Image::zeros(size.width, size.height, 3), {}};
    make_face_debugger(values_with(given))->open({pool_, store_}, {})->process_frame({faces}, temp);
    return std::move(temp.frame).take_image();
  }
  core::Image items(const core::Face& face, const std::vector<std::string>& names) {
    return drawn({face}, {{"face-debugger-items", names}});
  }
  core::Image mask(const core::Face& face, Given given) {
    given["face-debugger-items"] = {"face-mask"};
    return drawn({face}, given);
  }

  static Colour at(const core::Image& frame, core::Point point) {
    const auto* pixel = &frame.row<std::uint8_t>(static_cast<int>(point.y))[3 * static_cast<int>(point.x)];
    return {pixel[0], pixel[1], pixel[2]};
  }
  static bool is_black(const core::Image& frame) {
    const auto* bytes = frame.row<std::uint8_t>(0);
    return std::all_of(bytes, bytes + frame.bytes(), [](std::uint8_t byte) { return byte == 0; });
  }
  static bool equal(const core::Image& a, const core::Image& b) {
    return a.size() == b.size() && std::memcmp(a.row<std::uint8_t>(0), b.row<std::uint8_t>(0), a.bytes()) == 0;
  }
  // Whether there is a mark of that colour, and of no other, in the part of row y.
  static bool crosses(const core::Image& frame, Colour colour, int y, int begin, int end) {
    bool found = false;
    for (int x = begin; x < end; ++x) {
      const Colour here = at(frame, {double(x), double(y)});
      if (here != kBlack && here != colour) {
        return false;
      }
      found |= here == colour;
    }
    return found;
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
};

TEST_F(DrawingTest, WithoutFacesTheFrameStays) {
  EXPECT_TRUE(is_black(drawn({}, {})));
}

TEST_F(DrawingTest, LinesGrowWithTheFrame) {
  const core::BoundingBox box{20, 40, 60, 90};
  core::Face face;
  face.bounding_box = box;
  // spec: face-processors.md 9.2; halves go to the even neighbour
  for (const auto& [height, width] : {std::pair{100, 1},
                                      {135, 1},
                                      {240, 1},
                                      {405, 2},
                                      {675, 2},
                                      {720, 3},
                                      {945, 4},
                                      {1080, 4},
                                      {1440, 5},
                                      {2160, 8},
                                      {2565, 10},
                                      {4000, 10}}) {
    core::Image expected = core::Image::zeros(100, height, 3);
    ops::draw_rectangle(expected, box, kRed, width);
    ops::draw_line(expected, {20, 40}, {60, 40}, kLightRed, width + 1);
    EXPECT_TRUE(equal(drawn({face}, {{"face-debugger-items", {"bounding-box"}}}, {100, height}), expected)) << height;
  }
}

TEST_F(DrawingTest, TheAngleNamesTheLitEdgeOfTheBox) {
  // Middles of the edges: 0, 90, 180, 270 degrees.
  const std::vector<core::Point> middles{{165, 80}, {240, 165}, {165, 250}, {90, 165}};
  for (const int angle : {0, 90, 180, 270, 45, 360, -90}) {
    core::Face turned = face();
    turned.angle = angle;
    const core::Image frame = items(turned, {"bounding-box"});
    for (int edge = 0; edge < 4; ++edge) {
      EXPECT_EQ(at(frame, middles[edge]), angle == 90 * edge ? kLightRed : kRed) << angle << ", edge " << edge;
    }
  }
}

TEST_F(DrawingTest, PointsHaveTheColoursOfTheirOrigin) {
  core::Face plain = face();
  core::Face stood_in = face();
  stood_in.landmarks.five = stood_in.landmarks.five_of_68;
  stood_in.landmarks.sixty_eight = stood_in.landmarks.sixty_eight_of_5;
  core::Face refilled = stood_in;
  refilled.origin = core::FaceOrigin::kRefill;
  struct Row {
    const char* item;
    std::function<core::Point(const core::Face&)> point;
    Colour plain, stood_in;
  };
  for (const Row& row : std::vector<Row>{
           {"face-landmark-5", [](const core::Face& face) { return face.landmarks.five[1]; }, kRed, kRed},
           {"face-landmark-5/68", [](const core::Face& face) { return face.landmarks.five_of_68[4]; }, kGreen, kCyan},
           {"face-landmark-68", [](const core::Face& face) { return face.landmarks.sixty_eight[67]; }, kGreen, kCyan},
           {"face-landmark-68/5", [](const core::Face& face) { return face.landmarks.sixty_eight_of_5[0]; }, kCyan,
            kCyan}}) {
    EXPECT_EQ(at(items(plain, {row.item}), row.point(plain)), row.plain) << row.item;
    EXPECT_EQ(at(items(stood_in, {row.item}), row.point(stood_in)), row.stood_in) << row.item;
    EXPECT_EQ(at(items(refilled, {row.item}), row.point(refilled)), kOrange) << row.item;
  }
}

TEST_F(DrawingTest, PointsAreDiscsOfTheLineWidth) {
  core::Face face;
  face.landmarks.five = {{{10.9, 20.9}, {30, 20}, {50, 20}, {70, 20}, {90, 20}}};
  core::Image expected = core::Image::zeros(100, 540, 3);
  for (const int x : {10, 30, 50, 70, 90}) {
    ops::draw_disc(expected, {double(x), 20}, 2, kRed);
  }
  EXPECT_TRUE(equal(drawn({face}, {{"face-debugger-items", {"face-landmark-5"}}}, {100, 540}), expected));
}

TEST_F(DrawingTest, PointsThatAreAllZeroAreAbsent) {
  core::Face absent = face();
  absent.landmarks = {};
  EXPECT_TRUE(
      is_black(items(absent, {"face-landmark-5", "face-landmark-5/68", "face-landmark-68", "face-landmark-68/5"})));
  absent.landmarks.five[4].y = 9;
  EXPECT_EQ(at(items(absent, {"face-landmark-5"}), {0, 0}), kRed);
}

TEST_F(DrawingTest, TheOrderIsItsOwn) {
  core::Face face = this->face();
  face.landmarks.five_of_68[0] = {90, 165};
  const core::Image frame = items(face, {"face-landmark-5/68", "bounding-box"});
  EXPECT_EQ(at(frame, {90, 165}), kGreen);
  EXPECT_TRUE(equal(frame, items(face, {"bounding-box", "face-landmark-5/68"})));
}

TEST_F(DrawingTest, TheMaskShowsAsItsOutline) {
  core::Face face = this->face();
  const core::Image plain = mask(face, {});
  EXPECT_TRUE(crosses(plain, kGreen, 164, 98, 103));
  EXPECT_TRUE(crosses(plain, kGreen, 164, 225, 230));
  EXPECT_FALSE(crosses(plain, kGreen, 164, 103, 225));
  EXPECT_FALSE(crosses(plain, kGreen, 164, 0, 98));
  face.landmarks.five = face.landmarks.five_of_68;
  EXPECT_TRUE(crosses(mask(face, {}), kCyan, 164, 98, 103));
  face.origin = core::FaceOrigin::kRefill;
  EXPECT_TRUE(crosses(mask(face, {}), kOrange, 164, 98, 103));
}

TEST_F(DrawingTest, TheMaskHasItsPaddingAndNoBlur) {
  const core::Image frame = mask(face(), {{"face-mask-padding", {"0", "0", "0", "25"}}, {"face-mask-blur", {"1"}}});
  EXPECT_TRUE(crosses(frame, kGreen, 164, 130, 135));
  EXPECT_TRUE(crosses(frame, kGreen, 164, 225, 230));
  EXPECT_FALSE(crosses(frame, kGreen, 164, 98, 130));
}

TEST_F(DrawingTest, TheMaskOfAnAreaIsAroundItsPoints) {
  core::Face face = this->face();
  for (int i = 48; i < 68; ++i) {
    face.landmarks.sixty_eight[i] = {i % 2 == 0 ? 140.0 : 190.0, i % 4 < 2 ? 180.0 : 210.0};
  }
  const core::Image frame = mask(face, {{"face-mask-types", {"area"}}, {"face-mask-areas", {"mouth"}}});
  EXPECT_TRUE(crosses(frame, kGreen, 195, 138, 148));
  EXPECT_TRUE(crosses(frame, kGreen, 195, 182, 192));
  EXPECT_FALSE(crosses(frame, kGreen, 195, 148, 182));
  EXPECT_FALSE(crosses(frame, kGreen, 164, 0, 300));
}

TEST_F(DrawingTest, MasksBelowTheLevelAreNotThere) {
  for (const bool above : {false, true}) {
    // The finish stretches 0.5 .. 1 to 0 .. 1: 96 and 112 of 255.
    const std::vector<float> values(256 * 256, above ? 0.72F : 0.69F);
    test::constant_model({"input", {1, 256, 256, 3}}, {test::constant("output", {1, 256, 256, 1}, values)})
        .write(scratch_ / (above ? "xseg_2.onnx" : "xseg_1.onnx"));
    const core::Image frame = mask(
        face(), {{"face-mask-types", {"box", "occlusion"}}, {"face-occluder-model", {above ? "xseg_2" : "xseg_1"}}});
    EXPECT_EQ(crosses(frame, kGreen, 164, 98, 103), above);
    EXPECT_EQ(is_black(frame), !above);
  }
}

TEST_F(DrawingTest, OpensNoModelForWhatIsNotDrawn) {
  EXPECT_FALSE(is_black(
      drawn({face()}, {{"face-debugger-items", {"bounding-box"}}, {"face-mask-types", {"occlusion", "region"}}})));
  test::expect_names(test::message_of(core::ErrorCode::kFailed,
                                      [&] {
                                        mask(face(), {{"face-mask-types", {"region"}}});
                                      }),
                     {"bisenet_resnet_34"});
}

TEST_F(DrawingTest, AFaceWithoutASimilarityHasNoMask) {
  core::Face bad = face();
  bad.landmarks.five_of_68.fill({50, 50});
  EXPECT_TRUE(is_black(mask(bad, {})));
  bad.landmarks.five_of_68[0].x = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(is_black(mask(bad, {})));
  EXPECT_EQ(at(items(bad, {"face-mask", "face-landmark-5/68"}), {50, 50}), kGreen);
}

}  // namespace
}  // namespace facegraph::processors
