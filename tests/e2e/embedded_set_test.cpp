// The model set that comes with facegraph, on the repository's own samples: whoever has the repository can run these.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "analysers/face/face_analyser.hpp"
#include "e2e/sandbox.hpp"
#include "media/decode/frame_source.hpp"
#include "media/image/image_file.hpp"
#include "ops/face/face.hpp"
#include "ops/geometry/affine.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;
using core::Face;
using core::Faces;
using core::Image;

constexpr core::Size kCrop{128, 128};              // the swapper's
constexpr const char* kGateLine = "content gate";  // of the line that says that there is none
constexpr float kMargin = 0.3F;                    // the set's aim: nearer to the source than to the old face by this
constexpr const char* kEmbeddedFolder = "models/embedded";

Image picture_of(const fs::path& path) {
  return media::read_image(path, media::ReadMode::kColour);
}

// The analysing stage on the same models, to look at the program's inputs and outputs.
class Eye {
 public:
  Eye() : store_(models::installation_root()), analyser_({pool_, store_, 0}, options()) {}

  // From left to right.
  Faces faces(core::ConstImageView frame) {
    Faces found = analyser_.analyse(frame);
    std::sort(found.begin(), found.end(),
              [](const Face& a, const Face& b) { return a.bounding_box.x1 < b.bounding_box.x1; });
    return found;
  }

 private:
  static analysers::FaceAnalyserOptions options() {
    analysers::FaceAnalyserOptions options;
    options.detector.model = "embedded_detector";
    options.landmarker.model = "embedded_landmarker";
    options.landmarker.model_set = models::ModelSet::kEmbedded;
    options.model_set = models::ModelSet::kEmbedded;
    return options;
  }

  models::Store store_;
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
  analysers::FaceAnalyser analyser_;
};

// Where a pixel of the frame lies in the crop that the swapper sees of a face.
class CropOf {
 public:
  explicit CropOf(const Face& face)
      : matrix_(*ops::estimate_similarity(face.landmarks.five_of_68, ops::WarpTemplate::kArcface128, kCrop)) {}

  // border: crop pixels around the crop that count too; negative: at its edge that do not.
  bool holds(int x, int y, double border) const {
    const core::Point place = ops::transform(matrix_, {double(x), double(y)});
    const auto within = [&](double value) { return value >= -border && value <= kCrop.width - 1 + border; };
    return within(place.x) && within(place.y);
  }

 private:
  core::Affine matrix_;
};

// Mean absolute difference over the pixels that `which` takes.
template <typename Which>
double mean_difference(const Image& a, const Image& b, const Which& which) {
  double sum = 0;
  double count = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) {
      if (which(x, y)) {
        for (int c = 0; c < 3; ++c) {
          sum += std::abs(int(a.row<std::uint8_t>(y)[3 * x + c]) - int(b.row<std::uint8_t>(y)[3 * x + c]));
        }
        count += 3;
      }
    }
  }
  return count > 0 ? sum / count : -1;
}

// The middle half of a face's crop: nothing but face.
double change_of_face(const Image& a, const Image& b, const Face& face) {
  const CropOf crop(face);
  return mean_difference(a, b, [&](int x, int y) { return crop.holds(x, y, -kCrop.width / 4.0); });
}

// What lies outside of every face's crop; two crop pixels for the crops that the program itself took.
double change_outside(const Image& a, const Image& b, const Faces& faces) {
  const std::vector<CropOf> crops(faces.begin(), faces.end());
  return mean_difference(a, b, [&](int x, int y) {
    return std::none_of(crops.begin(), crops.end(), [&](const CropOf& crop) { return crop.holds(x, y, 2); });
  });
}

class EmbeddedSet : public Sandbox {
 protected:
  void SetUp() override { make_folders(); }

  // The usual run on a target; the output is called like it.
  Job embedded(const fs::path& target) const {
    return {.embedded = true,
            .source = sample("source_1.jpg"),
            .target = target,
            .output = out(target.filename().string()),
            .options = {"--face-selector-mode", "many"}};
  }
  // The group picture without a lossy step at the end.
  fs::path group_png() const {
    media::write_image(in("group.png"), picture_of(sample("group.jpg")), 100);
    return in("group.png");
  }
  // The face after is the source's and no longer the one before.
  void expect_identity(const Face& after, const Face& source, const Face& before) const {
    const float to_source = ops::dot(after.embedding_norm, source.embedding_norm);
    const float to_before = ops::dot(after.embedding_norm, before.embedding_norm);
    EXPECT_GT(to_source, to_before + kMargin);
    EXPECT_GT(to_source, ops::dot(before.embedding_norm, source.embedding_norm) + kMargin);
  }

