// The end-to-end cases of the reference: command line, inputs, expected result.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace facegraph::test {

nlohmann::json golden_case(const std::filesystem::path& shared, const std::string& id);

// A case's id as the name of a test.
std::string case_name(std::string id);

// The case's own real weights, for make_model_folder.
std::vector<std::pair<std::string, std::string>> weights_of(const nlohmann::json& golden);

// The case's command line with its folders filled in.
std::vector<std::string> arguments(const nlohmann::json& golden, const std::filesystem::path& base,
                                   const std::filesystem::path& out);

// A folder of models: the stand-in models with real weights laid over some of them ({"scrfd_2.5g", "scrfd_2.5g"}:
// contract name, real name).
void make_model_folder(const std::filesystem::path& folder, const std::filesystem::path& shared,
                       const std::vector<std::pair<std::string, std::string>>& real_weights);

// A folder of the test's own, removed with its end; FACEGRAPH_MODELS_PATH set while it lives.
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  const std::filesystem::path& out() const { return out_; }
  void use_models(const std::filesystem::path& folder) const;
  std::filesystem::path model_folder() const { return root_ / "models"; }

 private:
  std::filesystem::path root_;
  std::filesystem::path out_;
};

// The working folder while it lives; caches lie there.
class InFolder {
 public:
  explicit InFolder(const std::filesystem::path& folder) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(folder);
  }
  ~InFolder() { std::filesystem::current_path(before_); }
  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;

 private:
  std::filesystem::path before_;
};

}  // namespace facegraph::test
