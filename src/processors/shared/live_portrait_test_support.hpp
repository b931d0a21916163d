// Tiny stand-ins for LivePortrait's networks, and a frame with a face for them.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "processors/face_test_support.hpp"
#include "processors/shared/live_portrait.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {

// What the generator paints: one grey for all pixels, gain * mean of one of its inputs + offset.
struct Brush {
  std::string input = "source";
  float gain = 1;
  float offset = 0;
};

// Writes stand-ins into a folder. Whatever the picture, the motion extractor says `motion`, but where
// follows_picture: the expression is then times the mean of the picture's values (0..1).
class PortraitStandIns {
 public:
  ops::PortraitMotion motion;
  bool follows_picture = false;
  std::vector<float> eyes = std::vector<float>(63, 0.0F);
  std::vector<float> lips = std::vector<float>(63, 0.0F);
  Brush brush;

  void write(const test::Scratch& folder) const {
    write_features(folder);
    write_motion(folder);
    retargeter(66, eyes).write(path(folder, PortraitPart::kEyeRetargeter));
    retargeter(65, lips).write(path(folder, PortraitPart::kLipRetargeter));
    test::OnnxModel{{{"source", {1, 21, 3}}, {"target", {1, 21, 3}}},
                    {{"output", {1, 21, 3}}},
                    {{"Identity", {"source"}, {"output"}}}}
        .write(path(folder, PortraitPart::kStitcher));
    write_generator(folder);
  }

 private:
  static std::filesystem::path path(const test::Scratch& folder, PortraitPart part) {
    return folder / portrait_file(part).file_name();
  }

  static test::OnnxInitializer shape(const std::vector<std::int64_t>& sizes) {
    return {.name = "shape",
            .dims = {static_cast<std::int64_t>(sizes.size())},
            .type = test::OnnxType::kInt64,
            .raw = test::raw_bytes(sizes)};
  }

  static test::OnnxModel retargeter(std::int64_t inputs, const std::vector<float>& output) {
    return test::constant_model({"input", {1, inputs}}, {test::constant("output", {1, 63}, output)});
  }

  // The picture's mean everywhere.
  static void write_features(const test::Scratch& folder) {
    test::OnnxModel{{{"input", {1, 3, 256, 256}}},
                    {{"output", {1, 32, 16, 64, 64}}},
                    {{"ReduceMean", {"input"}, {"mean"}}, {"Expand", {"mean", "shape"}, {"output"}}},
                    {shape({1, 32, 16, 64, 64})}}
        .write(path(folder, PortraitPart::kFeatures));
  }

  void write_motion(const test::Scratch& folder) const {
    std::vector<float> expression(63);
    std::vector<float> points(63);
    from_points(expression, motion.expression);
    from_points(points, motion.points);
    test::OnnxModel model = test::constant_model(
        {"input", {1, 3, 256, 256}},
        {test::constant("pitch", {}, {motion.angles.pitch}), test::constant("yaw", {}, {motion.angles.yaw}),
         test::constant("roll", {}, {motion.angles.roll}), test::constant("scale", {1, 1}, {motion.scale}),
         test::constant("translation", {1, 3}, {motion.translation.begin(), motion.translation.end()}),
         test::constant("expression", {1, 21, 3}, expression), test::constant("motion_points", {1, 21, 3}, points)});
    if (follows_picture) {
      model.nodes[5] = {"Mul", {"expression_value", "flat"}, {"expression"}};
      model.nodes.insert(model.nodes.begin(),
                         {{"ReduceMean", {"input"}, {"mean"}}, {"Reshape", {"mean", "shape"}, {"flat"}}});
      model.initializers.push_back(shape({1}));
    }
    model.write(path(folder, PortraitPart::kMotion));
  }

  void write_generator(const test::Scratch& folder) const {
    test::OnnxModel{
        {{"feature_volume", {1, 32, 16, 64, 64}}, {"source", {1, 21, 3}}, {"target", {1, 21, 3}}},
        {{"output", {1, 3, 512, 512}}},
        {{"ReduceMean", {brush.input}, {"mean"}},
         {"Reshape", {"mean", "one"}, {"flat"}},
         {"Mul", {"flat", "gain"}, {"scaled"}},
         {"Add", {"scaled", "offset"}, {"grey"}},
         {"Expand", {"grey", "shape"}, {"output"}}},
        {shape({1, 3, 512, 512}),
         {.name = "one", .dims = {1}, .type = test::OnnxType::kInt64, .raw = test::raw_bytes<std::int64_t>({1})},
         test::constant("gain", {1}, {brush.gain}),
         test::constant("offset", {1}, {brush.offset})}}
        .write(path(folder, PortraitPart::kGenerator));
  }
};

inline core::Image grey_picture(int width, int height, std::uint8_t level) {
  core::Image picture(width, height, 3);
  std::fill_n(picture.row<std::uint8_t>(0), picture.bytes(), level);
  return picture;
}

}  // namespace facegraph::processors
