#include "media/image/image_file.hpp"

#include <csignal>

#include <fmt/core.h>
#include <opencv2/imgcodecs.hpp>
#include <sys/resource.h>

#include "media/test_support.hpp"
#include "support/npz.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

class ImageFileTest : public MediaTest {
 protected:
  static core::Image read_with_opencv(const std::filesystem::path& file, int flags = cv::IMREAD_COLOR) {
    const cv::Mat mat = cv::imread(file.string(), flags);
    EXPECT_FALSE(mat.empty()) << file;
    return core::Image::copy_of({reinterpret_cast<const std::byte*>(mat.data), mat.cols, mat.rows, mat.channels(),
                                 core::Depth::kU8, static_cast<std::ptrdiff_t>(mat.step[0])});
  }
  static void expect_same(const core::Image& a, const core::Image& b, int limit = 0) {
    ASSERT_EQ(a.size(), b.size());
    ASSERT_EQ(a.channels(), b.channels());
    EXPECT_LE(difference(bytes_of(a), bytes_of(b)).largest, limit);
  }
};

TEST_F(ImageFileTest, LosslessFormatsComeBackUnchanged) {
  for (const char* format : {"png", "bmp", "tiff", "PNG", "tif"}) {
    const auto file = path(std::string("out.") + format);
    write_image(file, pattern(37, 23), 80);
    expect_same(read_image(file, ReadMode::kColour), pattern(37, 23));
    expect_same(read_image(file, ReadMode::kAlpha), pattern(37, 23));
    EXPECT_EQ(image_size(file), (core::Size{37, 23})) << format;
    write_image(file, pattern(37, 23, 4), 80);
    expect_same(read_image(file, ReadMode::kAlpha), pattern(37, 23, 4));
    expect_same(read_image(file, ReadMode::kColour), pattern(37, 23));
  }
  EXPECT_EQ(files_in_folder(), 5U);
}

TEST_F(ImageFileTest, AlphaIsSeenByOthers) {
  SKIP_WITHOUT_FFMPEG();
  for (const char* name : {"out.png", "out.bmp", "out.tiff", "out.webp"}) {
    write_image(path(name), pattern(37, 23, 4), 100);
    const auto bgra =
        output_of("ffmpeg -nostdin -loglevel error -i " + quoted(path(name)) + " -f rawvideo -pix_fmt bgra -");
    EXPECT_LT(difference(bgra, bytes_of(pattern(37, 23, 4))).mean, std::string(name) == "out.webp" ? 3 : 1e-9) << name;
  }
}

TEST_F(ImageFileTest, OnePixelAndSixteenThousand) {
  for (const char* format : {"png", "bmp", "tiff", "jpg", "webp"}) {
    const auto file = path(std::string("out.") + format);
    write_image(file, pattern(1, 1), 100);
    EXPECT_EQ(read_image(file, ReadMode::kColour).size(), (core::Size{1, 1})) << format;
    write_image(file, pattern(16000, 16), 80);
    EXPECT_EQ(read_image(file, ReadMode::kColour).size(), (core::Size{16000, 16})) << format;
    write_image(file, pattern(16, 16000), 80);
    EXPECT_EQ(image_size(file), (core::Size{16, 16000})) << format;
  }
}

TEST_F(ImageFileTest, JpegEqualsFfmpeg) {
  SKIP_WITHOUT_FFMPEG();
  for (const int quality : {0, 10, 80, 95, 100}) {
    write_image(path("in.png"), pattern(321, 181), 80);
    write_image(path("ours.jpg"), pattern(321, 181), quality);
    ffmpeg(fmt::format("-i {} -q:v {} {}", quoted(path("in.png")), std::lrint(31 - 0.31 * quality),
                       quoted(path("theirs.jpg"))));
    constexpr std::size_t kMarkHeader = 4 + 29;
    EXPECT_EQ(read_file(path("ours.jpg")).size(),
              read_file(path("theirs.jpg")).size() + kMarkHeader + xmp_packet({}).size())
        << quality;
    expect_same(read_image(path("ours.jpg"), ReadMode::kColour), read_image(path("theirs.jpg"), ReadMode::kColour));
  }
  write_image(path("alpha.jpg"), pattern(64, 64, 4), 100);
  EXPECT_LT(difference(bytes_of(read_image(path("alpha.jpg"), ReadMode::kAlpha)), bytes_of(pattern(64, 64))).mean, 2);
}

