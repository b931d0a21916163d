#include "pipeline/workflows/checks.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/scratch.hpp"

namespace facegraph::pipeline {
namespace {

using core::ErrorCode;
using media::MediaKind;
using test::expect_names;
namespace fs = std::filesystem;

// The checks look at names and folders only: the files hold nothing.
class ChecksTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.source_paths = {scratch_.write("source.png", "")};
    options_.target_path = scratch_.write("target.jpg", "");
    options_.output_path = scratch_ / "output.jpg";
  }
  std::string refusal(ErrorCode code = ErrorCode::kRefused) const {
    return test::message_of(code, [&] { check_paths(options_, needs_); });
  }
  void use_video() {
    options_.target_path = scratch_.write("target.mp4", "");
    options_.output_path = scratch_ / "output.mp4";
  }

  test::Scratch scratch_;
  RunOptions options_;
  processors::Needs needs_{.source_image = true, .source_face = true, .target_faces = true};
};

TEST_F(ChecksTest, TellWhatTheTargetIs) {
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kImage);
  use_video();
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kVideo);
}

TEST_F(ChecksTest, SourcesMayBeOfSeveralKinds) {
  options_.source_paths.insert(options_.source_paths.begin(), scratch_.write("voice.mp3", ""));
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kImage);
}

TEST_F(ChecksTest, AMissingSourceIsNamed) {
  options_.source_paths.push_back(scratch_ / "gone.png");
  expect_names(refusal(), {"source", (scratch_ / "gone.png").string(), "does not exist"});
}

TEST_F(ChecksTest, APictureAmongTheSourcesIsWanted) {
  options_.source_paths = {scratch_.write("voice.mp3", "")};
  expect_names(refusal(), {"picture", "--source-paths"});
  options_.source_paths.clear();
  expect_names(refusal(), {"picture", "--source-paths"});
  needs_ = {};
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kImage);
}

TEST_F(ChecksTest, ASoundAmongTheSourcesIsWanted) {
  needs_ = {.source_audio = true, .target_faces = true};
  expect_names(refusal(), {"sound", "--source-paths"});
  options_.source_paths.clear();
  expect_names(refusal(), {"sound", "--source-paths"});
  options_.source_paths = {scratch_.write("clip.mp4", "")};  // its sound is no source's
  expect_names(refusal(), {"sound", "--source-paths"});
  options_.source_paths = {scratch_ / "gone.mp3"};
  expect_names(refusal(), {"source", "does not exist"});
  options_.source_paths = {scratch_.write("voice.mp3", "")};
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kImage);
  needs_.source_image = true;
  expect_names(refusal(), {"picture", "--source-paths"});
}

TEST_F(ChecksTest, ATargetIsWanted) {
  options_.target_path.clear();
  expect_names(refusal(), {"--target-path"});
  options_.target_path = scratch_ / "gone.jpg";
  expect_names(refusal(), {"target", options_.target_path.string(), "does not exist"});
  options_.target_path = scratch_.write("notes.txt", "");
  expect_names(refusal(), {"target", options_.target_path.string()});
  options_.target_path = scratch_.write("voice.mp3", "");
  expect_names(refusal(), {"target", options_.target_path.string()});
  options_.target_path = scratch_.folder();
  expect_names(refusal(), {"target", options_.target_path.string()});
}

TEST_F(ChecksTest, AnOutputIsWanted) {
  options_.output_path.clear();
  expect_names(refusal(), {"--output-path"});
  options_.output_path = scratch_.folder();
  expect_names(refusal(), {options_.output_path.string(), "is a folder"});
  options_.output_path = scratch_ / "gone" / "output.jpg";
  expect_names(refusal(), {(scratch_ / "gone").string(), "does not exist"});
  options_.output_path = options_.target_path / "output.jpg";  // a file where a folder should be
  expect_names(refusal(), {options_.target_path.string()});
}

TEST_F(ChecksTest, AnOutputWithoutAFolderLiesInTheCurrentOne) {
  const fs::path before = fs::current_path();
  fs::current_path(scratch_.folder());
  options_.output_path = "output.jpg";
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kImage);
  fs::current_path(before);
}

TEST_F(ChecksTest, TheFolderMustBeWritable) {
  if (geteuid() == 0) {
    GTEST_SKIP() << "everything is writable for root";
  }
  fs::create_directory(scratch_ / "locked");
  fs::permissions(scratch_ / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  options_.output_path = scratch_ / "locked" / "output.jpg";
  expect_names(refusal(ErrorCode::kFailed), {(scratch_ / "locked").string(), "not writable"});
}

TEST_F(ChecksTest, ExtensionsMustAgreeButForCase) {
  options_.output_path = scratch_ / "output.JPG";
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kImage);
  for (const std::string name : {"output.jpeg", "output.png", "output"}) {
    options_.output_path = scratch_ / name;
    expect_names(refusal(), {"target.jpg", name, "extension"});
  }
}

TEST_F(ChecksTest, TheOutputIsNoInput) {
  options_.output_path = options_.target_path;
  expect_names(refusal(), {options_.target_path.string(), "also an input"});
  options_.output_path = scratch_ / "link.jpg";
  fs::create_symlink(options_.target_path, options_.output_path);
  expect_names(refusal(), {options_.output_path.string(), "also an input"});
  options_.source_paths = {scratch_.write("source.jpg", "")};
  options_.output_path = scratch_.folder() / "." / "source.jpg";
  expect_names(refusal(), {"source.jpg", "also an input"});
}

TEST_F(ChecksTest, AnExistingOutputMayBeReplaced) {
  options_.output_path = scratch_.write("old.jpg", "old");
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kImage);
}

TEST_F(ChecksTest, TheWorkflowModeMustFit) {
  options_.workflow_mode = WorkflowMode::kImageToImage;
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kImage);
  options_.workflow_mode = WorkflowMode::kImageToVideo;
  expect_names(refusal(), {"workflow mode", options_.target_path.string(), "picture"});
  use_video();
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kVideo);
  options_.workflow_mode = WorkflowMode::kImageToImage;
  expect_names(refusal(), {"workflow mode", options_.target_path.string(), "video"});
}

TEST_F(ChecksTest, NamesMayHoldSpacesAndForeignBytes) {
  options_.target_path = scratch_.write("ein Bild \xFF\xC3\xBC.jpg", "");
  options_.output_path = scratch_ / "aus gabe\xFE.jpg";
  EXPECT_EQ(check_paths(options_, needs_), MediaKind::kImage);
}

// A name that no file can have is refused as absent.
TEST_F(ChecksTest, NamesMayBeTooLong) {
  const std::string name(5000, 'x');
  options_.source_paths = {scratch_ / (name + ".png")};
  refusal();
  options_.source_paths = {scratch_ / "source.png"};
  options_.output_path = scratch_ / name / "output.jpg";
  refusal();
  options_.target_path = scratch_ / (name + ".jpg");
  refusal();
}

}  // namespace
}  // namespace facegraph::pipeline
