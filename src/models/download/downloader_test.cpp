#include "models/download/downloader.hpp"

#include <atomic>
#include <fstream>
#include <future>
#include <sstream>

#include <gtest/gtest.h>

#include "models/download/part_file.hpp"
#include "models/download/test_support.hpp"

namespace facegraph::models {
namespace {

namespace fs = std::filesystem;

using core::ErrorCode;
using test::HttpRequest;
using test::HttpResponse;

const std::string kModel = noise(300'000);

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class DownloaderTest : public testing::Test {
 protected:
  fs::path path(const std::string& name = "plain.onnx") const { return scratch_.folder() / "models" / name; }

  void fetch(const std::string& urls, const std::string& name = "plain") {
    const test::ScopedVariable variable("FACEGRAPH_GITHUB_URLS", urls);
    Downloader(options_, reachability_, stop_, progress_).fetch_model(official(name), path(name + ".onnx"));
  }
  // What the error says.
  std::string fail_to_fetch(const std::string& urls) {
    return test::message_of(ErrorCode::kFailed, [&] { fetch(urls); });
  }
  void put(const std::string& name, const std::string& bytes) const {
    fs::create_directories(path().parent_path());
    std::ofstream(path(name), std::ios::binary) << bytes;
  }
  // The model and its hash lie there whole, and nothing else.
  void expect_whole() const {
    EXPECT_TRUE(text_of(path()) == kModel);
    EXPECT_EQ(text_of(path("plain.hash")), hash_of(kModel));
    expect_names({"plain.hash", "plain.onnx"});
  }
  void expect_names(const std::vector<std::string>& names) const {
    std::vector<std::string> found;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(path().parent_path(), none)) {
      found.push_back(entry.path().filename().string());
    }
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, names);
  }

  test::Scratch scratch_;
  DownloadOptions options_ = quick_options();
  Reachability reachability_;
  core::StopToken stop_;
  core::Progress progress_;
};

TEST_F(DownloaderTest, FetchesAModelWithItsHash) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  fetch(published.server.url());
  expect_whole();
  EXPECT_EQ(published.server.count("GET", std::string(kGithubPath) + "plain.hash"), 1);
  EXPECT_EQ(published.server.count("GET", std::string(kGithubPath) + "plain.onnx"), 1);
  for (const HttpRequest& request : published.server.requests()) {
    EXPECT_TRUE(request.headers.at("user-agent").starts_with("facegraph/")) << request.headers.at("user-agent");
  }
}

TEST_F(DownloaderTest, TheHashMayHaveALineEndAndIsKeptWithoutIt) {
  Publisher published({{"plain.onnx", kModel}, {"plain.hash", hash_of(kModel) + "\r\n"}});
  fetch(published.server.url());
  expect_whole();
}

TEST_F(DownloaderTest, CountsBytes) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  progress_.begin("downloading", 0, "bytes");
  fetch(published.server.url());
  EXPECT_EQ(progress_.phases().back().done, 300'000);
  EXPECT_EQ(progress_.phases().back().total, 300'000);
}

TEST_F(DownloaderTest, GoesOnWithAPart) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  put("plain.onnx.part", kModel.substr(0, 100'000));
  progress_.begin("downloading", 0, "bytes");
  fetch(published.server.url());
  expect_whole();
  EXPECT_EQ(published.server.requests().back().headers.at("range"), "bytes=100000-");
  EXPECT_EQ(progress_.phases().back().done, 300'000);
  EXPECT_EQ(progress_.phases().back().total, 300'000);
}

TEST_F(DownloaderTest, GoesOnWithWhatAnInterruptedDownloadLeftUnderTheFinalName) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  put("plain.onnx", kModel.substr(0, 1));
  fetch(published.server.url());
  expect_whole();
  EXPECT_EQ(published.server.requests().back().headers.at("range"), "bytes=1-");
}

TEST_F(DownloaderTest, BeginsAgainWhenThePartIsOfAnotherFile) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  put("plain.onnx.part", noise(1000, 7));
  progress_.begin("downloading", 0, "bytes");
  fetch(published.server.url());
  expect_whole();
  EXPECT_FALSE(published.server.requests().back().headers.contains("range"));
  EXPECT_EQ(progress_.phases().back().done, 300'000);
}

TEST_F(DownloaderTest, BeginsAgainWhenThePartIsTooLong) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  put("plain.onnx.part", kModel + "and more");
  fetch(published.server.url());
  expect_whole();
}

TEST_F(DownloaderTest, TakesAPartThatIsComplete) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  put("plain.onnx.part", kModel);
  fetch(published.server.url());
  expect_whole();
  EXPECT_EQ(published.server.count("GET", "plain.onnx"), 1);  // answered with 416
}

TEST_F(DownloaderTest, BeginsAgainWhenTheServerKnowsNoRanges) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}),
                      [](const HttpRequest&, const std::string& name) -> std::optional<HttpResponse> {
                        if (name == "plain.onnx") {
                          return HttpResponse{.body = kModel};
                        }
                        return std::nullopt;
                      });
  put("plain.onnx.part", kModel.substr(0, 5000));
  fetch(published.server.url());
  expect_whole();
}

