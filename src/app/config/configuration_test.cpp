#include "app/config/configuration.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/scratch.hpp"

namespace facegraph::app {
namespace {

namespace fs = std::filesystem;
using Integers = std::vector<long long>;
using Strings = std::vector<std::string>;

// The settings that a file makes with a command line.
class ConfigurationFile : public testing::Test {
 protected:
  ConfigurationFile() { fs::current_path(scratch_.folder()); }
  ~ConfigurationFile() override { fs::current_path(before_); }

  Configuration read(const std::string& text) {
    return read_configuration(scratch_.write("a.ini", text), all_tables());
  }
  core::OptionValues settle(const std::string& text, GivenOptions line = {}) {
    line.merge(read(text).given);
    return option_values(all_tables(), line);
  }
  std::string error(const std::string& text, const GivenOptions& line = {}) {
    const std::string message = test::message_of(core::ErrorCode::kUsage, [&] { settle(text, line); });
    const std::string folder = scratch_.folder().string() + "/";
    return message.starts_with(folder) ? message.substr(folder.size()) : message;
  }
  Strings warnings(const std::string& text) {
    Strings lines = read(text).warnings;
    for (std::string& line : lines) {
      line.erase(0, scratch_.folder().string().size() + 1);
    }
    return lines;
  }

  fs::path before_ = fs::current_path();
  test::Scratch scratch_;
};

TEST_F(ConfigurationFile, SetsOptionsOfEveryKind) {
  const core::OptionValues values = settle(
      "[paths]\nsource_paths = a.jpg  b.jpg\n  c.jpg\ntarget_path = with blank.mp4\n"
      "[face_detector]\nFACE_DETECTOR_SCORE: 0.35\nface_detector_angles = 0 90\n"
      "[output_creation]\noutput_image_quality = 70\n"
      "[misc]\nhalt_on_error = Yes\nlog_level =\n");
  EXPECT_EQ(values.strings("source-paths"), Strings({"a.jpg", "b.jpg", "c.jpg"}));
  EXPECT_EQ(values.string("target-path"), "with blank.mp4");
  EXPECT_EQ(values.number("face-detector-score"), 0.35);
  EXPECT_EQ(values.integers("face-detector-angles"), Integers({0, 90}));
  EXPECT_EQ(values.integer("output-image-quality"), 70);
  EXPECT_TRUE(values.flag("halt-on-error"));
  EXPECT_EQ(values.string("log-level"), "info") << "a key without a value is absent";
}

TEST_F(ConfigurationFile, TheCommandLineWins) {
  const core::OptionValues values = settle("[misc]\nlog_level = debug\n[output_creation]\noutput_image_quality = 70\n",
                                           {{"log-level", {.tokens = {"error"}}}});
  EXPECT_EQ(values.string("log-level"), "error");
  EXPECT_EQ(values.integer("output-image-quality"), 70);
}

TEST_F(ConfigurationFile, ListsOfMarginsAreNotSanitised) {
  EXPECT_EQ(settle("[face_detector]\nface_detector_margin = 500 7\n").integers("face-detector-margin"),
            Integers({500, 7}));
  EXPECT_EQ(settle("", {{"face-detector-margin", {.tokens = {"5", "999"}}}}).integers("face-detector-margin"),
            Integers({5, 0}));
  EXPECT_EQ(error("[face_detector]\nface_detector_margin = 5 x\n"),
            "a.ini:2: face_detector_margin: expected integers, found 'x'");
}

TEST_F(ConfigurationFile, WrongValuesNameFileAndLine) {
  EXPECT_EQ(error("[misc]\n\nlog_level = loud\n"),
            "a.ini:3: log_level: expected one of error, warn, info, debug, found 'loud'");
  EXPECT_EQ(error("[output_creation]\noutput_image_quality = many\n"),
            "a.ini:2: output_image_quality: expected [0..100:1], found 'many'");
  EXPECT_EQ(error("[misc]\nlog_level = 5%\n"),
            "a.ini:2: log_level: a percent sign must be written twice (%%), found '5%'");
  EXPECT_EQ(error("[face_detector]\nface_detector_angles = 0 45\n"),
            "a.ini:2: face_detector_angles: expected one of 0, 90, 180, 270, found '45'");
}

TEST_F(ConfigurationFile, DependentChoicesFollowTheModelInForce) {
  const std::string boost = "[processors]\nface_swapper_pixel_boost = 128x128\n";
  EXPECT_EQ(settle(boost + "face_swapper_model = inswapper_128\n").string("face-swapper-pixel-boost"), "128x128");
  EXPECT_EQ(settle(boost, {{"face-swapper-model", {.tokens = {"inswapper_128"}}}}).string("face-swapper-pixel-boost"),
            "128x128");
  EXPECT_TRUE(error(boost).starts_with("a.ini:2: face_swapper_pixel_boost: expected one of 256x256"));
  EXPECT_TRUE(error("[processors]\nface_swapper_model = inswapper_128\n",
                    {{"face-swapper-pixel-boost", {.tokens = {"100x100"}}}})
                  .starts_with("--face-swapper-pixel-boost: expected one of 128x128"));
}

TEST_F(ConfigurationFile, UnknownNamesAreWarnedAbout) {
  EXPECT_EQ(warnings("[face_detecter]\nface_detector_score = 1\n[misc]\nlog_levle = info\nexecution_queue_count = 1\n"
                     "face_mask_blur = 0\n"),
            Strings({"a.ini:1: unknown section [face_detecter]; did you mean 'face_detector'?",
                     "a.ini:4: unknown key 'log_levle'; did you mean 'log_level'?",
                     "a.ini:5: unknown key 'execution_queue_count'; did you mean 'execution_thread_count'?",
                     "a.ini:6: 'face_mask_blur' has no effect in [misc]; it belongs into [face_masker]"}));
  EXPECT_EQ(warnings("[DEFAULT]\nroot = /x\n[paths]\ntarget_path = %(root)s/a.mp4\n"), Strings{});
}

TEST_F(ConfigurationFile, DefaultsStandInEverySection) {
  const core::OptionValues values = settle(
      "[DEFAULT]\nlog_level = debug\noutput_image_quality = 1\n[misc]\n[output_creation]\noutput_image_quality = 2\n");
  EXPECT_EQ(values.string("log-level"), "debug");
  EXPECT_EQ(values.integer("output-image-quality"), 2);
  EXPECT_EQ(settle("[DEFAULT]\nlog_level = debug\n[paths]\n").string("log-level"), "info")
      << "only in sections that the file has";
}

TEST_F(ConfigurationFile, TheUsualFilesAreLookedFor) {
  EXPECT_EQ(read_configuration("", all_tables()).name, "");
  scratch_.write("facefusion.ini", "[misc]\nlog_level = warn\n");
  EXPECT_EQ(read_configuration("", all_tables()).given.at("log-level").origin, "facefusion.ini:2");
  scratch_.write("facegraph.ini", "[misc]\n\nlog_level = error\n");
  EXPECT_EQ(read_configuration("", all_tables()).given.at("log-level").origin, "facegraph.ini:3");
}

TEST_F(ConfigurationFile, FilesThatCannotBeReadSetNothing) {
  const Configuration absent = read_configuration("absent.ini", all_tables());
  EXPECT_TRUE(absent.given.empty());
  EXPECT_EQ(absent.warnings,
            Strings{"absent.ini: cannot be read: No such file or directory; the built-in defaults are used"});
  fs::create_directory("facegraph.ini");
  EXPECT_EQ(read_configuration("", all_tables()).warnings,
            Strings{"facegraph.ini: cannot be read: Is a directory; the built-in defaults are used"});
}

}  // namespace
}  // namespace facegraph::app
