// What the media tests share: a scratch folder, the ffmpeg executable (to make fixtures and to check results; tests
// skip without it), pictures.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/types/image.hpp"
#include "media/decode/frame_source.hpp"
#include "media/encode/frame_sink.hpp"

namespace facegraph::media::test {

// A folder of its own for each test, removed afterwards.
class MediaTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    std::string name =
        "facegraph-media-" + std::to_string(::getpid()) + "-" + info->test_suite_name() + "-" + info->name();
    std::replace(name.begin(), name.end(), '/', '-');
    folder_ = std::filesystem::temp_directory_path() / name;
    std::filesystem::create_directories(folder_);
    warnings().clear();
    core::set_log_hook([](core::LogLevel level, const std::string& line) {
      if (level <= core::LogLevel::kWarn) {
        warnings().push_back(line);
      }
    });
  }
  void TearDown() override {
    core::set_log_hook(nullptr);
    std::filesystem::remove_all(folder_);
  }
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }

  // Lines logged as warnings or errors during the test.
  static std::vector<std::string>& warnings() {
    static std::vector<std::string> lines;
    return lines;
  }
  std::size_t files_in_folder() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

 private:
  std::filesystem::path folder_;
};

inline std::string quoted(const std::filesystem::path& path) {
  std::string out = "'";
  for (const char c : path.string()) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

inline bool has_ffmpeg() {
  static const bool present = std::system("ffmpeg -version >/dev/null 2>&1 && ffprobe -version >/dev/null 2>&1") == 0;
  return present;
}

// Standard output of a command.
inline std::vector<std::uint8_t> output_of(const std::string& command) {
  std::vector<std::uint8_t> out;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<std::uint8_t, 65536> part{};
  for (std::size_t got = 0; pipe != nullptr && (got = std::fread(part.data(), 1, part.size(), pipe)) > 0;) {
    out.insert(out.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
  }
  EXPECT_TRUE(pipe != nullptr && ::pclose(pipe) == 0) << command;
  return out;
}

inline std::string text_of(const std::string& command) {
  const auto bytes = output_of(command);
  std::string text(bytes.begin(), bytes.end());
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text;
}

inline void ffmpeg(const std::string& arguments) {
  const std::string command = "ffmpeg -nostdin -loglevel error -y " + arguments;
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

// Four seconds of 322x180.
inline std::filesystem::path moving_pattern(const std::filesystem::path& file, const std::string& arguments) {
  ffmpeg("-f lavfi -i testsrc2=size=322x180:rate=25:duration=4 " + arguments + " " + quoted(file));
  return file;
}

// One entry of a stream ("v:0", "a:0") or of the container ("").
inline std::string ffprobe(const std::filesystem::path& file, const std::string& stream, const std::string& entry) {
  const std::string what =
      stream.empty() ? "-show_entries format=" + entry : "-select_streams " + stream + " -show_entries stream=" + entry;
  return text_of("ffprobe -v error " + what + " -of default=nw=1:nk=1 " + quoted(file));
}

#define SKIP_WITHOUT_FFMPEG()                                                 \
  if (!::facegraph::media::test::has_ffmpeg()) {                              \
    GTEST_SKIP() << "the ffmpeg and ffprobe executables are not in the PATH"; \
  }

// What the ffmpeg command line gives for the whole file, as the reference reads it.
inline std::vector<std::uint8_t> reference_frames(const std::filesystem::path& file) {
  return output_of("ffmpeg -nostdin -loglevel error -i " + quoted(file) + " -vsync 0 -f rawvideo -pix_fmt bgr24 -");
}

inline std::vector<SourceFrame> read_all(const std::filesystem::path& file, const FrameRange& range = {},
                                         const HardwareDecoding& hardware = {}) {
  std::vector<SourceFrame> frames;
  const auto source = open_video(file, range, hardware);
  while (auto frame = source->read()) {
    frames.push_back(std::move(*frame));
  }
  return frames;
}

inline std::span<const std::uint8_t> bytes_of(const core::Image& image) {
  return {reinterpret_cast<const std::uint8_t*>(image.view().data), image.bytes()};
}

// Largest and mean difference of two byte rows of the same length.
struct Difference {
  int largest = 0;
  double mean = 0;
};
inline Difference difference(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  EXPECT_EQ(a.size(), b.size());
  Difference result;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const int step = std::abs(int{a[i]} - int{b[i]});
    result.largest = std::max(result.largest, step);
    result.mean += step;
  }
  result.mean /= static_cast<double>(std::max<std::size_t>(a.size(), 1));
  return result;
}

// Smooth colours that differ everywhere; `seed` moves them.
inline core::Image pattern(int width, int height, int channels = 3, int seed = 0) {
  core::Image image(width, height, channels);
  for (int y = 0; y < height; ++y) {
    auto* row = image.row<std::uint8_t>(y);
    for (int x = 0; x < width; ++x) {
      const std::array<int, 4> values = {x * 255 / std::max(width, 2), y * 255 / std::max(height, 2),
                                         (x + y + 7 * seed) / 2, 255 - x * 200 / std::max(width, 2)};
      for (int c = 0; c < channels; ++c) {
        row[x * channels + c] = static_cast<std::uint8_t>(values[static_cast<std::size_t>(c)]);
      }
    }
  }
  return image;
}

inline core::Image flat(int width, int height, std::array<std::uint8_t, 3> bgr) {
  core::Image image(width, height, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < 3 * width; ++x) {
      image.row<std::uint8_t>(y)[x] = bgr[static_cast<std::size_t>(x % 3)];
    }
  }
  return image;
}

// The message of the core::Error that the call throws; fails the test when it throws none.
template <typename Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const core::Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error was thrown";
  return "";
}

inline void write_file(const std::filesystem::path& file, std::span<const std::uint8_t> bytes) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

inline std::vector<std::uint8_t> read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace facegraph::media::test