  // 16-bit mono samples at 8 kHz, as the ffmpeg executable decodes them.
  std::vector<double> sound_of(const fs::path& file) const {
    EXPECT_TRUE(make_with_ffmpeg("sound.raw", {"-i", file.string(), "-vn", "-ac", "1", "-ar", "8000", "-f", "s16le"}));
    const std::string bytes = read_text(in("sound.raw"));
    std::vector<std::int16_t> samples(bytes.size() / 2);
    std::memcpy(samples.data(), bytes.data(), samples.size() * 2);
    return {samples.begin(), samples.end()};
  }
  // As long, and the same wave: a tone that is shifted by half its period or louder by a third does not pass.
  void expect_same_sound(const fs::path& a, const fs::path& b) const {
    std::vector<double> one = sound_of(a);
    std::vector<double> other = sound_of(b);
    EXPECT_NEAR(double(one.size()), double(other.size()), 0.05 * 8000);
    double power = 0;
    double error = 0;
    for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i) {
      power += one[i] * one[i];
      error += (one[i] - other[i]) * (one[i] - other[i]);
    }
    ASSERT_GT(power, 0);
    EXPECT_LT(error / power, 0.1);
  }

  Eye eye_;
};

TEST_F(EmbeddedSet, SwapsAllFacesOfAPictureAndNothingElse) {
  const Image before = picture_of(group_png());
  expect_success(embedded(in("group.png")));
  const Image after = picture_of(out("group.png"));
  ASSERT_EQ(after.size(), before.size());
  const Faces source = eye_.faces(picture_of(sample("source_1.jpg")));
  const Faces faces = eye_.faces(before);
  const Faces swapped = eye_.faces(after);
  ASSERT_EQ(source.size(), 1U);
  ASSERT_EQ(faces.size(), 4U);
  ASSERT_EQ(swapped.size(), 4U);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    EXPECT_GT(change_of_face(before, after, faces[i]), 5) << "face " << i;
    expect_identity(swapped[i], source.front(), faces[i]);
  }
  EXPECT_EQ(change_outside(before, after, faces), 0);
}

// spec: application.md 11.13, on a portrait of ours
TEST_F(EmbeddedSet, FindsTheOneFaceInEveryCropOfAPortrait) {
  const Image portrait = picture_of(sample("source_1.jpg"));
  for (const double share : {1.0, 0.8, 0.7, 0.6}) {
    const int width = static_cast<int>(share * portrait.width());
    const int height = static_cast<int>(share * portrait.height());
    const core::ConstImageView crop =
        portrait.view().crop((portrait.width() - width) / 2, (portrait.height() - height) / 2, width, height);
    EXPECT_EQ(Eye().faces(Image::copy_of(crop)).size(), 1U) << share;
  }
}

TEST_F(EmbeddedSet, SwapsTheOneFaceThatIsSelected) {
  const Image before = picture_of(group_png());
  Job job = embedded(in("group.png"));
  job.options = {"--face-selector-mode", "one", "--face-selector-order", "right-left"};
  expect_success(job);
  const Image after = picture_of(out("group.png"));
  const Faces faces = eye_.faces(before);
  ASSERT_EQ(faces.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(change_of_face(before, after, faces[i]), 0) << "face " << i;
  }
  EXPECT_GT(change_of_face(before, after, faces[3]), 5);
  EXPECT_EQ(change_outside(before, after, {faces[3]}), 0);
}

TEST_F(EmbeddedSet, SwapsTheFacesLikeTheReferenceFace) {
  const Image before = picture_of(group_png());
  Job job = embedded(in("group.png"));
  job.options = {"--reference-face-position", "1", "--face-selector-order", "left-right"};
  expect_success(job);
  const Image after = picture_of(out("group.png"));
  const Faces faces = eye_.faces(before);
  ASSERT_EQ(faces.size(), 4U);
  EXPECT_GT(change_of_face(before, after, faces[1]), 5);
  EXPECT_EQ(change_outside(before, after, {faces[1]}), 0);
}

