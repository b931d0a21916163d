#include "models/download/provide.hpp"

#include <atomic>

#include <gtest/gtest.h>

#include "models/catalogue/model_set.hpp"
#include "models/download/test_support.hpp"

namespace facegraph::models {
namespace {

namespace fs = std::filesystem;

using core::ErrorCode;

class ProvideTest : public testing::Test {
 protected:
  void provide_from(const std::string& urls, const std::vector<ModelFile>& files) {
    const test::ScopedVariable variable("FACEGRAPH_GITHUB_URLS", urls);
    provide(store_, files, options_, stop_, progress_);
  }
  std::string failure(const std::string& urls, const std::vector<ModelFile>& files) {
    return test::message_of(ErrorCode::kFailed, [&] { provide_from(urls, files); });
  }

  test::Scratch scratch_;
  Store store_{scratch_ / "models", scratch_ / "embedded"};
  DownloadOptions options_ = quick_options();
  core::StopToken stop_;
  core::Progress progress_;
};

std::vector<ModelFile> ten_files() {
  std::vector<ModelFile> files;
  for (int i = 0; i < 10; ++i) {
    files.push_back(official(fmt::format("model_{}", i)));
  }
  return files;
}

Files contents_of(const std::vector<ModelFile>& files) {
  Files contents;
  for (const ModelFile& file : files) {
    contents[file.file_name()] = noise(20'000, static_cast<std::uint32_t>(contents.size()));
  }
  return with_hashes(contents);
}

TEST_F(ProvideTest, FetchesWhatIsMissingAndNothingElse) {
  const std::vector<ModelFile> files = ten_files();
  Publisher published(contents_of(files));
  provide_from(published.server.url(), {files.begin(), files.begin() + 3});
  provide_from(published.server.url(), files);
  EXPECT_TRUE(store_.defects(files).empty());
  for (const ModelFile& file : files) {
    EXPECT_EQ(published.server.count("GET", file.file_name()), 1) << file.name;
  }
  const core::Progress::Phase phase = progress_.phases().back();
  EXPECT_EQ(phase.label, "downloading");
  EXPECT_EQ(phase.unit, "bytes");
  EXPECT_EQ(phase.done, 7 * 20'000);
  EXPECT_EQ(phase.total, 7 * 20'000);
  EXPECT_TRUE(phase.end);
}

TEST_F(ProvideTest, AsksNobodyWhenAllIsThere) {
  Publisher published(contents_of(ten_files()));
  provide_from(published.server.url(), ten_files());
  const std::size_t before = published.server.requests().size();
  provide_from(published.server.url(), ten_files());
  EXPECT_EQ(published.server.requests().size(), before);
}

// A user's own file is offered by nobody, and nobody is told that it is wanted.
TEST_F(ProvideTest, NeverAsksForAUsersOwnFile) {
  const ModelFile own{"me/older_224", kUserRelease, "the user's own", ".dfm"};
  Publisher published(with_hashes({{"older_224.dfm", noise(2'000, 1)}}));
  test::expect_names(failure(published.server.url(), {own}), {"older_224.dfm is missing"});
  EXPECT_TRUE(published.server.requests().empty());
}

TEST_F(ProvideTest, FetchesSeveralAtOnce) {
  std::atomic<int> waiting{0};
  Publisher published(contents_of(ten_files()),
                      [&](const test::HttpRequest& request, const std::string&) -> std::optional<test::HttpResponse> {
                        // Nobody is served before two are waiting.
                        ++waiting;
                        while (request.method == "GET" && waiting < 3) {
                          std::this_thread::sleep_for(std::chrono::milliseconds(1));
                        }
                        return std::nullopt;
                      });
  provide_from(published.server.url(), ten_files());
  EXPECT_TRUE(store_.defects(ten_files()).empty());
}

TEST_F(ProvideTest, OfflineAsksNobodyAndSaysWhatIsMissing) {
  Publisher published(contents_of(ten_files()));
  options_.offline = true;
  test::expect_names(failure(published.server.url(), ten_files()),
                     {"model_0.onnx is missing", "model_9.onnx is missing", "--offline", (scratch_ / "models").string(),
                      "--model-set embedded"});
  EXPECT_TRUE(published.server.requests().empty());
  EXPECT_FALSE(fs::exists(scratch_ / "models"));
}

TEST_F(ProvideTest, NobodyAnswers) {
  const std::string closed = test::closed_address();
  test::expect_names(failure(closed, ten_files()), {"model_0.onnx is missing", "none of " + closed + " answers",
                                                    (scratch_ / "models").string(), "--model-set embedded"});
  EXPECT_FALSE(fs::exists(scratch_ / "models"));
}

TEST_F(ProvideTest, AnUnknownHostIsNoAnswer) {
  test::expect_names(failure("http://models.invalid", ten_files()), {"none of http://models.invalid answers"});
}

TEST_F(ProvideTest, WhatCouldNotBeFetchedIsNamedWithItsReason) {
  const std::vector<ModelFile> files{official("model_0"), official("gone")};
  Publisher published(contents_of({files.front()}));
  const std::string text = failure(published.server.url(), files);
  test::expect_names(text, {"gone.onnx is missing", "gone.hash: HTTP 404", "FACEGRAPH_MODELS_PATH"});
}

TEST_F(ProvideTest, EmbeddedFilesAreNotFetched) {
  Publisher published({});
  test::expect_names(failure(published.server.url(), {embedded_file("embedded_detector")}),
                     {"embedded_detector.onnx is missing", "install facegraph again"});
  EXPECT_TRUE(published.server.requests().empty());
}

TEST_F(ProvideTest, StopsAtOnce) {
  Publisher published(contents_of(ten_files()));
  stop_.request();
  test::message_of(ErrorCode::kStopped, [&] { provide_from(published.server.url(), ten_files()); });
  EXPECT_FALSE(fs::exists(scratch_ / "models"));
}

TEST_F(ProvideTest, ExamplesComeIntoTheirFolder) {
  Publisher published({{"source.jpg", "picture"}, {"source.mp3", "sound"}});
  const test::ScopedVariable variable("FACEGRAPH_GITHUB_URLS", published.server.url());
  scratch_.write("source.jpg", "already there");
  provide_examples(scratch_.folder(), {"source.jpg", "source.mp3"}, options_, stop_, progress_);
  EXPECT_EQ(fs::file_size(scratch_ / "source.jpg"), 13U);
  EXPECT_EQ(fs::file_size(scratch_ / "source.mp3"), 5U);
  EXPECT_EQ(published.server.count("GET", "source.jpg"), 0);
}

TEST_F(ProvideTest, MissingExamplesAreNamed) {
  Publisher published({});
  const test::ScopedVariable variable("FACEGRAPH_GITHUB_URLS", published.server.url());
  const auto call = [&] { provide_examples(scratch_.folder(), {"source.jpg"}, options_, stop_, progress_); };
  test::expect_names(test::message_of(ErrorCode::kFailed, call),
                     {"source.jpg", "HTTP 404", scratch_.folder().string()});
  options_.offline = true;
  test::expect_names(test::message_of(ErrorCode::kFailed, call), {"source.jpg", "--offline"});
}

}  // namespace
}  // namespace facegraph::models
