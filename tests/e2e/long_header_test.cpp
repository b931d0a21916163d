// Files that say they last ten hours: memory is that of what they hold.
#include <bit>
#include <cstdint>

#include "e2e/sandbox.hpp"
#include "media/decode/frame_source.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kSeconds = 36000;
constexpr std::uint32_t kFrames = 25 * kSeconds;
// Ten hours of pictures of these films would be 10 GB, of their sound 13 GB, of an index entry for each frame 30 MB.
constexpr long long kAllowance = 80LL << 20;

class LongHeader : public Sandbox {
 protected:
  bool make_film(const std::string& name, const std::vector<std::string>& encoder) const {
    std::vector<std::string> words{"-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=0.4",
                                   "-f", "lavfi", "-i", "sine=duration=0.4"};
    words.insert(words.end(), encoder.begin(), encoder.end());
    return make_with_ffmpeg(name, words);
  }
  Outcome enhance(const fs::path& target, const std::vector<std::string>& more = {}) const {
    Job job = swap(target);
    job.source = "";
    job.options = {"--processors", "frame_enhancer"};
    job.options.insert(job.options.end(), more.begin(), more.end());
    return start(job);
  }
  static int frames_of(const fs::path& video) {
    const auto source = media::open_video(video, {});
    int frames = 0;
    while (source->read()) {
      ++frames;
    }
    return frames;
  }
  void expect_same_memory(const std::string& honest, const std::string& boasting) const {
    const Outcome expected = enhance(in(honest));
    ASSERT_EQ(expected.code, 0) << honest << ": " << expected.err;
    const Outcome found = enhance(in(boasting));
    EXPECT_EQ(found.code, 0) << boasting << ": " << found.err;
    EXPECT_LT(found.peak_bytes, expected.peak_bytes + kAllowance) << boasting;
    RecordProperty(boasting, static_cast<int>((found.peak_bytes - expected.peak_bytes) >> 10));
    EXPECT_EQ(frames_of(out(boasting)), 10) << boasting;
  }
};

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

void put(std::string& bytes, std::size_t at, std::uint32_t value, bool big) {
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[at + i] = static_cast<char>(value >> 8 * (big ? 3 - i : i));
  }
}

// action(where the content of every atom of this type begins).
template <typename Action>
void for_atoms(const std::string& bytes, const std::string& type, const Action& action) {
  for (std::size_t at = bytes.find(type); at != std::string::npos; at = bytes.find(type, at + 1)) {
    action(at + 4);
  }
}

std::string with_long_durations(std::string mp4) {
  std::uint32_t film_clock = 0;
  for_atoms(mp4, "mvhd", [&](std::size_t at) { film_clock = big_endian(mp4, at + 12); });
  for (const char* type : {"mvhd", "mdhd"}) {
    for_atoms(mp4, type, [&](std::size_t at) { put(mp4, at + 16, big_endian(mp4, at + 12) * kSeconds, true); });
  }
  for_atoms(mp4, "tkhd", [&](std::size_t at) { put(mp4, at + 20, film_clock * kSeconds, true); });
  for_atoms(mp4, "elst", [&](std::size_t at) { put(mp4, at + 8, film_clock * kSeconds, true); });
  return mp4;
}