TEST_F(DownloaderTest, FetchesOnlyTheHashOfAWholeFile) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  put("plain.onnx", kModel);
  fetch(published.server.url());
  expect_whole();
  EXPECT_EQ(published.server.count("GET", "plain.onnx"), 0);
}

TEST_F(DownloaderTest, ReplacesAHashThatIsNotThePublishedOne) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  put("plain.onnx", kModel);
  put("plain.hash", "00000000");
  fetch(published.server.url());
  expect_whole();
}

TEST_F(DownloaderTest, AWrongFileIsNotKept) {
  Publisher published({{"plain.onnx", kModel}, {"plain.hash", "0badc0de"}});
  test::expect_names(fail_to_fetch(published.server.url()),
                     {"plain.onnx", published.server.url(), "CRC-32 " + hash_of(kModel), "expected 0badc0de"});
  expect_names({});
}

TEST_F(DownloaderTest, AKnownFileIsCheckedBySha256Too) {
  const std::string bytes = noise(3000);
  Publisher published(with_hashes({{"yoloface_8n.onnx", bytes}}));
  const std::string text = test::message_of(ErrorCode::kFailed, [&] { fetch(published.server.url(), "yoloface_8n"); });
  test::expect_names(text,
                     {"yoloface_8n.onnx", "SHA-256", "expected 821cdbb1e65fbbabdde7dd0933f754797a343e56fd962729"});
  expect_names({});
}

TEST_F(DownloaderTest, APageInsteadOfAHashIsNoHash) {
  Publisher published({{"plain.onnx", kModel}, {"plain.hash", "<html>please sign in" + noise(5000)}});
  test::expect_names(fail_to_fetch(published.server.url()), {"plain.hash holds no CRC-32"});
  EXPECT_EQ(published.server.count("GET", "plain.onnx"), 0);
  expect_names({});
}

TEST_F(DownloaderTest, AMissingFileIsAskedForOnce) {
  Publisher published({});
  test::expect_names(fail_to_fetch(published.server.url()), {"plain.hash: HTTP 404"});
  EXPECT_EQ(published.server.count("GET", "plain.hash"), 1);
  expect_names({});
}

// Answers the model's first requests otherwise.
Publisher::Instead first_times(int times, HttpResponse (*answer)(const HttpRequest&)) {
  auto count = std::make_shared<std::atomic<int>>(times);
  return [count, answer](const HttpRequest& request, const std::string& name) -> std::optional<HttpResponse> {
    if (name == "plain.onnx" && (*count)-- > 0) {
      return answer(request);
    }
    return std::nullopt;
  };
}

TEST_F(DownloaderTest, ATruncatedTransferIsGoneOnWith) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}), first_times(1, [](const HttpRequest&) {
                        return HttpResponse{.body = kModel.substr(0, 70'000), .length = kModel.size()};
                      }));
  fetch(published.server.url());
  expect_whole();
  EXPECT_EQ(published.server.requests().back().headers.at("range"), "bytes=70000-");
}