TEST_F(EmbeddedSet, DrawsWhatItFindsOfTheFaces) {
  const Image before = picture_of(group_png());
  Job job = embedded(in("group.png"));
  job.source.clear();
  job.options = {"--face-selector-mode",  "many",         "--processors",       "face_debugger",
                 "--face-debugger-items", "bounding-box", "face-landmark-5/68", "face-mask",
                 "--face-mask-types",     "box",          "occlusion"};
  expect_success(job);
  const Image after = picture_of(out("group.png"));
  const Faces faces = eye_.faces(before);
  ASSERT_EQ(faces.size(), 4U);
  const auto colour_at = [&](double x, double y) {
    const auto* pixel = &after.row<std::uint8_t>(int(y))[3 * int(x)];
    return std::vector<int>(pixel, pixel + 3);
  };
  for (const Face& face : faces) {
    for (const core::Point& point : face.landmarks.five_of_68) {
      EXPECT_EQ(colour_at(point.x, point.y), (std::vector{0, 255, 0}));
    }
    const core::BoundingBox& box = face.bounding_box;
    EXPECT_EQ(colour_at(box.x1 + 30, box.y2), (std::vector{0, 0, 255}));
    EXPECT_EQ(colour_at(box.x1 + 30, box.y1), (std::vector{100, 100, 255}));
  }
}

TEST_F(EmbeddedSet, TheOccluderKeepsWhatCoversAFace) {
  Image covered = picture_of(group_png());
  const Faces faces = eye_.faces(covered);
  ASSERT_EQ(faces.size(), 4U);
  // A bar over the mouth of the second face.
  const core::Landmark5& points = faces[1].landmarks.five_of_68;
  const int top = int(points[3].y) - 20;
  const int left = int(faces[1].bounding_box.x1) - 20;
  const int right = int(faces[1].bounding_box.x2) + 20;
  for (int y = top; y < top + 40; ++y) {
    for (int x = left; x < right; ++x) {
      const std::uint8_t colour[3] = {40, 160, 40};
      std::memcpy(&covered.row<std::uint8_t>(y)[3 * x], colour, 3);
    }
  }
  media::write_image(in("covered.png"), covered, 100);
  const auto bar = [&](int x, int y) { return x >= left + 50 && x < right - 50 && y >= top + 8 && y < top + 32; };
  Job job = embedded(in("covered.png"));
  expect_success(job);
  const double without = mean_difference(covered, picture_of(out("covered.png")), bar);
  job.options.insert(job.options.end(), {"--face-mask-types", "box", "occlusion"});
  expect_success(job);
  const double with = mean_difference(covered, picture_of(out("covered.png")), bar);
  EXPECT_GT(without, 4 * with + 1);
}

TEST_F(EmbeddedSet, SwapsAVideoFrameByFrameAndKeepsItsSound) {
  const fs::path target = sample("two_people.mp4");
  Job job = embedded(target);
  job.log_level = "warn";
  const Outcome outcome = start(job);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_NE(outcome.err.find(kGateLine), std::string::npos) << outcome.err;
  expect_left({"two_people.mp4"});

  const media::VideoInfo before = media::probe_video(target);
  const media::VideoInfo after = media::probe_video(job.output);
  EXPECT_EQ(after.size, before.size);
  EXPECT_EQ(after.frame_rate.num * before.frame_rate.den, before.frame_rate.num * after.frame_rate.den);
  EXPECT_NEAR(after.duration, before.duration, 0.5 / before.frame_rate.value());
  EXPECT_EQ(after.audio_streams, 1);

  const Faces source = eye_.faces(picture_of(sample("source_1.jpg")));
  ASSERT_EQ(source.size(), 1U);
  const auto old_frames = media::open_video(target, {});
  const auto new_frames = media::open_video(job.output, {});
  int count = 0;
  for (auto frame = new_frames->read(); frame; frame = new_frames->read(), ++count) {
    const auto old = old_frames->read();
    ASSERT_TRUE(old) << count;
    EXPECT_NEAR(frame->time, old->time, 1e-3) << count;
    if (count % 37 != 0) {
      continue;
    }
    const Faces faces = eye_.faces(old->image);
    const Faces swapped = eye_.faces(frame->image);
    ASSERT_EQ(faces.size(), 2U) << count;
    ASSERT_EQ(swapped.size(), 2U) << count;
    for (std::size_t i = 0; i < 2; ++i) {
      expect_identity(swapped[i], source.front(), faces[i]);
    }
    // Encoded once more; swscale's way to BGR and back alone darkens by two levels, in the reference too.
    EXPECT_LT(change_outside(old->image, frame->image, faces), 3) << count;
  }
  EXPECT_EQ(count, 150);
  expect_same_sound(target, job.output);
}