TEST_F(ImageFileTest, WebpEqualsFfmpeg) {
  SKIP_WITHOUT_FFMPEG();
  for (const int channels : {3, 4}) {
    for (const int quality : {10, 80, 100}) {
      write_image(path("in.png"), pattern(120, 81, channels), 80);
      write_image(path("ours.webp"), pattern(120, 81, channels), quality);
      ffmpeg(fmt::format("-i {} -q:v {} {}", quoted(path("in.png")), quality, quoted(path("theirs.webp"))));
      expect_same(read_image(path("ours.webp"), ReadMode::kAlpha), read_image(path("theirs.webp"), ReadMode::kAlpha));
    }
  }
}

TEST_F(ImageFileTest, ScalingEqualsFfmpeg) {
  SKIP_WITHOUT_FFMPEG();
  FACEGRAPH_SHARED_OR_SKIP(shared);
  for (const char* name : {"golden/photos/astro.png", "golden/photos/astro_rgba.png"}) {
    const core::Image image = read_image(shared / name, ReadMode::kAlpha);
    for (const core::Size size : {core::Size{200, 200}, core::Size{801, 603}, core::Size{37, 1000}, image.size()}) {
      ffmpeg(
          fmt::format("-i {} -s {}x{} {}", quoted(shared / name), size.width, size.height, quoted(path("theirs.png"))));
      expect_same(scale_image(image, size), read_image(path("theirs.png"), ReadMode::kAlpha));
    }
  }
}

// spec D9: grey, palette and 16-bit files are read as 8-bit BGR(A).
TEST_F(ImageFileTest, OtherPngKinds) {
  SKIP_WITHOUT_FFMPEG();
  write_image(path("in.png"), pattern(64, 48), 80);
  write_image(path("alpha.png"), pattern(64, 48, 4), 80);
  struct Kind {
    const char* source;
    const char* format;
    int channels;  // in kAlpha mode
    int limit;     // mean difference from the pattern, for coloured ones
  };
  for (const Kind& kind :
       {Kind{"in.png", "rgb48be", 3, 1}, Kind{"alpha.png", "rgba64be", 4, 1}, Kind{"in.png", "gray", 3, 255},
        Kind{"in.png", "gray16be", 3, 255}, Kind{"alpha.png", "ya8", 4, 255}, Kind{"alpha.png", "ya16be", 4, 255},
        Kind{"in.png", "monob", 3, 255}, Kind{"in.png", "pal8", 3, 30}}) {
    ffmpeg(fmt::format("-i {} -pix_fmt {} {}", quoted(path(kind.source)), kind.format, quoted(path("out.png"))));
    const core::Image colour = read_image(path("out.png"), ReadMode::kColour);
    const core::Image alpha = read_image(path("out.png"), ReadMode::kAlpha);
    EXPECT_EQ(colour.channels(), 3) << kind.format;
    EXPECT_GE(alpha.channels(), kind.channels) << kind.format;
    EXPECT_EQ(colour.size(), (core::Size{64, 48}));
    EXPECT_LE(difference(bytes_of(colour), bytes_of(pattern(64, 48))).mean, kind.limit) << kind.format;
    expect_same(colour, read_with_opencv(path("out.png")));
    for (int y = 0; y < 48; ++y) {
      for (int x = 0; x < 64; ++x) {
        for (int c = 0; c < 3; ++c) {
          ASSERT_NEAR(alpha.row<std::uint8_t>(y)[x * alpha.channels() + c], colour.row<std::uint8_t>(y)[x * 3 + c], 1)
              << kind.format;
        }
        if (alpha.channels() == 4 && kind.channels == 4) {
          ASSERT_NEAR(alpha.row<std::uint8_t>(y)[x * 4 + 3], pattern(64, 48, 4).row<std::uint8_t>(y)[x * 4 + 3], 1)
              << kind.format;
        }
      }
    }
  }
}

