// Downloading as a user meets it: the command line against a server on loopback. spec: application.md 1.2, 8
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>

#include "e2e/sandbox.hpp"
#include "support/http_server.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGithub = "FACEGRAPH_GITHUB_URLS";

// Publishes the stand-in models, whatever the release.
class DownloadE2eTest : public Sandbox {
 protected:
  void SetUp() override {
    Sandbox::SetUp();
    if (!IsSkipped()) {
      fs::create_directory(models());
    }
  }

  fs::path models() const { return root_ / "own_models"; }
  HttpServer::Handler stand_ins() const {
    return [folder = stand_in_models()](const HttpRequest& request) -> HttpResponse {
      const fs::path file = folder / request.target.substr(request.target.rfind('/') + 1);
      if (!fs::is_regular_file(file)) {
        return {.status = 404};
      }
      return content(request, read_text(file));
    };
  }
  Job job() const {
    Job job = swap(photo("president.png"));
    job.output = out("swapped.png");
    job.models = models();
    return job;
  }
  Outcome run(const Job& job, const std::string& github) const {
    Launch launch = launch_of(job);
    launch.environment[kGithub] = github;
    return run_program(launch);
  }
  Launch command(const std::vector<std::string>& arguments, const std::string& github) const {
    Launch launch{.arguments = {FACEGRAPH_PROGRAM},
                  .environment = {{"FACEGRAPH_MODELS_PATH", models().string()}, {kGithub, github}},
                  .log_folder = root_ / "log"};
    launch.arguments.insert(launch.arguments.end(), arguments.begin(), arguments.end());
    return launch;
  }
  // All stand-ins but those of ghost_1_256 are there, and that is what is asked for.
  Job ghost_job() const {
    for (const auto& entry : fs::directory_iterator(stand_in_models())) {
      if (entry.path().stem() != "crossface_ghost" && entry.path().stem() != "ghost_1_256") {
        fs::create_symlink(entry.path(), models() / entry.path().filename());
      }
    }
    Job ghost = job();
    ghost.options = {"--face-swapper-model", "ghost_1_256"};
    return ghost;
  }
  int count(const std::string& extension) const {
    return static_cast<int>(std::count_if(fs::directory_iterator(models()), fs::directory_iterator(),
                                          [&](const auto& entry) { return entry.path().extension() == extension; }));
  }

  std::string failed(const Outcome& outcome) const {
    EXPECT_EQ(outcome.code, 1) << outcome.err;
    return outcome.err;
  }
};

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << "expected '" << part << "' in: " << text;
  }
}

TEST_F(DownloadE2eTest, AFileThatIsNotTheOfficialOneIsRefused) {
  const HttpServer server(stand_ins());
  // The stand-ins have right CRCs; of those whose SHA-256 is recorded, none passes.
  expect_parts(failed(run(job(), server.url())), {"SHA-256", "nsfw_1.onnx is missing", "--model-set embedded"});
  EXPECT_FALSE(fs::exists(models() / "nsfw_1.onnx"));
  EXPECT_FALSE(fs::exists(job().output));
  EXPECT_EQ(count(".part"), 0);
}

TEST_F(DownloadE2eTest, OfflineSaysWhatIsMissingAndAsksNobody) {
  const HttpServer server(stand_ins());
  Job offline = job();
  offline.options = {"--offline"};
  const Outcome outcome = run(offline, server.url());
  expect_parts(failed(outcome), {"nsfw_1.onnx is missing", "inswapper_128.onnx is missing", "--offline",
                                 models().string(), "--model-set embedded"});
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_TRUE(server.requests().empty());
  EXPECT_FALSE(fs::exists(job().output));
}

TEST_F(DownloadE2eTest, NobodyAnswers) {
  const Outcome outcome = run(job(), closed_address());
  expect_parts(failed(outcome),
               {"inswapper_128.onnx is missing", "answers", models().string(), "--model-set embedded"});
  EXPECT_FALSE(fs::exists(job().output));
}