TEST_F(DownloaderTest, ATruncatedTransferWithoutLengthIsFetchedAgain) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}), first_times(1, [](const HttpRequest&) {
                        return HttpResponse{.body = kModel.substr(0, 70'000), .tells_length = false};
                      }));
  test::expect_names(fail_to_fetch(published.server.url()), {"CRC-32"});
  expect_names({});
  fetch(published.server.url());
  expect_whole();
}

TEST_F(DownloaderTest, WhatIsTruncatedAllTheTimeWaitsAsAPart) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}), first_times(100, [](const HttpRequest& request) {
                        HttpResponse response = test::content(request, kModel);
                        response.length = response.body.size();
                        response.body.resize(1000);
                        return response;
                      }));
  fail_to_fetch(published.server.url());
  EXPECT_EQ(published.server.count("GET", "plain.onnx"), 3);
  expect_names({"plain.onnx.part"});
  EXPECT_TRUE(text_of(part_path(path())) == kModel.substr(0, 3000));
}

TEST_F(DownloaderTest, AStalledTransferIsGivenUpAndGoneOnWith) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}), first_times(1, [](const HttpRequest&) {
                        return HttpResponse{.body = kModel.substr(0, 500), .length = kModel.size(), .hangs = true};
                      }));
  fetch(published.server.url());
  expect_whole();
  EXPECT_EQ(published.server.requests().back().headers.at("range"), "bytes=500-");
}

TEST_F(DownloaderTest, ASlowTransferIsWaitedFor) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}), first_times(1, [](const HttpRequest&) {
                        return HttpResponse{.body = kModel, .piece = 10'000, .pause = std::chrono::milliseconds(50)};
                      }));
  fetch(published.server.url());
  expect_whole();
  EXPECT_EQ(published.server.count("GET", "plain.onnx"), 1);
}

TEST_F(DownloaderTest, ABusyServerIsAskedAgain) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}),
                      first_times(2, [](const HttpRequest&) { return HttpResponse{.status = 503}; }));
  fetch(published.server.url());
  expect_whole();
  EXPECT_EQ(published.server.count("GET", "plain.onnx"), 3);
}

TEST_F(DownloaderTest, FollowsRedirects) {
  Publisher store(with_hashes({{"plain.onnx", kModel}}));
  const std::string url = store.server.url();
  Publisher published({}, [&](const HttpRequest&, const std::string& name) {
    return HttpResponse{.status = 302, .headers = {{"Location", url + "/elsewhere/" + name}}, .body = "moved"};
  });
  put("plain.onnx.part", kModel.substr(0, 10));
  fetch(published.server.url());
  expect_whole();
}

TEST_F(DownloaderTest, ARedirectLoopEnds) {
  Publisher published({}, [&](const HttpRequest& request, const std::string&) {
    return HttpResponse{.status = 302, .headers = {{"Location", request.target}}};
  });
  test::expect_names(fail_to_fetch(published.server.url()), {"plain.hash", "redirect"});
  expect_names({});
}

TEST_F(DownloaderTest, ARedirectLeadsToNoOtherProtocol) {
  put("plain.hash", "12345678");
  Publisher published({}, [&](const HttpRequest&, const std::string&) {
    return HttpResponse{.status = 302, .headers = {{"Location", "file://" + path("plain.hash").string()}}};
  });
  test::expect_names(fail_to_fetch(published.server.url()), {"plain.hash", "rotocol"});
}

TEST_F(DownloaderTest, TheNextMirrorServesWhatTheFirstLacks) {
  Publisher empty({});
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  fetch(empty.server.url() + " " + published.server.url());
  expect_whole();
  EXPECT_EQ(empty.server.count("GET", "plain.hash"), 1);
}

