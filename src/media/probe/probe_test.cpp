#include "media/probe/probe.hpp"

#include <fmt/core.h>

#include "media/media.hpp"
#include "media/test_support.hpp"
#include "support/npz.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

class ProbeTest : public MediaTest {};

TEST_F(ProbeTest, ReferenceMedia) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  struct Row {
    const char* name;
    core::Size size;
    double rate;
    std::int64_t frames;
    const char* codec;
    int audio;
  };
  for (const Row& row : {Row{"golden/photos/clip.mp4", {320, 240}, 25, 12, "h264", 1},
                         Row{"media/Zhling_1280x720.mp4", {1280, 720}, 25, 19, "h264", 0},
                         Row{"media/head-pose-face-detection-female.mp4", {480, 270}, 12, 23, "h264", 0},
                         Row{"media/one-by-one-person-detection.mp4", {768, 432}, 10, 1394, "h264", 0},
                         Row{"media/classroom.gif", {480, 270}, 15, 45, "gif", 0},
                         Row{"media/Cisco_Men_whisper_640x320_CABAC_Bframe_9.264", {640, 320}, 25, 9, "h264", 0}}) {
    const VideoInfo info = probe_video(shared / row.name);
    EXPECT_EQ(info.size, row.size) << row.name;
    EXPECT_NEAR(info.frame_rate.value(), row.rate, 1e-9) << row.name;
    EXPECT_EQ(info.frame_total, row.frames) << row.name;
    EXPECT_EQ(info.codec, row.codec) << row.name;
    EXPECT_EQ(info.audio_streams, row.audio) << row.name;
    EXPECT_EQ(info.has_audio, row.audio > 0) << row.name;
    EXPECT_EQ(info.rotation, 0) << row.name;
    EXPECT_NEAR(info.duration, static_cast<double>(row.frames) / row.rate, 0.05) << row.name;
    EXPECT_FALSE(info.variable_frame_rate) << row.name;
  }
}

TEST_F(ProbeTest, CountsStreamsAndReadsColours) {
  SKIP_WITHOUT_FFMPEG();
  write_file(path("text.srt"),
             std::span(reinterpret_cast<const std::uint8_t*>("1\n00:00:00,000 --> 00:00:00,500\nhi\n"), 35));
  ffmpeg(
      fmt::format("-f lavfi -i testsrc2=size=64x64:rate=24000/1001:duration=1 -f lavfi -i sine=duration=1 -i {} -map 0 "
                  "-map 1 -map 1 -map 2 "
                  "-c:v libx264 -pix_fmt yuv420p10le -color_trc smpte2084 -colorspace bt2020nc {}",
                  quoted(path("text.srt")), quoted(path("in.mkv"))));
  const VideoInfo info = probe_video(path("in.mkv"));
  EXPECT_EQ(info.audio_streams, 2);
  EXPECT_EQ(info.subtitle_streams, 1);
  EXPECT_EQ(info.pixel_format, "yuv420p10le");
  EXPECT_EQ(info.colour_transfer, "smpte2084");
  EXPECT_EQ(info.colour_space, "bt2020nc");
  EXPECT_NEAR(info.frame_rate.value(), 24000 / 1001.0, 1e-9);
  EXPECT_EQ(info.frame_total, 24);
  EXPECT_FALSE(info.variable_frame_rate);
}

TEST_F(ProbeTest, RateThatIsNoneBecomesTheAverage) {
  SKIP_WITHOUT_FFMPEG();
  // Irregular steps on a millisecond clock: FFmpeg's r_frame_rate becomes the clock's rate.
  ffmpeg(
      fmt::format("-f lavfi -i \"testsrc2=size=64x64:rate=1000:duration=4,select='lt(mod(n*n,97),3)'\" -vsync vfr "
                  "-enc_time_base 1/1000 "
                  "-c:v libx264 -pix_fmt yuv420p {}",
                  quoted(path("in.mkv"))));
  const VideoInfo info = probe_video(path("in.mkv"));
  EXPECT_TRUE(info.variable_frame_rate);
  EXPECT_LT(info.frame_rate.value(), 121);
  EXPECT_GT(info.frame_rate.value(), 5);
}