TEST_F(EmbeddedSet, WhatTheSetLacksIsAUsageError) {
  const Job usual = embedded(sample("group.jpg"));
  const std::vector<std::vector<std::string>> lacking{
      {"--face-detector-model", "yolo_face", "embedded_detector"},
      {"--face-detector-model", "many", "embedded_detector"},
      {"--face-landmarker-model", "2dfan4", "embedded_landmarker"},
      {"--face-occluder-model", "xseg_1", "embedded_occluder"},
      {"--face-parser-model", "bisenet_resnet_34", "embedded_parser"},
      {"--face-swapper-model", "inswapper_128", "embedded_swapper_128"},
      {"--face-enhancer-model", "gfpgan_1.4", "embedded_face_enhancer"},
      {"--frame-enhancer-model", "real_esrgan_x2", "embedded_frame_enhancer"},
      {"--frame-colorizer-model", "ddcolor", "embedded_frame_colorizer"},
      {"--background-remover-model", "modnet", "embedded_background_remover"},
  };
  for (const std::vector<std::string>& one : lacking) {
    Job job = usual;
    job.options.insert(job.options.end(), {one[0], one[1]});
    expect_failure(job, 2, {one[0], "'" + one[1] + "'", one[2], "--model-set embedded"});
  }
}

TEST_F(EmbeddedSet, ItsModelsBelongToNoOtherSet) {
  const std::vector<std::pair<std::string, std::string>> members{
      {"--face-detector-model", "embedded_detector"},
      {"--face-landmarker-model", "embedded_landmarker"},
      {"--face-landmarker-model", "embedded_landmarker_2"},
      {"--face-occluder-model", "embedded_occluder"},
      {"--face-parser-model", "embedded_parser"},
      {"--face-enhancer-model", "embedded_face_enhancer"},
      {"--frame-enhancer-model", "embedded_frame_enhancer"},
      {"--frame-colorizer-model", "embedded_frame_colorizer"},
      {"--background-remover-model", "embedded_background_remover"},
      {"--face-swapper-model", "embedded_swapper_128"},
  };
  for (const auto& [option, model] : members) {
    Job job = embedded(sample("group.jpg"));
    job.options = {"--model-set", "official", option, model};  // the last one counts
    expect_failure(job, 2, {option, model, "--model-set official"});
  }
}

TEST_F(EmbeddedSet, IsTheWayOnWhereOfficialModelsAreMissing) {
  Job job = embedded(sample("group.jpg"));
  job.options = {"--model-set", "official"};
  expect_failure(job, 1, {"yoloface_8n.onnx is missing", (root_ / "none").string(), "--model-set embedded"});
}

TEST_F(EmbeddedSet, SaysOnceThatItHasNoContentGate) {
  Job job = embedded(sample("group.jpg"));
  job.log_level = "warn";
  const Outcome outcome = start(job);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_NE(outcome.err.find(kGateLine), std::string::npos) << outcome.err;
}

class Installed : public EmbeddedSet {
 protected:
  void SetUp() override {
    make_folders();
    fs::create_directories(root_ / "bin");
    fs::copy_file(FACEGRAPH_PROGRAM, root_ / "bin/facegraph");
    const fs::path own = root_ / "share/facegraph" / kEmbeddedFolder;
    fs::create_directories(own);
    for (const fs::directory_entry& entry : fs::directory_iterator(models::installation_root() / kEmbeddedFolder)) {
      fs::copy_file(entry.path(), own / entry.path().filename());
    }
    job_ = embedded(sample("group.jpg"));
    job_.program = root_ / "bin/facegraph";
  }
  fs::path model(const std::string& name) const { return root_ / "share/facegraph" / kEmbeddedFolder / name; }

  Job job_;
};

TEST_F(Installed, FindsItsModelsBesideTheProgram) {
  expect_success(job_);
  fs::remove(model("embedded_landmarker.onnx"));
  fs::resize_file(model("embedded_detector.onnx"), 1000);
  expect_failure(job_, 1,
                 {"embedded_landmarker.onnx is missing", "embedded_detector.onnx is broken",
                  model("").parent_path().string(), "install"});
}

}  // namespace
}  // namespace facegraph::test
