#include "processors/lip_syncer/lip_syncer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "models/catalogue/model_set.hpp"
#include "ops/geometry/affine.hpp"
#include "processors/lip_syncer/voice_tensor.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using Given = std::map<std::string, std::vector<std::string>>;

core::OptionValues values_with(const Given& given) {
  return test::values_of({models::model_set_options(), analysers::masker_options(), lip_syncer_options()}, given);
}

TEST(LipSyncerOptions, DefaultsAreTheReferences) {
  const LipSyncerOptions options = LipSyncerOptions::from(values_with({}));
  EXPECT_EQ(options.model.file.name, "wav2lip_gan_96");
  EXPECT_EQ(options.model.size, 96);
  EXPECT_EQ(options.weight, 0.5F);
  EXPECT_EQ(core::choices_of(lip_syncer_options().front(), values_with({})),
            (std::vector<std::string>{"edtalk_256", "wav2lip_96", "wav2lip_gan_96"}));
}

// Of the mask types only occlusion is the user's choice.
TEST(LipSyncerOptions, MasksFollowTheModel) {
  const Given masks{{"face-mask-types", {"area", "region"}},
                    {"face-mask-areas", {"mouth"}},
                    {"face-mask-padding", {"1", "2", "3", "4"}}};
  Given edtalk = masks;
  edtalk["lip-syncer-model"] = {"edtalk_256"};
  edtalk["face-mask-types"] = {"occlusion"};
  const analysers::MaskerOptions box = LipSyncerOptions::from(values_with(edtalk)).masker;
  EXPECT_TRUE(box.box && box.occlusion && !box.area && !box.region);
  EXPECT_EQ(box.padding, (std::array<int, 4>{1, 2, 3, 4}));
  EXPECT_EQ(box.blur, 0.3);
  const analysers::MaskerOptions area = LipSyncerOptions::from(values_with(masks)).masker;
  EXPECT_TRUE(area.area && !area.box && !area.occlusion && !area.region);
  EXPECT_EQ(area.areas, std::vector{ops::FaceMaskArea::kLowerFace});
}

TEST(LipSyncer, NeedsASoundAndItsModels) {
  const auto processor = make_lip_syncer(values_with({{"lip-syncer-model", {"edtalk_256"}}}));
  EXPECT_TRUE(processor->needs().source_audio && processor->needs().target_faces);
  EXPECT_FALSE(processor->needs().source_image || processor->needs().source_face);
  std::vector<std::string> names;
  for (const models::ModelFile& file : processor->model_files()) {
    names.push_back(file.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"xseg_1", "edtalk_256"}));
}

TEST(LipSyncer, TheEmbeddedSetHasNoModelForIt) {
  test::expect_names(test::message_of(core::ErrorCode::kUsage,
                                      [] {
                                        make_lip_syncer(values_with({{models::kModelSetOption, {"embedded"}}}));
                                      }),
                     {"lip_syncer", "embedded"});
}

// spec: portrait-frame-processors.md section 12
TEST(VoiceInput, IsALogarithmOfTheVoice) {
  core::MelFrame voice{};
  const std::vector<std::pair<double, float>> levels{{0, -4}, {1e-3, -1.6F}, {0.01, 0}, {0.1, 1.6F}, {1, 3.2F}, {9, 4}};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    voice[100 * i] = levels[i].first;
  }
  std::vector<float> tensor(voice.size());
  to_voice_input(tensor, &voice, LipSyncerType::kEdtalk, 0.9F);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    EXPECT_NEAR(tensor[100 * i], levels[i].second, 1e-6);
  }
  to_voice_input(tensor, &voice, LipSyncerType::kWav2lip, 0.75F);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    EXPECT_NEAR(tensor[100 * i], 1.5F * levels[i].second, 1e-5);
  }
  to_voice_input(tensor, &voice, LipSyncerType::kWav2lip, 0);
  EXPECT_TRUE(std::all_of(tensor.begin(), tensor.end(), [](float value) { return value == 0; }));
  to_voice_input(tensor, nullptr, LipSyncerType::kWav2lip, 0.5F);
  EXPECT_TRUE(std::all_of(tensor.begin(), tensor.end(), [](float value) { return value == -4; }));
}

test::OnnxInitializer whole_numbers(const std::string& name, const std::vector<std::int64_t>& values) {
  return {.name = name,
          .dims = {static_cast<std::int64_t>(values.size())},
          .type = test::OnnxType::kInt64,
          .raw = test::raw_bytes(values)};
}

// A face whose crop is the square of 512 pixels at (44, 44); its points lie on a grid of 200 x 200 pixels in the
// middle.
core::Face face_in_the_middle() {
  core::Face face;
  face.landmarks.five_of_68 = ops::warp_template(ops::WarpTemplate::kFfhq512);
  for (core::Point& point : face.landmarks.five_of_68) {
    point = {44 + 512 * point.x, 44 + 512 * point.y};
  }
  core::Landmark68& points = face.landmarks.sixty_eight;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i] = {300.0, 200.0};
  }
  points[3] = {200, 300};  // the corners of the lower face
  points[13] = {400, 300};
  points[8] = {300, 400};
  for (std::size_t i = 4; i < 8; ++i) {
    points[i] = {200, 400};
    points[i + 5] = {400, 400};
  }
  for (std::size_t i = 31; i < 36; ++i) {
    points[i] = {300, 300};
  }
  return face;
}