TEST_F(DownloaderTest, TheNextMirrorGoesOnWithThePartOfTheFirst) {
  Publisher breaking(with_hashes({{"plain.onnx", kModel}}), first_times(100, [](const HttpRequest& request) {
                       return request.offset() > 0
                                  ? HttpResponse{.status = 403}
                                  : HttpResponse{.body = kModel.substr(0, 70'000), .length = kModel.size()};
                     }));
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  progress_.begin("downloading", 0, "bytes");
  fetch(breaking.server.url() + " " + published.server.url());
  expect_whole();
  EXPECT_EQ(published.server.requests().back().headers.at("range"), "bytes=70000-");
  EXPECT_EQ(progress_.phases().back().total, 300'000);
  EXPECT_EQ(progress_.phases().back().done, 300'000);
}

TEST_F(DownloaderTest, ProvidersAreAskedInTheGivenOrder) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  const test::ScopedVariable second("FACEGRAPH_HUGGINGFACE_URLS", published.server.url());
  Publisher empty({});
  options_.providers = {"github", "huggingface"};
  fetch(empty.server.url());
  expect_whole();
  EXPECT_EQ(empty.server.count("GET", std::string(kGithubPath) + "plain.hash"), 1);
  EXPECT_EQ(published.server.count("GET", std::string(kHuggingfacePath) + "plain.onnx"), 1);
}

TEST_F(DownloaderTest, EverySourceIsNamedWithItsReason) {
  Publisher empty({});
  Publisher wrong({{"plain.onnx", kModel}, {"plain.hash", "0badc0de"}});
  test::expect_names(fail_to_fetch(empty.server.url() + " " + wrong.server.url()),
                     {empty.server.url() + ": plain.hash: HTTP 404", wrong.server.url() + ": CRC-32"});
}

TEST_F(DownloaderTest, AsksAProxy) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  const test::ScopedVariable proxy("http_proxy", published.server.url());
  fetch("http://models.invalid");
  expect_whole();
  EXPECT_EQ(published.server.count("GET", "http://models.invalid" + std::string(kGithubPath) + "plain.onnx"), 1);
}

TEST_F(DownloaderTest, StopsWithinATransferAndKeepsThePart) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}), first_times(1, [](const HttpRequest&) {
                        return HttpResponse{.body = kModel.substr(0, 70'000), .length = kModel.size(), .hangs = true};
                      }));
  options_.limits.stall = std::chrono::seconds(600);
  progress_.begin("downloading", 0, "bytes");
  std::atomic<bool> ended{false};
  const auto stopping = std::async(std::launch::async, [&] {
    while (progress_.phases().back().done < 70'000 && !ended) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    stop_.request();
  });
  test::message_of(ErrorCode::kStopped, [&] { fetch(published.server.url()); });
  ended = true;
  expect_names({"plain.onnx.part"});
  EXPECT_TRUE(text_of(part_path(path())) == kModel.substr(0, 70'000));
}

TEST_F(DownloaderTest, AFolderThatCannotBeWrittenIsNamed) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  scratch_.write("models", "a file where the folder shall be");
  test::expect_names(fail_to_fetch(published.server.url()), {path().string(), "FACEGRAPH_MODELS_PATH"});
}

TEST_F(DownloaderTest, TwoWhoWantTheSameFileFetchItOnce) {
  Publisher published(with_hashes({{"plain.onnx", kModel}}));
  const test::ScopedVariable variable("FACEGRAPH_GITHUB_URLS", published.server.url());
  const Downloader downloader(options_, reachability_, stop_, progress_);
  const auto call = [&] { downloader.fetch_model(official("plain"), path()); };
  std::vector<std::future<void>> calls;
  for (int i = 0; i < 4; ++i) {
    calls.push_back(std::async(std::launch::async, call));
  }
  for (std::future<void>& one : calls) {
    one.get();
  }
  expect_whole();
  EXPECT_EQ(published.server.count("GET", "plain.onnx"), 1);
}

TEST_F(DownloaderTest, AnExampleHasNoHash) {
  Publisher published({{"source.jpg", kModel}});
  const test::ScopedVariable variable("FACEGRAPH_GITHUB_URLS", published.server.url());
  Downloader(options_, reachability_, stop_, progress_).fetch_example("examples-3.0.0", path("source.jpg"));
  EXPECT_TRUE(text_of(path("source.jpg")) == kModel);
  expect_names({"source.jpg"});
  EXPECT_EQ(published.server.requests().back().target,
            "/facefusion/facefusion-assets/releases/download/examples-3.0.0/source.jpg");
}

}  // namespace
}  // namespace facegraph::models
