// Where frames come from. One thread reads a source; frames come in order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "core/types/image.hpp"
#include "device/shared_picture.hpp"
#include "media/probe/probe.hpp"

namespace facegraph::media {

struct SourceFrame {
  std::int64_t number = 0;  // index among the file's frames, from 0
  double time = 0;          // seconds since the first frame of the file
  // Of its pixels, u8 BGR of the display size, at least one is there.
  core::Image image;
  device::SharedPicture on_gpu = {};  // where a GPU has decoded it

  core::Size size() const { return image.empty() ? on_gpu.size() : image.size(); }
  // The image, which is fetched from the GPU when it is asked for first.
  core::Image& on_host() {
    if (image.empty() && !on_gpu.empty()) {
      image = on_gpu.to_host();
    }
    return image;
  }
  // On a GPU, from the one that decoded it, else from the host; empty where the site is the host.
  device::Picture brought_to(const device::Site& site) {
    if (!site.on_gpu()) {
      return {};
    }
    return on_gpu.empty() ? site.copy_in(on_host()) : on_gpu.copy_to(site);
  }
};

class FrameSource {
 public:
  virtual ~FrameSource() = default;
  // The next frame; none at the end. Throws Error(kFailed) for a file that breaks off with an error before any frame of
  // the range; a damaged tail ends the stream with one warning.
  virtual std::optional<SourceFrame> read() = 0;
};

struct FrameRange {
  std::int64_t start = 0;
  std::optional<std::int64_t> end;  // exclusive; none: to the end
  // Sampling: only frames whose number is a multiple are converted and given out, the others are decoded and dropped. A
  // sampling source does not warn of a damaged tail: who reads all frames will.
  std::int64_t every = 1;
};

// A GPU that decodes instead of the CPU what it can.
struct HardwareDecoding {
  device::Gpu* gpu = nullptr;  // null: the CPU decodes everything
  int pictures = 0;            // frames that are there at once, but for a few
};

// Decodes with all threads. Colours as FFmpeg's swscale makes BGR24 of the stream (input matrix and range read from the
// stream, BT.601 limited when untagged); HDR transfers (smpte2084, arib-std-b67) are converted to BT.709. Rotation is
// applied. Seeking to `start` gives the same pixels as decoding up to it.
// With a GPU frames come as pictures there, equal but for what ops/colour/yuv_to_bgr.hpp names; which of both decodes,
// and why it is the CPU, is told at the level info, by one that samples at debug. A damaged tail may give other frames
// than on the CPU. Groups of pictures that need nothing of each other are decoded at once, by threads of the source
// (group_decoders.hpp).
std::unique_ptr<FrameSource> open_video(const std::filesystem::path& path, const FrameRange& range,
                                        const HardwareDecoding& hardware = {});

// One frame by number (clamped to the last one). Throws Error(kFailed) when there is none.
core::Image read_video_frame(const std::filesystem::path& path, std::int64_t number);

}  // namespace facegraph::media