TEST_F(ImageFileTest, ReferencePhotographsEqualOpencv) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  for (const char* name : {"astro.png", "astro.jpg", "astro_rgba.png", "mini.png", "mini.bmp", "mini.tiff", "mini.webp",
                           "solvay_1500.jpg"}) {
    const auto file = shared / "golden/photos" / name;
    expect_same(read_image(file, ReadMode::kColour), read_with_opencv(file));
    EXPECT_EQ(image_size(file), read_image(file, ReadMode::kColour).size());
  }
  EXPECT_EQ(read_image(shared / "golden/photos/astro_rgba.png", ReadMode::kAlpha).channels(), 4);
}

std::vector<std::uint8_t> tiff_with_orientation(int orientation) {
  // Little endian, one entry: tag 274, type SHORT, one value.
  return {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, static_cast<std::uint8_t>(orientation),
          0,   0,   0,  0, 0, 0, 0};
}

TEST_F(ImageFileTest, ExifOrientationIsApplied) {
  write_image(path("plain.jpg"), pattern(48, 32), 100);
  const auto plain = read_file(path("plain.jpg"));
  for (int orientation = 1; orientation <= 8; ++orientation) {
    auto exif = tiff_with_orientation(orientation);
    const std::size_t length = exif.size() + 8;
    std::vector<std::uint8_t> bytes = {
        0xFF, 0xD8, 0xFF, 0xE1, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length), 'E', 'x',
        'i',  'f',  0,    0};
    bytes.insert(bytes.end(), exif.begin(), exif.end());
    bytes.insert(bytes.end(), plain.begin() + 2, plain.end());
    write_file(path("turned.jpg"), bytes);
    // OpenCV reads and applies EXIF of JPEG files by itself.
    const core::Image expected = read_with_opencv(path("turned.jpg"));
    EXPECT_EQ(expected.size(), (orientation < 5 ? core::Size{48, 32} : core::Size{32, 48}));
    expect_same(read_image(path("turned.jpg"), ReadMode::kColour), expected);
    expect_same(read_image(path("turned.jpg"), ReadMode::kAlpha), expected);
    EXPECT_EQ(image_size(path("turned.jpg")), expected.size());
  }
}

void append_segment(std::vector<std::uint8_t>& bytes, std::uint8_t marker, const std::vector<std::uint8_t>& body) {
  const std::size_t length = body.size() + 2;
  bytes.insert(bytes.end(), {0xFF, marker, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)});
  bytes.insert(bytes.end(), body.begin(), body.end());
}

