#include "media/provenance/provenance.hpp"

#include <fstream>

#include "media/concat/concat.hpp"
#include "media/image/image_encode.hpp"
#include "media/image/image_file.hpp"
#include "media/media.hpp"
#include "media/provenance/read_provenance.hpp"
#include "media/provenance/xmp_embed.hpp"
#include "media/test_support.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

const Provenance kTwo{{"inswapper_128", "gfpgan_1.4"}};

bool has_exiftool() {
  static const bool present = std::system("exiftool -ver >/dev/null 2>&1") == 0;
  return present;
}

// "facegraph VERSION"
std::string program() {
  const std::string comment = provenance_comment({});
  const std::size_t start = comment.find("software=") + 9;
  return comment.substr(start, comment.find(';', start) - start);
}

class ProvenanceTest : public MediaTest {
 protected:
  static std::string exiftool(const std::filesystem::path& file, const std::string& tag) {
    return text_of("exiftool -s3 -" + tag + " " + quoted(file));
  }

  static void expect_xmp(const std::filesystem::path& file) {
    EXPECT_EQ(exiftool(file, "XMP:DigitalSourceType"), kDigitalSourceType) << file;
    EXPECT_EQ(exiftool(file, "XMP:CreatorTool"), program()) << file;
    EXPECT_EQ(exiftool(file, "XMP:Models"), "inswapper_128, gfpgan_1.4") << file;
    EXPECT_EQ(exiftool(file, "Warning"), "") << file;
  }

  // The XMP packets in a file, found by their own marks, as a reader does that does not know the format.
  static std::size_t packets_in(const std::filesystem::path& file) {
    const auto bytes = read_file(file);
    const std::string text(bytes.begin(), bytes.end());
    std::size_t count = 0;
    for (std::size_t at = text.find("<?xpacket begin"); at != std::string::npos;
         at = text.find("<?xpacket begin", at + 1)) {
      const std::string packet = text.substr(at, text.find("<?xpacket end", at) - at);
      EXPECT_EQ(packet + "<?xpacket end=\"r\"?>", xmp_packet(kTwo));
      ++count;
    }
    return count;
  }

  void write_clip(const std::string& name, const Provenance& provenance) const {
    VideoSettings video;
    video.path = path(name);
    video.size = {64, 48};
    video.frame_rate = {25, 1};
    video.preset = "ultrafast";
    video.provenance = provenance;
    const auto sink = create_video(video);
    for (int i = 0; i < 4; ++i) {
      sink->write(pattern(64, 48, 3, i), i / 25.0);
    }
    sink->finish();
  }
};

TEST_F(ProvenanceTest, PicturesCarryItAndKeepTheirPixels) {
  for (const char* format : {"png", "jpg", "webp", "tiff", "bmp"}) {
    for (const int channels : {3, 4}) {
      const auto file = path(std::string("out.") + format);
      const std::string name = format_of(file);
      const auto plain = encode_image(pattern(37, 22, channels), name, 70, "plain");
      write_image(file, pattern(37, 22, channels), 70, kTwo);
      const core::Image marked = read_image(file, ReadMode::kAlpha);
      const core::Image unmarked = decode_image(plain, ReadMode::kAlpha, "plain");
      ASSERT_EQ(marked.channels(), unmarked.channels()) << format;
      EXPECT_EQ(difference(bytes_of(marked), bytes_of(unmarked)).largest, 0) << format;
      EXPECT_EQ(image_size(file), (core::Size{37, 22}));
      EXPECT_EQ(packets_in(file), name == "bmp" ? 0U : 1U) << format;
      if (name == "webp") {
        EXPECT_EQ(read_file(file)[20] & 0x04, 0x04) << "the extended header tells of the packet";
      }
      if (has_exiftool() && name != "bmp") {
        expect_xmp(file);
        EXPECT_EQ(exiftool(file, "ImageSize"), "37x22");
      }
    }
  }
}

TEST_F(ProvenanceTest, LosslessWebpGetsItsHeader) {
  SKIP_WITHOUT_FFMPEG();
  const core::Image image = pattern(37, 22, 4);
  write_image(path("in.png"), image, 100);
  ffmpeg("-i " + quoted(path("in.png")) + " -c:v libwebp -lossless 1 -pix_fmt bgra " + quoted(path("plain.webp")));
  const auto encoded = read_file(path("plain.webp"));
  const auto bytes = std::as_bytes(std::span(encoded));
  const std::vector<std::byte> file(bytes.begin(), bytes.end());
  ASSERT_EQ(std::string(encoded.begin() + 12, encoded.begin() + 16), "VP8L");
  const auto marked = with_xmp(file, "webp", xmp_packet(kTwo));
  EXPECT_GT(marked.size(), file.size());
  const core::Image back = decode_image(marked, ReadMode::kAlpha, "webp");
  ASSERT_EQ(back.channels(), 4);
  EXPECT_EQ(difference(bytes_of(back), bytes_of(image)).largest, 0);
}

