// A disk that takes no more bytes, wherever in the file that happens: one line, no file under the final name, none
// beside it.
#include <array>
#include <csignal>

#include <sys/resource.h>

#include "media/concat/concat.hpp"
#include "media/encode/frame_sink.hpp"
#include "media/image/image_file.hpp"
#include "media/test_support.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

// While it lives no file grows beyond this size: writes fail with EFBIG.
class FileLimit {
 public:
  explicit FileLimit(std::uintmax_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FileLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
};

class WriteFailure : public MediaTest, public testing::WithParamInterface<const char*> {
 protected:
  void write_clip(const std::filesystem::path& file) const {
    VideoSettings video;
    video.path = file;
    video.size = {64, 48};
    video.frame_rate = {25, 1};
    video.preset = "ultrafast";
    const auto sink = create_video(video);
    for (int i = 0; i < 12; ++i) {
      sink->write(pattern(64, 48, 3, 9 * i), i / 25.0);
    }
    sink->finish();
  }

  // write(file) fails at every one of some sizes below the whole file's.
  template <typename Write>
  void expect_failures(const Write& write) const {
    const std::string extension = std::string(".") + GetParam();
    write(path("whole" + extension));
    const auto size = std::filesystem::file_size(path("whole" + extension));
    const std::size_t files = files_in_folder();
    const auto file = path("cut" + extension);
    for (const std::uintmax_t limit : std::array<std::uintmax_t, 6>{0, 1, 40, size / 3, size / 2, size - 1}) {
      const FileLimit full(limit);
      const std::string text = error_of([&] { write(file); });
      EXPECT_NE(text.find("cut" + extension), std::string::npos) << limit << " of " << size << ": " << text;
      EXPECT_FALSE(std::filesystem::exists(file)) << limit << " of " << size;
      EXPECT_EQ(files_in_folder(), files) << limit << " of " << size;
    }
  }
};

class VideoWriteFailure : public WriteFailure {};

TEST_P(VideoWriteFailure, LeavesNothing) {
  expect_failures([this](const std::filesystem::path& file) { write_clip(file); });
}

TEST_P(VideoWriteFailure, LeavesNothingWhenPartsAreJoined) {
  const std::vector<std::filesystem::path> parts = {path(std::string("a.") + GetParam()),
                                                    path(std::string("b.") + GetParam())};
  write_clip(parts[0]);
  write_clip(parts[1]);
  expect_failures([&](const std::filesystem::path& file) { concat_videos(parts, file); });
}

INSTANTIATE_TEST_SUITE_P(All, VideoWriteFailure,
                         testing::Values("avi", "gif", "m4v", "mkv", "mov", "mp4", "mpeg", "mxf", "webm", "wmv"),
                         [](const auto& tested) { return std::string(tested.param); });

class PictureWriteFailure : public WriteFailure {};

TEST_P(PictureWriteFailure, LeavesNothing) {
  expect_failures([](const std::filesystem::path& file) { write_image(file, pattern(64, 48), 80); });
}

INSTANTIATE_TEST_SUITE_P(All, PictureWriteFailure, testing::Values("bmp", "jpg", "png", "tiff", "webp"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace facegraph::media
