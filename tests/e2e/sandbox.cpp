#include "e2e/sandbox.hpp"

#include <algorithm>
#include <fstream>
#include <regex>

#include <stdlib.h>

#include "support/npz.hpp"

namespace facegraph::test {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

void Sandbox::SetUp() {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  shared_ = shared;
  make_folders();
}

void Sandbox::make_folders() {
  std::string pattern = (fs::temp_directory_path() / "facegraph-e2e-XXXXXX").string();
  root_ = mkdtemp(pattern.data());
  fs::permissions(root_, fs::perms::others_all, fs::perm_options::add);
  for (const char* folder : {"in", "out", "tmp", "log", "jobs"}) {
    fs::create_directory(root_ / folder);
    fs::permissions(root_ / folder, fs::perms::others_all, fs::perm_options::add);
  }
}

void Sandbox::TearDown() {
  if (!root_.empty()) {
    fs::remove_all(root_);
  }
}

fs::path Sandbox::photo(const std::string& name) const {
  return shared_ / "golden/photos" / name;
}

fs::path Sandbox::sample(const std::string& name) {
  return fs::path(FACEGRAPH_SAMPLES) / name;
}

fs::path Sandbox::stand_in_models() const {
  return shared_ / "contract/models";
}

Job Sandbox::swap(const fs::path& target) const {
  return {.source = photo("president.png"), .target = target, .output = out(target.filename().string())};
}

Launch Sandbox::launch_of(const Job& job) const {
  const fs::path models = !job.models.empty() ? job.models : job.embedded ? root_ / "none" : stand_in_models();
  Launch launch{
      .arguments = {job.program.empty() ? FACEGRAPH_PROGRAM : job.program.string(), "headless-run",
                    job.embedded ? "--model-set" : "--face-swapper-model", job.embedded ? "embedded" : "inswapper_128",
                    "--log-level", job.log_level, "--jobs-path", (root_ / "jobs").string()},
      .environment = {{"FACEGRAPH_MODELS_PATH", models.string()}, {"TMPDIR", (root_ / "tmp").string()}},
      .folder = root_,
      .log_folder = root_ / "log",
      .largest_file = job.largest_file,
      .as_nobody = job.as_nobody};
  const auto add = [&launch](const std::string& option, const fs::path& path) {
    if (!path.empty()) {
      launch.arguments.insert(launch.arguments.end(), {option, path.string()});
    }
  };
  add("-s", job.source);
  add("-t", job.target);
  add("-o", job.output);
  launch.arguments.insert(launch.arguments.end(), job.options.begin(), job.options.end());
  return launch;
}

void Sandbox::expect_failure(const Job& job, int code, const std::vector<std::string>& parts) const {
  const std::vector<std::string> before = names_in(root_ / "out");
  const Outcome outcome = start(job);
  EXPECT_EQ(outcome.code, code) << "signal " << outcome.signal << ", stderr: " << outcome.err;
  EXPECT_EQ(outcome.out, "");
  static const std::regex one_error("(Usage: [^\n]+\n)?\\[FACEGRAPH\\.[A-Z_]+\\] [^\n]+\n");
  EXPECT_TRUE(std::regex_match(outcome.err, one_error)) << outcome.err;
  for (const std::string& part : parts) {
    EXPECT_NE(outcome.err.find(part), std::string::npos) << "expected '" << part << "' in: " << outcome.err;
  }
  expect_left(before);
}

void Sandbox::expect_success(const Job& job) const {
  const Outcome outcome = start(job);
  EXPECT_EQ(outcome.code, 0) << "signal " << outcome.signal;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, "");
  expect_left({job.output.filename().string()});
}

void Sandbox::expect_left(const std::vector<std::string>& names) const {
  EXPECT_EQ(names_in(root_ / "out"), names);
  EXPECT_EQ(names_in(root_ / "tmp"), std::vector<std::string>{});
}

bool Sandbox::make_with_ffmpeg(const std::string& name, const std::vector<std::string>& arguments) const {
  Launch launch{.arguments = {"ffmpeg", "-nostdin", "-loglevel", "error", "-y"}, .log_folder = root_ / "log"};
  launch.arguments.insert(launch.arguments.end(), arguments.begin(), arguments.end());
  launch.arguments.push_back(in(name).string());
  return run_program(launch).code == 0 && fs::exists(in(name));
}

fs::path Sandbox::truncated(const fs::path& whole, const std::string& name, double share) const {
  const std::string bytes = read_text(whole);
  return written(name, bytes.substr(0, static_cast<std::size_t>(static_cast<double>(bytes.size()) * share)));
}

fs::path Sandbox::written(const std::string& name, const std::string& bytes) const {
  std::ofstream(in(name), std::ios::binary) << bytes;
  return in(name);
}

}  // namespace facegraph::test
