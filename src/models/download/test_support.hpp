// A server that publishes model files, shared by the tests of downloading.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/download/downloader.hpp"
#include "models/download/provide.hpp"
#include "support/http_server.hpp"
#include "support/scratch.hpp"

namespace facegraph::models {

inline constexpr const char* kGithubPath = "/facefusion/facefusion-assets/releases/download/models-3.0.0/";
inline constexpr const char* kHuggingfacePath = "/facefusion/models-3.0.0/resolve/main/";

inline DownloadOptions quick_options(const std::vector<std::string>& providers = {"github"}) {
  using std::chrono::milliseconds;
  return {.providers = providers,
          .limits = {
              .stall = std::chrono::seconds(1), .attempts = 3, .pause = milliseconds(1), .headway = milliseconds(50)}};
}

inline ModelFile official(const std::string& name) {
  return {name, "models-3.0.0", "MIT"};
}

// Bytes that are no repetition of themselves.
inline std::string noise(std::size_t size, std::uint32_t state = 1) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

// As the `.hash` files hold it.
inline std::string hash_of(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  return fmt::format("{:08x}", ~crc);
}

using Files = std::map<std::string, std::string>;  // contents by file name

// The models with their hashes.
inline Files with_hashes(const Files& models) {
  Files files = models;
  for (const auto& [name, bytes] : models) {
    files[std::filesystem::path(name).replace_extension(".hash").string()] = hash_of(bytes);
  }
  return files;
}

// Publishes files below any path. `instead` may answer other than that for a name.
class Publisher {
 public:
  using Instead = std::function<std::optional<test::HttpResponse>(const test::HttpRequest&, const std::string& name)>;

  explicit Publisher(Files files, Instead instead = {})
      : server([files = std::move(files), instead = std::move(instead)](const test::HttpRequest& request) {
          const std::string name = request.target.substr(request.target.rfind('/') + 1);
          if (instead) {
            if (const auto answer = instead(request, name)) {
              return *answer;
            }
          }
          const auto file = files.find(name);
          return file == files.end() ? test::HttpResponse{.status = 404, .body = "no such file"}
                                     : test::content(request, file->second);
        }) {}

  test::HttpServer server;
};

}  // namespace facegraph::models
