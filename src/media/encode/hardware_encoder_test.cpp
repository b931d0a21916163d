// Encoders on hardware, as far as they show without any: FFmpeg knows what they are told, and who lacks the hardware is
// told so.
#include <algorithm>

#include <fmt/core.h>

#include "media/encode/frame_sink.hpp"
#include "media/ffmpeg.hpp"
#include "media/test_support.hpp"

extern "C" {
#include <libavutil/opt.h>
}

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

class HardwareEncoders : public MediaTest {
 protected:
  static std::vector<std::string> linked() {
    std::vector<std::string> names = available_video_encoders();
    std::erase_if(names, [](const std::string& name) {
      return name.find("_nvenc") == std::string::npos && name.find("_qsv") == std::string::npos;
    });
    return names;
  }
  VideoSettings settings(const std::string& encoder) const {
    VideoSettings out;
    out.path = path("out.mp4");
    out.size = {640, 360};
    out.frame_rate = {25, 1};
    out.encoder = encoder;
    return out;
  }
};

TEST_F(HardwareEncoders, FfmpegKnowsTheirOptions) {
  for (const std::string& name : linked()) {
    const AVCodec* codec = avcodec_find_encoder_by_name(name.c_str());
    for (const char* preset : {"ultrafast", "medium", "veryslow"}) {
      const CodecPtr context(avcodec_alloc_context3(codec));
      for (const auto& [key, value] : video_encoder_options(name, preset, 80)) {
        const bool by_scale = key == "qp" && name.ends_with("_qsv");  // goes another way
        EXPECT_GE(by_scale ? 0 : av_opt_set(context->priv_data, key.c_str(), value.c_str(), 0), 0)
            << name << " " << key << "=" << value;
      }
    }
  }
}

TEST_F(HardwareEncoders, TakeTheirPixelFormat) {
  for (const std::string& name : linked()) {
    const AVCodec* codec = avcodec_find_encoder_by_name(name.c_str());
    const AVPixelFormat wanted = takes_i420(settings(name)) ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_NV12;
    const AVPixelFormat* format = codec->pix_fmts;
    while (*format != AV_PIX_FMT_NONE && *format != wanted) {
      ++format;
    }
    EXPECT_EQ(*format, wanted) << name;
  }
}

TEST_F(HardwareEncoders, ThatAreNotThereAreNamedWithOthers) {
  for (const std::string& name : linked()) {
    std::string text;
    try {
      check_hardware(settings(name));
    } catch (const core::Error& error) {
      EXPECT_EQ(error.code(), core::ErrorCode::kFailed);
      text = error.what();
    }
    if (text.empty()) {
      continue;  // this machine has it
    }
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_NE(text.find(name), std::string::npos) << text;
    EXPECT_NE(text.find("hardware"), std::string::npos) << text;
    EXPECT_NE(text.find("libx264, "), std::string::npos) << text;
    EXPECT_EQ(text.find("_qsv", text.find("hardware")), std::string::npos) << text;
    EXPECT_EQ(error_of([&] { create_video(settings(name)); }), text);
    EXPECT_EQ(files_in_folder(), 0U);
  }
  check_hardware(settings("libx264"));
}

}  // namespace
}  // namespace facegraph::media