core::Image gradient() {
  core::Image picture(600, 600, 3);
  for (int y = 0; y < 600; ++y) {
    for (int x = 0; x < 600; ++x) {
      auto* pixel = picture.row<std::uint8_t>(y) + 3 * x;
      pixel[0] = static_cast<std::uint8_t>(x / 3);
      pixel[1] = static_cast<std::uint8_t>(y / 3);
      pixel[2] = static_cast<std::uint8_t>((x + y) / 6);
    }
  }
  return picture;
}

class LipSyncerPixels : public testing::Test {
 protected:
  using Pixel = std::array<int, 3>;

  // wav2lip_96 gives back three of the six planes that it is shown, counted from `first`.
  void write_wav2lip(std::int64_t first) const {
    test::OnnxModel{{{"source", {"batch", 1, 80, 16}}, {"target", {"batch", 6, 96, 96}}},
                    {{"output", {"batch", 3, 96, 96}}},
                    {{"Slice", {"target", "first", "end", "axis"}, {"part"}},
                     {"ReduceSum", {"source"}, {"sum"}},
                     {"Mul", {"sum", "zero"}, {"nothing"}},
                     {"Add", {"part", "nothing"}, {"output"}}},
                    {whole_numbers("first", {first}), whole_numbers("end", {first + 3}), whole_numbers("axis", {1}),
                     test::constant("zero", {1}, {0})}}
        .write(scratch_ / "wav2lip_96.onnx");
  }
  core::Image synced(const Given& given, const core::Face& face, const core::MelFrame* voice = nullptr) {
    TempFrame temp{gradient(), {}};
    FrameFacts facts;
    facts.selected = {face};
    facts.voice = voice;
    make_lip_syncer(values_with(given))->open({pool_, store_}, {})->process_frame(facts, temp);
    return std::move(temp.frame).take_image();
  }
  static Pixel at(const core::Image& image, int x, int y) {
    const auto* pixel = image.row<std::uint8_t>(y) + 3 * x;
    return {pixel[0], pixel[1], pixel[2]};
  }
  static void expect_near(const Pixel& found, const Pixel& expected, int off, const std::string& what) {
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_NEAR(found[c], expected[c], off) << what << ", channel " << c;
    }
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
};

const Given kWav2lip{{"lip-syncer-model", {"wav2lip_96"}}};

TEST_F(LipSyncerPixels, WhatWav2lipLeavesStays) {
  write_wav2lip(3);
  const core::Image before = gradient();
  const core::Image after = synced(kWav2lip, face_in_the_middle());
  for (int y = 0; y < 600; y += 7) {
    for (int x = 0; x < 600; x += 7) {
      expect_near(at(after, x, y), at(before, x, y), 2, fmt::format("{} {}", x, y));
    }
  }
}

// The first planes are the box without its lower half: the mask's area, the lower face, gets dark there and only there.
TEST_F(LipSyncerPixels, Wav2lipSeesItsBoxWithoutTheLowerHalf) {
  write_wav2lip(0);
  const core::Image before = gradient();
  const core::Image after = synced(kWav2lip, face_in_the_middle());
  expect_near(at(after, 300, 350), {0, 0, 0}, 1, "in the lower face");
  for (const auto& [x, y] : {std::pair{300, 250}, {300, 200}, {150, 350}, {450, 350}, {300, 450}, {10, 10}}) {
    expect_near(at(after, x, y), at(before, x, y), 0, fmt::format("{} {}", x, y));
  }
}

TEST_F(LipSyncerPixels, EdtalkPaintsTheWholeBoxInItsOwnChannelOrder) {
  std::vector<float> planes;
  for (const float value : {0.2F, 0.4F, 1.0F}) {  // R, G, B
    planes.insert(planes.end(), std::size_t{256} * 256, value);
  }
  test::OnnxModel model =
      test::constant_model({"target", {1, 3, 256, 256}}, {test::constant("output", {1, 3, 256, 256}, planes)});
  model.inputs.push_back({"source", {1, 1, 80, 16}});
  model.inputs.push_back({"weight", {1}});
  model.write(scratch_ / "edtalk_256.onnx");
  const core::Image after = synced({{"lip-syncer-model", {"edtalk_256"}}}, face_in_the_middle());
  expect_near(at(after, 300, 200), {255, 102, 51}, 1, "upper face");
  expect_near(at(after, 300, 400), {255, 102, 51}, 1, "lower face");
  expect_near(at(after, 20, 300), at(gradient(), 20, 300), 0, "outside");
}

TEST_F(LipSyncerPixels, FacesThatCannotBeCutOutStayAsTheyAre) {
  write_wav2lip(0);
  core::Face flat = face_in_the_middle();
  flat.landmarks.sixty_eight.fill({300, 300});  // a box without an area
  core::Face broken = face_in_the_middle();
  broken.landmarks.five_of_68 = {};
  for (const core::Face& face : {flat, broken}) {
    const core::Image after = synced(kWav2lip, face);
    EXPECT_EQ(std::memcmp(after.view().data, gradient().view().data, after.bytes()), 0);
  }
}

}  // namespace
}  // namespace facegraph::processors
