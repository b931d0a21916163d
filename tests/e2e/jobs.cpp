#include "e2e/jobs.hpp"

#include <algorithm>

namespace facegraph::test {

namespace fs = std::filesystem;

Launch JobsSandbox::command(const Words& words) const {
  Launch launch{
      .arguments = {FACEGRAPH_PROGRAM},
      .environment = {{"FACEGRAPH_MODELS_PATH", stand_in_models().string()}, {"TMPDIR", (root_ / "tmp").string()}},
      .folder = root_,
      .log_folder = root_ / "log"};
  launch.arguments.insert(launch.arguments.end(), words.begin(), words.end());
  launch.arguments.insert(launch.arguments.end(), {"--jobs-path", jobs().string(), "--log-level", "error"});
  return launch;
}

JobsSandbox::Json JobsSandbox::job(const std::string& status, const std::string& id) const {
  return Json::parse(read_text(file(status, id)));
}

int JobsSandbox::step_count(const std::string& id) const {
  for (const char* status : {"drafted", "queued", "completed", "failed"}) {
    if (fs::exists(file(status, id))) {
      return static_cast<int>(job(status, id)["steps"].size());
    }
  }
  return -1;
}

std::vector<std::string> JobsSandbox::step_statuses(const std::string& status, const std::string& id) const {
  std::vector<std::string> statuses;
  const Json found = job(status, id);
  for (const Json& step : found["steps"]) {
    statuses.push_back(step["status"]);
  }
  return statuses;
}

JobsSandbox::Words JobsSandbox::step(const std::string& target, const std::string& output) const {
  return {"--processors", "face_debugger", "-t", photo(target).string(), "-o", out(output).string()};
}

void JobsSandbox::add_step(const std::string& id, const Words& more) const {
  Words words{"job-add-step", id};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome outcome = run(words);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
}

std::vector<std::string> JobsSandbox::names_in(const fs::path& folder) const {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace facegraph::test
