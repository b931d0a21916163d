#include "golden_case.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/core.h>
#include <unistd.h>

#include "models/store/store.hpp"

namespace facegraph::test {

namespace fs = std::filesystem;

nlohmann::json golden_case(const fs::path& shared, const std::string& id) {
  static std::map<fs::path, nlohmann::json> manifests;
  auto& manifest = manifests[shared];
  if (manifest.is_null()) {
    std::ifstream(shared / "golden" / "manifest.json") >> manifest;
  }
  for (const nlohmann::json& entry : manifest["cases"]) {
    if (entry["id"] == id) {
      return entry;
    }
  }
  throw std::runtime_error("no golden case " + id);
}

std::string case_name(std::string id) {
  std::replace_if(
      id.begin(), id.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return id;
}

std::vector<std::pair<std::string, std::string>> weights_of(const nlohmann::json& golden) {
  std::vector<std::pair<std::string, std::string>> weights;
  for (const nlohmann::json& file : golden.value("weights", nlohmann::json::array())) {
    const std::string name = fs::path(file.get<std::string>()).stem().string();
    weights.emplace_back(name, name);
  }
  return weights;
}

std::vector<std::string> arguments(const nlohmann::json& golden, const fs::path& base, const fs::path& out) {
  std::vector<std::string> result;
  std::istringstream words(golden["args"].get<std::string>());
  for (std::string word; words >> word;) {
    for (const auto& [mark, folder] : {std::pair<std::string, fs::path>{"{base}", base}, {"{out}", out}}) {
      if (const auto at = word.find(mark); at != std::string::npos) {
        word.replace(at, mark.size(), folder.string());
      }
    }
    result.push_back(word);
  }
  result.insert(result.end(), {"--jobs-path", (out.parent_path() / "jobs").string()});
  // The same cases on another provider: FACEGRAPH_PARITY_ARGUMENTS="--execution-providers cuda --precision fp32".
  if (const char* more = std::getenv("FACEGRAPH_PARITY_ARGUMENTS")) {
    std::istringstream added(more);
    for (std::string word; added >> word;) {
      result.push_back(word);
    }
  }
  return result;
}

void make_model_folder(const fs::path& folder, const fs::path& shared,
                       const std::vector<std::pair<std::string, std::string>>& real_weights) {
  fs::create_directories(folder);
  for (const fs::directory_entry& entry : fs::directory_iterator(shared / "contract" / "models")) {
    fs::create_symlink(fs::absolute(entry.path()), folder / entry.path().filename());
  }
  for (const auto& [name, real] : real_weights) {
    const fs::path weights = shared / "models" / (real + ".onnx");
    fs::remove(folder / (name + ".onnx"));
    fs::remove(folder / (name + ".hash"));
    fs::create_symlink(fs::absolute(weights), folder / (name + ".onnx"));
    std::ofstream(folder / (name + ".hash")) << fmt::format("{:08x}", models::file_crc32(weights));
  }
}

Workspace::Workspace() {
  std::string name = (fs::temp_directory_path() / "facegraph-parity-XXXXXX").string();
  root_ = mkdtemp(name.data());
  out_ = root_ / "out";
  fs::create_directory(out_);
}

Workspace::~Workspace() {
  unsetenv("FACEGRAPH_MODELS_PATH");
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

void Workspace::use_models(const fs::path& folder) const {
  setenv("FACEGRAPH_MODELS_PATH", folder.c_str(), 1);
}

}  // namespace facegraph::test