// 8x8 pixels, four components, inverted as Adobe writes them; the coded values 255 0 0 255 are no cyan, full magenta
// and yellow, no black: red.
TEST_F(ImageFileTest, CmykJpegIsConverted) {
  std::vector<std::uint8_t> bytes = {0xFF, 0xD8};
  append_segment(bytes, 0xEE, {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0});
  std::vector<std::uint8_t> quantisation(65, 8);
  quantisation[0] = 0;
  append_segment(bytes, 0xDB, quantisation);
  append_segment(bytes, 0xC0, {8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0});
  // Twelve codes of four bits for the DC categories, one of a single bit for the end of the block.
  append_segment(bytes, 0xC4,
                 {0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  append_segment(bytes, 0xC4, {0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  append_segment(bytes, 0xDA, {4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0});
  bytes.insert(bytes.end(), {0x7F, 0xE8, 0x7F, 0x43, 0xF9, 0xFF, 0x00, 0xBF, 0xFF, 0xD9});
  write_file(path("in.jpg"), bytes);
  for (const ReadMode mode : {ReadMode::kColour, ReadMode::kAlpha}) {
    const core::Image image = read_image(path("in.jpg"), mode);
    EXPECT_EQ(image.channels(), 3);
    EXPECT_LE(difference(bytes_of(image), bytes_of(flat(8, 8, {0, 0, 255}))).largest, 2);
  }
}

TEST_F(ImageFileTest, CutOffFilesAreRefused) {
  for (const char* name : {"in.jpg", "in.png", "in.webp", "in.bmp", "in.tiff"}) {
    write_image(path(name), pattern(200, 150), 90);
    const auto bytes = read_file(path(name));
    for (const double part : {0.02, 0.3, 0.7, 0.97}) {
      const auto cut = path(std::string("cut") + name);
      write_file(cut, std::span(bytes).first(static_cast<std::size_t>(part * static_cast<double>(bytes.size()))));
      const std::string text = error_of([&] { read_image(cut, ReadMode::kColour); });
      EXPECT_EQ(text.find(cut.string()), 0U) << text;
      EXPECT_NE(text.find("damaged"), std::string::npos) << name << " " << part << " " << text;
    }
  }
}

TEST_F(ImageFileTest, DamagedPngIsRefused) {
  write_image(path("in.png"), pattern(200, 150), 90);
  auto bytes = read_file(path("in.png"));
  bytes[bytes.size() / 2] ^= 0xFF;
  write_file(path("in.png"), bytes);
  EXPECT_NE(error_of([&] { read_image(path("in.png"), ReadMode::kColour); }).find("checksum"), std::string::npos);
}

TEST_F(ImageFileTest, ContentDecidesNotTheName) {
  write_image(path("in.png"), pattern(40, 30), 90);
  std::filesystem::rename(path("in.png"), path("in.jpg"));
  expect_same(read_image(path("in.jpg"), ReadMode::kColour), pattern(40, 30));
}

TEST_F(ImageFileTest, OtherFilesGiveOneLine) {
  const auto refused = [&](const std::string& content, const std::string& text) {
    write_file(path("in.png"), std::span(reinterpret_cast<const std::uint8_t*>(content.data()), content.size()));
    const std::string line = error_of([&] { read_image(path("in.png"), ReadMode::kColour); });
    EXPECT_NE(line.find(text), std::string::npos) << line;
  };
  refused("", "an empty file");
  refused("hello\n", "text");
  refused(std::string("\0\0\0\x18"
                      "ftypmp42",
                      12),
          "an MP4 video");
  refused(std::string("\0\0\0\x18"
                      "ftypavif",
                      12),
          "AVIF");
  refused("GIF89a", "a GIF");
  refused(std::string("\x01\x02\x03\x04", 4), "unknown data");
  EXPECT_NE(error_of([&] { read_image(path("absent.png"), ReadMode::kColour); }).find("no such file"),
            std::string::npos);
  EXPECT_NE(error_of([&] { read_image(path(""), ReadMode::kColour); }).find("is not a file"), std::string::npos);
}

TEST_F(ImageFileTest, HugePicturesAreRefusedBeforeDecoding) {
  write_image(path("in.bmp"), pattern(8, 8), 90);
  auto bytes = read_file(path("in.bmp"));
  bytes[18] = 1;
  bytes[19] = 0x80;  // width 32769
  write_file(path("in.bmp"), bytes);
  EXPECT_NE(error_of([&] { read_image(path("in.bmp"), ReadMode::kColour); }).find("32769x8, at most 32768"),
            std::string::npos);
}

TEST_F(ImageFileTest, WritingFailsWithOneLineAndNoFile) {
  EXPECT_NE(error_of([&] { write_image(path("absent/out.png"), pattern(8, 8), 80); }).find("does not exist"),
            std::string::npos);
  EXPECT_NE(error_of([&] { write_image(path("out.gif"), pattern(8, 8), 80); }).find("bmp, jpeg"), std::string::npos);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{2000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string text = error_of([&] { write_image(path("out.bmp"), pattern(100, 100), 80); });
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_NE(text.find("out.bmp: cannot be written: File too large"), std::string::npos) << text;
  EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(ImageFileTest, AnyFileNameWorks) {
  for (const char* name : {"with space.png", "\xFF\xFEname.jpg", "\xE7\x9B\xAE\xE6\xA0\x87.webp", "%03d.png"}) {
    write_image(path(name), pattern(20, 10), 90);
    EXPECT_EQ(read_image(path(name), ReadMode::kColour).size(), (core::Size{20, 10}));
  }
}

}  // namespace
}  // namespace facegraph::media