TEST_F(DownloadE2eTest, OnlyWhatIsMissingIsFetchedAndTheRunGoesOn) {
  const HttpServer server(stand_ins());
  const Job ghost = ghost_job();
  const Outcome outcome = run(ghost, server.url());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(ghost.output));
  EXPECT_EQ(server.count("GET", ".onnx"), 2);
  EXPECT_EQ(server.count("GET", "/models-3.4.0/crossface_ghost.hash"), 1);
  const Outcome again = run(ghost, server.url());
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(server.count("GET", ".onnx"), 2);
}

TEST_F(DownloadE2eTest, AFullDiskIsNamedAndWhatCameIsKept) {
  const HttpServer server(stand_ins());
  Job ghost = ghost_job();
  ghost.largest_file = 20'000;
  expect_parts(failed(run(ghost, server.url())), {"ghost", ".onnx.part cannot be written: File too large"});
  EXPECT_GE(count(".part"), 1);
  EXPECT_FALSE(fs::exists(models() / "ghost_1_256.onnx"));
  EXPECT_FALSE(fs::exists(ghost.output));
  ghost.largest_file = {};
  const Outcome again = run(ghost, server.url());
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(count(".part"), 0);
  const auto requests = server.requests();
  EXPECT_TRUE(std::any_of(requests.begin(), requests.end(), [](const auto& request) { return request.offset() > 0; }));
}

TEST_F(DownloadE2eTest, ForceDownloadStopsAtTheFirstThatIsNotThere) {
  const HttpServer server([](const HttpRequest&) { return HttpResponse{.status = 404}; });
  for (const char* scope : {"lite", "full"}) {
    const Outcome outcome = run_program(command({"force-download", "--download-scope", scope}, server.url()));
    expect_parts(failed(outcome), {"HTTP 404", "nsfw_1.onnx is missing"});
  }
  EXPECT_LE(server.requests().size(), 20U);
  EXPECT_EQ(count(".part"), 0);
}

TEST_F(DownloadE2eTest, ForceDownloadTakesItsOwnOptionsOnly) {
  EXPECT_EQ(run_program(command({"force-download", "--download-scope", "all"}, closed_address())).code, 2);
  EXPECT_EQ(run_program(command({"force-download", "--download-providers", "elsewhere"}, closed_address())).code, 2);
  EXPECT_EQ(run_program(command({"force-download", "--temp-path", "."}, closed_address())).code, 2);
}

TEST_F(DownloadE2eTest, ForceDownloadStopsOnASignal) {
  std::atomic<int> held{0};
  const HttpServer server([&](const HttpRequest& request) {
    if (request.target.ends_with(".hash")) {
      return HttpResponse{.body = "cbf43926"};
    }
    held += request.method == "GET" ? 1 : 0;
    return HttpResponse{.body = "12345", .length = 9, .hangs = true};
  });
  Program program(command({"force-download"}, server.url()));
  while (held == 0 && program.running()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  program.send(SIGTERM);
  EXPECT_EQ(program.wait(60).code, 4);
  EXPECT_EQ(count(".onnx"), 0);
}

TEST_F(DownloadE2eTest, ModelsListsBothSets) {
  fs::create_symlink(stand_in_models() / "xseg_1.onnx", models() / "xseg_1.onnx");
  fs::create_symlink(stand_in_models() / "xseg_1.hash", models() / "xseg_1.hash");
  std::ofstream(models() / "yunet_2023_mar.onnx") << "broken";
  std::ofstream(models() / "yunet_2023_mar.hash") << "00000000";
  fs::create_directories(models() / "custom");
  std::ofstream(models() / "custom" / "me_224.dfm") << "a file of the user's own";
  const Outcome outcome = run_program(command({"models"}, closed_address()));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::map<std::string, std::string> rows;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    rows[line.substr(0, line.find(' '))] = line;
  }
  expect_parts(rows["xseg_1"], {"face_masker", "GPL-3.0", "MB", "installed"});
  expect_parts(rows["inswapper_128"], {"face_swapper", "Non-Commercial", "555.3 MB", "missing"});
  expect_parts(rows["yunet_2023_mar"], {"face_detector", "MIT", "broken"});
  expect_parts(rows["custom/me_224"], {"deep_swapper", "the user's own", "installed"});
  expect_parts(rows["embedded_swapper_128"], {"face_swapper", "Apache-2.0", "MB", "installed"});
}

}  // namespace
}  // namespace facegraph::test
