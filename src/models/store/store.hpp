// Where model files lie, and whether they are whole. spec: application.md section 8.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "models/catalogue/model_file.hpp"

namespace facegraph::models {

// CRC-32 (zlib polynomial) of a whole file. Throws Error(kFailed) when it cannot be read.
std::uint32_t file_crc32(const std::filesystem::path& path);

// The folder above `.assets`: the repository's root for a program in its build tree, else PREFIX/share/facegraph.
std::filesystem::path installation_root();
// `models/embedded` below it.
std::filesystem::path embedded_folder();

// A file that is missing or broken.
struct Defect {
  ModelFile file;
  std::string text;  // "yunet_2023_mar.onnx is missing"
};

class Store {
 public:
  // folder: of the reference's files; embedded: of those that come with facegraph.
  explicit Store(std::filesystem::path folder, std::filesystem::path embedded = embedded_folder())
      : folder_(std::move(folder)), embedded_(std::move(embedded)) {}

  // The folder that the environment variable FACEGRAPH_MODELS_PATH names, else `.assets/models` below the installation
  // root.
  static Store standard();

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path path(const ModelFile& file) const;

  // Whole is a file whose `.hash` sibling holds its CRC-32 as eight lower-case hex digits. Files are read in parallel.
  std::vector<Defect> defects(std::span<const ModelFile> files) const;
  // Throws one Error(kFailed) that names every defect, why it was not mended (or ""), and what to do; nothing to
  // report: returns.
  void report(const std::vector<Defect>& defects, const std::string& why) const;

 private:
  std::filesystem::path folder_;
  std::filesystem::path embedded_;
};

}  // namespace facegraph::models