TEST_F(ProvenanceTest, VideosCarryIt) {
  SKIP_WITHOUT_FFMPEG();
  for (const char* format : {"avi", "gif", "m4v", "mkv", "mov", "mp4", "mpeg", "mxf", "webm", "wmv"}) {
    const auto file = path(std::string("out.") + format);
    write_clip(file.filename(), kTwo);
    EXPECT_EQ(read_all(file).size(), 4U) << format;
    const std::string name = format_of(file);
    const bool xmp = name == "m4v" || name == "mov" || name == "mp4" || name == "gif";
    EXPECT_EQ(packets_in(file), xmp ? 1U : 0U) << format;
    if (xmp && has_exiftool()) {
      expect_xmp(file);
    }
    const std::string tags = text_of("ffprobe -v error -show_entries format_tags -of default=nw=1 " + quoted(file));
    const bool comment = name != "gif" && name != "mpeg";
    EXPECT_EQ(tags.find(provenance_comment(kTwo)) != std::string::npos, comment) << format << ": " << tags;
  }
}

TEST_F(ProvenanceTest, JoinedVideosNameTheModelsOfAllParts) {
  SKIP_WITHOUT_FFMPEG();
  for (const char* format : {"avi", "mkv", "mov", "mp4", "mxf", "webm", "wmv"}) {
    const std::vector<std::string> names = {std::string("a.") + format, std::string("b.") + format};
    write_clip(names[0], {{"inswapper_128"}});
    write_clip(names[1], {{"inswapper_128", "gfpgan_1.4"}});
    const auto joined = path(std::string("joined.") + format);
    concat_videos(std::vector{path(names[0]), path(names[1])}, joined);
    const std::string tags = text_of("ffprobe -v error -show_entries format_tags -of default=nw=1 " + quoted(joined));
    EXPECT_NE(tags.find(provenance_comment(kTwo)), std::string::npos) << format << ": " << tags;
  }
}

TEST(ProvenanceText, NamesOfCustomModelsCannotBreakIt) {
  const Provenance odd{{"custom/a, b; models=<x>&\"\n\xFF"}};
  EXPECT_NE(provenance_comment(odd).find("models=custom/a_ b_ models=_x_____"), std::string::npos)
      << provenance_comment(odd);
  EXPECT_NE(xmp_packet(odd).find("<rdf:li>custom/a_ b_ models=_x_____</rdf:li>"), std::string::npos);
}

TEST(ProvenanceText, IsReadBack) {
  Provenance read{{"gfpgan_1.4"}};
  add_models(read, provenance_comment(kTwo));
  EXPECT_EQ(read.models, (std::vector<std::string>{"gfpgan_1.4", "inswapper_128"}));
  add_models(read, provenance_comment({}));
  add_models(read, "my holiday; models=yes");
  EXPECT_EQ(read.models.size(), 2U);
}

TEST_F(ProvenanceTest, AFileTellsWhatMadeIt) {
  for (const char* format : {"png", "jpg", "webp", "tiff"}) {
    const auto file = path(std::string("out.") + format);
    write_image(file, pattern(37, 22, 4), 70, kTwo);
    EXPECT_EQ(read_provenance(file).models, kTwo.models) << format;
    write_image(file, pattern(37, 22, 4), 70, Provenance{});
    EXPECT_TRUE(read_provenance(file).models.empty()) << format;
  }
  for (const char* format : {"avi", "m4v", "mkv", "mov", "mp4", "mxf", "webm", "wmv"}) {
    const std::string name = std::string("out.") + format;
    write_clip(name, kTwo);
    EXPECT_EQ(read_provenance(path(name)).models, kTwo.models) << format;
  }
  std::ofstream(path("text.mp4")) << "no video";
  for (const char* name : {"text.mp4", "none.mp4", "none.png"}) {
    EXPECT_TRUE(read_provenance(path(name)).models.empty()) << name;
  }
}

TEST(ProvenanceText, BrokenPacketsNameWhatTheyHold) {
  const std::string whole = xmp_packet(kTwo);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    Provenance read;
    add_models_of_xmp(read, std::string_view(whole).substr(0, size));
    EXPECT_TRUE(read.models.empty() || read.models == kTwo.models);
  }
  Provenance read;
  add_models_of_xmp(read, "<facegraph:Models><rdf:li>a</facegraph:Models>");
  EXPECT_EQ(read.models, std::vector<std::string>{"a"});
}

TEST(ProvenanceText, DamagedPicturesComeBackUnchanged) {
  for (const char* format : {"png", "jpeg", "webp", "tiff", "bmp", "xyz"}) {
    for (const std::size_t size : {0U, 3U, 40U}) {
      const std::vector<std::byte> junk(size, std::byte{7});
      EXPECT_EQ(with_xmp(junk, format, "packet"), junk) << format << size;
    }
  }
}

}  // namespace
}  // namespace facegraph::media
