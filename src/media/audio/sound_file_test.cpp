#include "media/audio/sound_file.hpp"

#include <cstring>

#include "media/test_support.hpp"

namespace facegraph::media {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

class SoundFileTest : public MediaTest {
 protected:
  // What the reference reads of a file.
  static std::vector<std::int16_t> by_ffmpeg(const std::filesystem::path& file) {
    const auto bytes =
        output_of("ffmpeg -nostdin -loglevel error -i " + quoted(file) + " -vn -ar 48000 -f s16le -ac 2 -");
    std::vector<std::int16_t> samples(bytes.size() / 2);
    std::memcpy(samples.data(), bytes.data(), 2 * samples.size());
    return samples;
  }
};

TEST_F(SoundFileTest, EveryFormatEqualsFfmpeg) {
  SKIP_WITHOUT_FFMPEG();
  const std::string tones = "-f lavfi -i aevalsrc='0.4*sin(880*t*(1+t))|0.3*sin(1300*t)':s=44100:d=1.5 ";
  const std::string low = "-f lavfi -i aevalsrc='0.4*sin(880*t)':s=22050:d=0.7 ";
  for (const auto& [name, made] :
       std::vector<std::pair<std::string, std::string>>{{"stereo.wav", tones},
                                                        {"mono.wav", low},
                                                        {"deep.wav", tones + "-c:a pcm_s32le"},
                                                        {"tones.flac", tones},
                                                        {"tones.m4a", tones},
                                                        {"tones.mp3", tones},
                                                        {"tones.ogg", tones + "-c:a libvorbis"},
                                                        {"tones.opus", low + "-c:a libopus"}}) {
    const auto file = path(name);
    ffmpeg(made + " " + quoted(file));
    const std::vector<std::int16_t> found = read_sound(file);
    const std::vector<std::int16_t> expected = by_ffmpeg(file);
    EXPECT_TRUE(found == expected) << name << ": " << found.size() << " and " << expected.size() << " values";
    EXPECT_GT(found.size(), 2 * 33000U) << name;
  }
}

TEST_F(SoundFileTest, BrokenFilesAreOneClearError) {
  SKIP_WITHOUT_FFMPEG();
  write_file(path("text.wav"), std::vector<std::uint8_t>(1000, 'a'));
  EXPECT_NE(error_of([&] { read_sound(path("text.wav")); }).find("text.wav"), std::string::npos);
  EXPECT_NE(error_of([&] { read_sound(path("gone.wav")); }).find("gone.wav"), std::string::npos);
  ffmpeg("-f lavfi -i testsrc2=size=64x48:duration=0.2 " + quoted(path("silent.mp4")));
  EXPECT_NE(error_of([&] { read_sound(path("silent.mp4")); }).find("has no sound"), std::string::npos);
}

}  // namespace
}  // namespace facegraph::media
