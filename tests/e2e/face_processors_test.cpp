// The processors of faces, as a user runs them: the reference's own cases on a portrait in their fixtures' geometry
// (docs/conformance.md). The portrait stands between black bars: a processor changes the face and leaves the bars.
#include <algorithm>
#include <cstdlib>

#include "e2e/sandbox.hpp"
#include "media/decode/frame_source.hpp"
#include "media/image/image_file.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;
using core::Image;

constexpr core::Size kTarget{426, 226};
constexpr int kBar = 90;  // pixels of black on either side, at least

struct Run {
  const char* processor;
  const char* source = nullptr;
  std::vector<std::string> options = {};
};

void PrintTo(const Run& run, std::ostream* out) {
  *out << run.processor;
}

// Largest difference of two pictures in the columns begin .. end - 1.
int difference(const Image& a, const Image& b, int begin, int end) {
  int largest = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int i = 3 * begin; i < 3 * end; ++i) {
      largest = std::max(largest, std::abs(a.row<std::uint8_t>(y)[i] - b.row<std::uint8_t>(y)[i]));
    }
  }
  return largest;
}

class EveryFaceProcessor : public Sandbox, public testing::WithParamInterface<Run> {
 protected:
  fs::path fixture(const std::string& name, std::vector<std::string> options) const {
    std::vector<std::string> arguments{"-loop",      "1",
                                       "-framerate", "25",
                                       "-t",         "0.2",
                                       "-i",         photo("astro.png").string(),
                                       "-vf",        "scale=-2:226,pad=426:226:-1:-1"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    EXPECT_TRUE(make_with_ffmpeg(name, arguments)) << "the ffmpeg executable cannot make " << name;
    return in(name);
  }
  Job job(const fs::path& target, std::vector<std::string> more = {}) const {
    Job job{
        .target = target, .output = out(target.filename().string()), .options = {"--processors", GetParam().processor}};
    if (GetParam().source != nullptr) {
      job.source = photo(GetParam().source);
    }
    job.options.insert(job.options.end(), GetParam().options.begin(), GetParam().options.end());
    job.options.insert(job.options.end(), more.begin(), more.end());
    return job;
  }
  // lossy: the encoder's own differences.
  static void expect_face_changed(const Image& found, const Image& target, int lossy) {
    ASSERT_EQ(found.size(), kTarget);
    EXPECT_LE(difference(found, target, 0, kBar), lossy);
    EXPECT_LE(difference(found, target, kTarget.width - kBar, kTarget.width), lossy);
    EXPECT_GT(difference(found, target, kBar, kTarget.width - kBar), 3 * lossy + 8) << "nothing was done to the face";
  }
};

// spec: application.md 11.2
TEST_P(EveryFaceProcessor, WorksOnAPicture) {
  const fs::path target = fixture("target-240p.png", {"-vframes", "1"});
  const Job run = job(target);
  expect_success(run);
  expect_face_changed(media::read_image(run.output, media::ReadMode::kColour),
                      media::read_image(target, media::ReadMode::kColour), 0);
}

// spec: application.md 11.2
TEST_P(EveryFaceProcessor, WorksOnAVideo) {
  const fs::path target = fixture("target-240p.mp4", {"-pix_fmt", "yuv420p", "-c:v", "libx264", "-qp", "4"});
  const Job run = job(target, {"--trim-frame-end", "1"});
  expect_success(run);
  const auto found = media::open_video(run.output, {});
  const auto frame = found->read();
  ASSERT_TRUE(frame.has_value());
  expect_face_changed(frame->image, media::open_video(target, {})->read()->image, 6);
  EXPECT_FALSE(found->read().has_value());
}

INSTANTIATE_TEST_SUITE_P(Reference, EveryFaceProcessor,
                         testing::Values(Run{"age_modifier", nullptr, {"--age-modifier-direction", "100"}},
                                         Run{"expression_restorer"}, Run{"face_debugger"}, Run{"face_editor"},
                                         Run{"face_enhancer"}, Run{"face_swapper", "president.png"},
                                         Run{"lip_syncer", "voice.wav"}),
                         [](const auto& test) { return std::string(test.param.processor); });

}  // namespace
}  // namespace facegraph::test