TEST_F(LongHeader, Mp4AndMov) {
  // FFmpeg believes the times of samples rather than a duration; fragments have none of them in the header.
  if (!make_film("film.mp4", {"-c:v", "libx264", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"}) ||
      !make_film("film.mov", {"-c:v", "mjpeg", "-c:a", "pcm_s16le"})) {
    GTEST_SKIP() << "no ffmpeg executable to make films";
  }
  for (const std::string extension : {".mp4", ".mov"}) {
    const std::string long_one = with_long_durations(read_text(in("film" + extension)));
    written("long" + extension, long_one);
    expect_same_memory("film" + extension, "long" + extension);
  }
}

TEST_F(LongHeader, Mp4WithTablesOfTenHours) {
  if (!make_film("film.mp4", {"-c:v", "libx264", "-c:a", "aac"})) {
    GTEST_SKIP() << "no ffmpeg executable to make a film";
  }
  const Outcome honest = enhance(in("film.mp4"));
  std::string bytes = with_long_durations(read_text(in("film.mp4")));
  for (const char* type : {"stts", "stsc", "stco", "stss", "ctts"}) {
    for_atoms(bytes, type, [&](std::size_t at) { put(bytes, at + 4, kFrames, true); });  // entries
  }
  for_atoms(bytes, "stts", [&](std::size_t at) { put(bytes, at + 8, kFrames, true); });  // frames of the first one
  for_atoms(bytes, "stsz", [&](std::size_t at) { put(bytes, at + 8, kFrames, true); });
  const Outcome found = enhance(written("tables.mp4", bytes));
  EXPECT_EQ(found.signal, 0);
  EXPECT_TRUE(found.code == 0 || found.code == 1) << found.code;
  EXPECT_LT(found.peak_bytes, honest.peak_bytes + kAllowance) << found.err;
}

TEST_F(LongHeader, MatroskaAndWebm) {
  if (!make_film("film.mkv", {"-c:v", "mjpeg", "-c:a", "flac"}) ||
      !make_film("film.webm", {"-c:v", "libvpx-vp9", "-cpu-used", "8", "-c:a", "libopus"})) {
    GTEST_SKIP() << "no ffmpeg executable to make films";
  }
  for (const std::string extension : {".mkv", ".webm"}) {
    std::string bytes = read_text(in("film" + extension));
    const std::size_t duration = bytes.find("\x44\x89\x88");  // a double of eight bytes, in milliseconds
    ASSERT_NE(duration, std::string::npos);
    const auto bits = std::bit_cast<std::uint64_t>(1000.0 * kSeconds);
    put(bytes, duration + 3, static_cast<std::uint32_t>(bits >> 32), true);
    put(bytes, duration + 7, static_cast<std::uint32_t>(bits), true);
    written("long" + extension, bytes);
    expect_same_memory("film" + extension, "long" + extension);
  }
}

TEST_F(LongHeader, Avi) {
  if (!make_film("film.avi", {"-c:v", "mjpeg", "-c:a", "pcm_s16le"})) {
    GTEST_SKIP() << "no ffmpeg executable to make a film";
  }
  std::string bytes = read_text(in("film.avi"));
  put(bytes, bytes.find("avih") + 8 + 16, kFrames, false);  // of the film
  for_atoms(bytes, "strh", [&](std::size_t at) { put(bytes, at + 4 + 32, kFrames, false); });
  put(bytes, bytes.rfind("idx1") + 4, 16 * kFrames, false);  // bytes of the index
  written("long.avi", bytes);
  expect_same_memory("film.avi", "long.avi");
}

// No lie: the index is as long as the film, the end of which is wanted.
TEST_F(LongHeader, TenHoursThatAreThere) {
  const std::vector<std::string> words{"-f",   "lavfi", "-i", "testsrc=size=32x32:rate=1:duration=36000",
                                       "-c:v", "mjpeg"};
  if (!make_film("film.mov", {"-c:v", "mjpeg", "-an"}) || !make_with_ffmpeg("ten.mov", words) ||
      !make_with_ffmpeg("ten.mkv", words)) {
    GTEST_SKIP() << "no ffmpeg executable to make films";
  }
  const Outcome expected = enhance(in("film.mov"));
  for (const char* name : {"ten.mov", "ten.mkv"}) {
    const Outcome found = enhance(in(name), {"--trim-frame-start", "35990"});
    EXPECT_EQ(found.code, 0) << found.err;
    EXPECT_LT(found.peak_bytes, expected.peak_bytes + kAllowance) << name;
    EXPECT_EQ(frames_of(out(name)), 10);
  }
}

}  // namespace
}  // namespace facegraph::test
