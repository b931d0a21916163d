// An output tells which models made it: those that the options make use of, and those that made its target.
#include <fmt/format.h>

#include "e2e/sandbox.hpp"
#include "media/provenance/read_provenance.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class Marks : public Sandbox {
 protected:
  Names models_of(Job job, const Names& options) const {
    job.options.insert(job.options.end(), options.begin(), options.end());
    expect_success(job);
    const Names models = media::read_provenance(job.output).models;
    fs::remove(job.output);
    return models;
  }
  // A picture, or two frames of a video.
  void expect_marks(const fs::path& target) const {
    EXPECT_EQ(models_of(swap(target), {}), Names{"inswapper_128"});
    EXPECT_EQ(models_of(swap(target), {"--face-mask-types", "box", "area"}), Names{"inswapper_128"});
    EXPECT_EQ(models_of(swap(target), {"--face-mask-types", "occlusion"}), (Names{"xseg_1", "inswapper_128"}));
    EXPECT_EQ(models_of(swap(target), {"--face-mask-types", "box", "region", "--processors", "face_swapper",
                                       "face_enhancer", "--face-enhancer-model", "gfpgan_1.4"}),
              (Names{"bisenet_resnet_34", "inswapper_128", "gfpgan_1.4"}));
  }
};

TEST_F(Marks, OfAPictureNameTheModelsThatWereUsed) {
  expect_marks(photo("astro.png"));
}

TEST_F(Marks, OfAVideoNameTheModelsThatWereUsed) {
  ASSERT_TRUE(make_with_ffmpeg("two.mp4", {"-i", photo("clip.mp4").string(), "-frames:v", "2", "-an"}));
  expect_marks(in("two.mp4"));
}

TEST_F(Marks, NameWhatMadeTheTargetToo) {
  ASSERT_TRUE(make_with_ffmpeg("two.mp4", {"-i", photo("clip.mp4").string(), "-frames:v", "2", "-an"}));
  for (const fs::path& target : {photo("astro.png"), in("two.mp4")}) {
    const Job first = swap(target);
    expect_success(first);
    const fs::path made = in("made" + target.extension().string());
    fs::rename(first.output, made);
    Job second = swap(made);
    EXPECT_EQ(models_of(second, {"--processors", "face_enhancer", "--face-enhancer-model", "gfpgan_1.4"}),
              (Names{"inswapper_128", "gfpgan_1.4"}));
    EXPECT_EQ(models_of(second, {}), Names{"inswapper_128"});
  }
}

}  // namespace
}  // namespace facegraph::test