TEST_F(ProbeTest, BadFilesGiveOneLine) {
  SKIP_WITHOUT_FFMPEG();
  const auto line_of = [&](const std::filesystem::path& file) {
    const std::string line = error_of([&] { probe_video(file); });
    EXPECT_EQ(line.find(file.string()), 0U) << line;
    return line;
  };
  EXPECT_NE(line_of(path("absent.mp4")).find("no such file"), std::string::npos);
  EXPECT_NE(line_of(path("")).find("is not a file"), std::string::npos);
  write_file(path("empty.mp4"), {});
  EXPECT_NE(line_of(path("empty.mp4")).find("is empty"), std::string::npos);
  write_file(path("text.mp4"), std::vector<std::uint8_t>(3000, 'a'));
  EXPECT_NE(line_of(path("text.mp4")).find("cannot be read as video"), std::string::npos);
  ffmpeg(fmt::format("-f lavfi -i sine=duration=1 {}", quoted(path("sound.mp4"))));
  EXPECT_NE(line_of(path("sound.mp4")).find("has no video stream"), std::string::npos);
  ffmpeg(fmt::format("-f lavfi -i testsrc2=duration=1 -c:v libx264 -pix_fmt yuv420p {}", quoted(path("whole.mp4"))));
  const auto bytes = read_file(path("whole.mp4"));
  write_file(path("cut.mp4"), std::span(bytes).first(bytes.size() / 2));
  EXPECT_NE(line_of(path("cut.mp4")).find("damaged or cut off"), std::string::npos);
  ffmpeg(
      fmt::format("-f lavfi -i testsrc2=duration=1 -c:v libx264 -pix_fmt yuv420p -movflags frag_keyframe+empty_moov {}",
                  quoted(path("parts.mp4"))));
  const auto parts = read_file(path("parts.mp4"));
  const std::string box = "moof";
  const auto first = std::search(parts.begin(), parts.end(), box.begin(), box.end()) - parts.begin();
  write_file(path("none.mp4"), std::span(parts).first(static_cast<std::size_t>(first) - 4));
  EXPECT_NE(line_of(path("none.mp4")).find("has no frames"), std::string::npos);
}

TEST_F(ProbeTest, CoverPictureIsNoVideo) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("-f lavfi -i testsrc2=size=64x64 -frames:v 1 {}", quoted(path("cover.png"))));
  ffmpeg(fmt::format("-f lavfi -i sine=duration=1 -i {} -map 0 -map 1 -c:v copy -disposition:v attached_pic {}",
                     quoted(path("cover.png")), quoted(path("song.mp3"))));
  EXPECT_NE(error_of([&] { probe_video(path("song.mp3")); }).find("has no video stream"), std::string::npos);
}

// Playlists and other texts that would make FFmpeg open further files are no videos.
TEST_F(ProbeTest, PlaylistsAreRefused) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("-f lavfi -i testsrc2=duration=1 -c:v libx264 -pix_fmt yuv420p {}", quoted(path("part.ts"))));
  const std::string list = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\npart.ts\n#EXT-X-ENDLIST\n";
  write_file(path("list.mp4"), std::span(reinterpret_cast<const std::uint8_t*>(list.data()), list.size()));
  EXPECT_NE(error_of([&] { probe_video(path("list.mp4")); }).find("cannot be read"), std::string::npos);
}

TEST_F(ProbeTest, FormatsFollowTheName) {
  EXPECT_EQ(format_of("a/b.JPG"), "jpeg");
  EXPECT_EQ(format_of("b.tif"), "tiff");
  EXPECT_EQ(format_of("b.mpg"), "mpeg");
  EXPECT_EQ(format_of("b.tar.Mp4"), "mp4");
  EXPECT_EQ(format_of("b"), "");
  EXPECT_EQ(format_of(".mp4"), "");
  write_file(path("a.MP4"), std::vector<std::uint8_t>{1});
  write_file(path("a.webp"), std::vector<std::uint8_t>{1});
  write_file(path("a.opus"), std::vector<std::uint8_t>{1});
  write_file(path("a.txt"), std::vector<std::uint8_t>{1});
  std::filesystem::create_directories(path("folder.mp4"));
  EXPECT_EQ(kind_of(path("a.MP4")), MediaKind::kVideo);
  EXPECT_EQ(kind_of(path("a.webp")), MediaKind::kImage);
  EXPECT_EQ(kind_of(path("a.opus")), MediaKind::kAudio);
  EXPECT_EQ(kind_of(path("a.txt")), MediaKind::kNone);
  EXPECT_EQ(kind_of(path("folder.mp4")), MediaKind::kNone);
  EXPECT_EQ(kind_of(path("absent.mp4")), MediaKind::kNone);
}

}  // namespace
}  // namespace facegraph::media
