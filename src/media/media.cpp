#include "media/media.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <system_error>
#include <utility>

namespace facegraph::media {
namespace {

constexpr std::array<std::string_view, 6> kAudioFormats = {"flac", "m4a", "mp3", "ogg", "opus", "wav"};
constexpr std::array<std::string_view, 5> kImageFormats = {"bmp", "jpeg", "png", "tiff", "webp"};
constexpr std::array<std::string_view, 10> kVideoFormats = {"avi", "gif",  "m4v", "mkv",  "mov",
                                                            "mp4", "mpeg", "mxf", "webm", "wmv"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kAliases = {
    {{"jpg", "jpeg"}, {"tif", "tiff"}, {"mpg", "mpeg"}}};

template <typename List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

std::string format_of(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  if (extension.size() < 2) {
    return "";
  }
  extension.erase(0, 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [alias, name] : kAliases) {
    if (extension == alias) {
      return std::string(name);
    }
  }
  return extension;
}

MediaKind kind_of(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return MediaKind::kNone;
  }
  const std::string format = format_of(path);
  if (contains(kImageFormats, format)) {
    return MediaKind::kImage;
  }
  if (contains(kVideoFormats, format)) {
    return MediaKind::kVideo;
  }
  return contains(kAudioFormats, format) ? MediaKind::kAudio : MediaKind::kNone;
}

}  // namespace facegraph::media
