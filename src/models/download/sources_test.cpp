#include "models/download/sources.hpp"

#include <gtest/gtest.h>

#include "models/download/download_options.hpp"
#include "support/scratch.hpp"

namespace facegraph::models {
namespace {

std::vector<std::string> urls(const std::vector<std::string>& providers) {
  std::vector<std::string> all;
  for (const Source& source : sources_of(providers)) {
    all.push_back(source.url("models-3.0.0", "fairface.onnx"));
  }
  return all;
}

TEST(Sources, AreTheReferences) {
  const test::ScopedVariable github("FACEGRAPH_GITHUB_URLS", std::nullopt);
  const test::ScopedVariable huggingface("FACEGRAPH_HUGGINGFACE_URLS", std::nullopt);
  const std::string on_github =
      "https://github.com/facefusion/facefusion-assets/releases/download/models-3.0.0/fairface.onnx";
  const std::string path = "/facefusion/models-3.0.0/resolve/main/fairface.onnx";
  const std::string on_huggingface = "https://huggingface.co" + path;
  const std::string on_mirror = "https://hf-mirror.com" + path;
  EXPECT_EQ(urls({"github"}), (std::vector<std::string>{on_github}));
  EXPECT_EQ(urls({"github", "huggingface"}), (std::vector<std::string>{on_github, on_huggingface, on_mirror}));
  EXPECT_EQ(urls({"huggingface", "github"}), (std::vector<std::string>{on_huggingface, on_mirror, on_github}));
}

TEST(Sources, CanBeReplaced) {
  const test::ScopedVariable variable("FACEGRAPH_GITHUB_URLS", "http://one:1 http://two");
  const std::string path = "/facefusion/facefusion-assets/releases/download/models-3.0.0/fairface.onnx";
  EXPECT_EQ(urls({"github"}), (std::vector<std::string>{"http://one:1" + path, "http://two" + path}));
}

TEST(DownloadOptions, AreTheReferences) {
  const DownloadOptions options = DownloadOptions::from(test::values_of({download_options()}));
  EXPECT_EQ(options.providers, (std::vector<std::string>{"github", "huggingface"}));
  EXPECT_FALSE(options.offline);
  EXPECT_TRUE(DownloadOptions::from(test::values_of({download_options()}, {{"offline", {}}})).offline);
  EXPECT_EQ(test::values_of({download_scope_options()}).string("download-scope"), "lite");
}

TEST(DownloadOptions, AreOfflineForCommandsWithoutThem) {
  EXPECT_TRUE(DownloadOptions::from({}).offline);
}

}  // namespace
}  // namespace facegraph::models
