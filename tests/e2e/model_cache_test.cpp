// What a start leaves for the next one: optimised models in the working folder, which change no pixel.
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "e2e/sandbox.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kKept{"--model-cache-size", "1024"};

class ModelCache : public Sandbox {
 protected:
  void SetUp() override { make_folders(); }
  Job job(const std::string& output, const std::vector<std::string>& more = {}) const {
    Job job;
    job.embedded = true;
    job.source = sample("source_1.jpg");
    job.target = sample("group.jpg");
    job.output = out(output);
    job.options = {"--face-selector-mode",     "many", "--face-mask-types", "box", "occlusion", "--report",
                   out("report.json").string()};
    job.options.insert(job.options.end(), more.begin(), more.end());
    return job;
  }
  // The picture's bytes, and how the run's start was.
  std::pair<std::string, std::string> run(const Job& job) const {
    const Outcome outcome = start(job);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    const auto report = nlohmann::json::parse(read_text(out("report.json")));
    EXPECT_GT(report["start"]["first_frame_seconds"], 0);
    return {read_text(job.output), report["start"]["state"]};
  }
  static void expect_told_once(const std::string& said) {
    const std::string words = "is not kept optimised";
    expect_names(said, {words, ".caches/optimised"});
    EXPECT_EQ(said.find(words), said.rfind(words)) << said;
  }
  fs::path cache() const { return root_ / ".caches" / "optimised"; }
};

TEST_F(ModelCache, TheSecondStartFindsEverythingAndGivesTheSamePicture) {
  const auto [plain, none] = run(job("plain.jpg"));
  EXPECT_EQ(none, "cold");
  EXPECT_FALSE(fs::exists(cache()));
  const auto [first, cold] = run(job("first.jpg", kKept));
  EXPECT_EQ(cold, "cold");
  const auto [second, cached] = run(job("second.jpg", kKept));
  EXPECT_EQ(cached, "cached");
  EXPECT_TRUE(first == plain);
  EXPECT_TRUE(second == plain);
  for (const fs::directory_entry& model : fs::directory_iterator(cache())) {
    EXPECT_TRUE(fs::exists(model.path() / "model.onnx")) << model.path();
  }
}

// With stand-ins of the reference's models: every shape of network that the processors use.
class StandInCache : public ModelCache {
 protected:
  void SetUp() override { Sandbox::SetUp(); }
};

TEST_F(StandInCache, NoProcessorsModelChangesABit) {
  const auto run_all = [this](const std::string& output, const std::vector<std::string>& more) {
    Job all = job(output, more);
    all.embedded = false;
    all.source = photo("president.png");
    all.target = photo("astro.png");
    all.options.insert(all.options.end(),
                       {"--processors", "face_swapper", "face_enhancer", "face_editor", "expression_restorer",
                        "age_modifier", "deep_swapper", "frame_enhancer", "frame_colorizer", "background_remover",
                        "--deep-swapper-model", "iperov/elon_musk_224"});
    return run(all);
  };
  const auto [plain, none] = run_all("plain.png", {});
  const auto [first, cold] = run_all("first.png", kKept);
  const auto [second, cached] = run_all("second.png", kKept);
  EXPECT_EQ(cold, "cold");
  EXPECT_EQ(cached, "cached");
  EXPECT_TRUE(first == plain);
  EXPECT_TRUE(second == plain);
}

TEST_F(ModelCache, ADiskThatTakesNoMoreIsToldOnceAndLeavesNothing) {
  Job small = job("small.jpg", kKept);
  small.log_level = "warn";
  small.largest_file = 150'000;  // more than the picture and the job's file
  const Outcome outcome = start(small);
  EXPECT_EQ(outcome.code, 0);
  expect_told_once(outcome.err);
  for (const fs::directory_entry& model : fs::directory_iterator(cache())) {
    EXPECT_NE(model.path().extension(), ".part");
    EXPECT_TRUE(fs::exists(model.path() / "stamp")) << model.path();
  }
  const auto [plain, none] = run(job("plain.jpg"));
  EXPECT_TRUE(read_text(small.output) == plain);
}

TEST_F(ModelCache, AFolderThatIsNotOursIsToldOnce) {
  Job other = job("other.jpg", kKept);
  other.log_level = "warn";
  other.as_nobody = geteuid() == 0;
  fs::permissions(root_, fs::perms::others_write, fs::perm_options::remove);
  const Outcome outcome = start(other);
  EXPECT_EQ(outcome.code, 0);
  expect_told_once(outcome.err);
  EXPECT_FALSE(fs::exists(root_ / ".caches"));
}

}  // namespace
}  // namespace facegraph::test
