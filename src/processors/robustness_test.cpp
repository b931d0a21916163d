// Every registered processor with models that give no numbers, faces where none can be, and frames of odd sizes; the
// models are the reference data's stand-ins.
#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "processors/busy_test_support.hpp"
#include "runtime/session/not_finite.hpp"
#include "support/npz.hpp"
#include "support/onnx_spoiler.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

namespace fs = std::filesystem;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Of pictures whose rows have no gaps.
bool equal(core::ConstImageView a, core::ConstImageView b) {
  return a.size() == b.size() && a.channels == b.channels &&
         (a.empty() || std::memcmp(a.data, b.data, a.row_bytes() * static_cast<std::size_t>(a.height)) == 0);
}

core::Face face_of_points(const core::Landmark5& points) {
  core::Face face = face_at(0, 0, 1);
  face.landmarks.five = points;
  face.landmarks.five_of_68 = points;
  face.landmarks.sixty_eight.fill(points[0]);
  face.landmarks.sixty_eight_of_5.fill(points[0]);
  face.bounding_box = {points[0].x, points[0].y, points[1].x, points[1].y};
  return face;
}

// Within the frame, over its borders, smaller than a pixel, larger than it.
core::Faces odd_faces(core::Size size) {
  const double w = size.width;
  const double h = size.height;
  const double side = std::max(w, h);
  const core::Point middle{w / 2, h / 2};
  return {face_at(0, 0, side),
          face_at(-side / 2, -side / 2, side),
          face_at(w - side / 3, h - side / 2, side),
          face_at(w - 1, h - 1, 1),
          face_at(middle.x, middle.y, 1),
          face_at(middle.x, middle.y, 1e-3),
          face_at(-20 * side, -20 * side, 41 * side),
          face_at(middle.x, middle.y, -side),  // upside down and mirrored
          face_of_points({middle,
                          {middle.x + 5, middle.y},
                          {middle.x + 10, middle.y},
                          {middle.x + 15, middle.y},
                          {middle.x + 20, middle.y}})};
}

// Nowhere in the frame, or no face at all.
core::Faces absent_faces(core::Size size) {
  const double side = std::max(size.width, size.height);
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  core::Faces faces{face_at(10 * side + 10, 0, side),
                    face_at(0, -20 * side - 10, side),
                    face_at(1e9, -1e9, side),
                    face_at(1e300, 1e300, 50),
                    face_of_points({core::Point{nan, nan}, {nan, 1}, {1, nan}, {nan, 0}, {0, nan}}),
                    face_of_points({core::Point{infinity, 0}, {0, -infinity}, {1, 2}, {3, 4}, {infinity, infinity}})};
  return faces;
}

class Robust : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto shared = test::shared_folder();
    if (!shared) {
      GTEST_SKIP() << "reference data absent: set FACEGRAPH_SHARED or put the folder 'shared' beside the repository";
    }
    for (const char* folder : {"", "custom", "iperov"}) {
      link_models(*shared / "contract" / "models" / folder, scratch_ / folder);
    }
  }

  // A link for each file of the folder.
  static void link_models(const fs::path& from, const fs::path& to) {
    if (!fs::is_directory(from)) {
      return;
    }
    fs::create_directories(to);
    for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
      if (entry.is_regular_file()) {
        fs::create_symlink(fs::absolute(entry.path()), to / entry.path().filename());
      }
    }
  }

  std::unique_ptr<Processor> made() const { return busy_processor(GetParam()); }

  std::unique_ptr<FrameProcessor> open(const Processor& processor, runtime::InferencePool& pool) const {
    return processor.open({pool, store_}, one_source());
  }

  // A face in a small frame. Whether it was edited, or a model was found to give no numbers; then nothing has changed.
  bool edits(const Processor& processor, runtime::InferencePool& pool) const {
    const core::Image target = pattern(200, 160);
    TempFrame temp{core::Image::copy_of(target), {}};
    try {
      open(processor, pool)->process_frame({{face_at(50, 30, 100)}, target}, temp);
    } catch (const runtime::NotFinite&) {
      EXPECT_TRUE(equal(temp.frame, target));
      EXPECT_TRUE(temp.mask.empty());
      return false;
    }
    return !equal(temp.frame, target) || !temp.mask.empty();
  }

  void expect_seen(const Processor& processor, const models::ModelFile& file, float value) const {
    const fs::path path = store_.path(file);
    const fs::path original = fs::read_symlink(path);
    test::spoil_model(original, path, value);
    runtime::InferencePool pool{runtime::ExecutionOptions{}};
    const bool edited = edits(processor, pool);
    bool ran = false;
    for (const runtime::ModelUse& use : pool.use()) {
      ran |= use.name == file.name && use.runs > 0;
    }
    EXPECT_NE(edited, ran) << file.name << " with " << value;
    fs::remove(path);
    fs::create_symlink(original, path);
  }

  test::Scratch scratch_;
  test::ScopedVariable variable_{"FACEGRAPH_MODELS_PATH", scratch_.folder().string()};
  models::Store store_{scratch_.folder()};
};

TEST_P(Robust, ModelsThatGiveNoNumbersLeaveTheFrame) {
  const auto processor = made();
  runtime::InferencePool pool{runtime::ExecutionOptions{}};
  ASSERT_TRUE(edits(*processor, pool)) << "the test's face does not show";
  for (const models::ModelFile& file : processor->model_files()) {
    for (const float value : {kNan, kInfinity, -kInfinity}) {
      expect_seen(*processor, file, value);
    }
  }
}

TEST_P(Robust, OddFacesAndFramesAreTaken) {
  const auto processor = made();
  runtime::InferencePool pool{runtime::ExecutionOptions{}};
  const auto opened = open(*processor, pool);
  const bool of_faces = processor->needs().target_faces;
  for (const core::Size size :
       {core::Size{1, 1}, core::Size{2, 1}, core::Size{16, 16}, core::Size{1, 300}, core::Size{300, 1}, {97, 64}}) {
    const core::Image target = pattern(size.width, size.height);
    const core::Faces absent = absent_faces(size);
    TempFrame temp{core::Image::copy_of(target), {}};
    for (std::size_t i = 0; of_faces && i < absent.size(); ++i) {
      opened->process_frame({{absent[i]}, target}, temp);
      ASSERT_TRUE(equal(temp.frame, target)) << size.width << "x" << size.height << " with absent face " << i;
    }
    temp = {core::Image::copy_of(target), {}};
    opened->process_frame({odd_faces(size), target}, temp);
    if (of_faces) {
      EXPECT_EQ(temp.frame.size(), size);
    }
    EXPECT_TRUE(temp.mask.empty() || temp.mask.size() == temp.frame.size());
  }
}

TEST_P(Robust, AVeryLargeFrameIsTaken) {
  const auto processor = made();
  const bool of_faces = processor->needs().target_faces;
  const core::Size size = of_faces ? core::Size{7680, 4320} : core::Size{1500, 1000};  // others enlarge it
  runtime::InferencePool pool{runtime::ExecutionOptions{}};
  const core::Image target = pattern(size.width, size.height);
  TempFrame temp{core::Image::copy_of(target), {}};
  open(*processor, pool)->process_frame({{face_at(size.width - 900, size.height - 900, 1200)}, target}, temp);
  EXPECT_FALSE(equal(temp.frame, target) && temp.mask.empty());
}

INSTANTIATE_TEST_SUITE_P(Processors, Robust, testing::ValuesIn(processor_options().front().choices),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace facegraph::processors
