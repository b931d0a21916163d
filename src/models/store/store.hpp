// Where model files lie, and whether they are whole. spec: application.md section 8.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "models/catalogue/model_file.hpp"

namespace facegraph::models {

// CRC-32 (zlib polynomial) of a whole file. Throws Error(kFailed) when it cannot be read.
std::uint32_t file_crc32(const std::filesystem::path& path);

// The folder above `.assets`: the repository's root for a program in its build tree, else PREFIX/share/facegraph.
std::filesystem::path installation_root();
// `models/embedded` below it.
std::filesystem::path embedded_folder();

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

  // Every file present, with a `.hash` sibling that holds its CRC-32 as eight lower-case hex digits. Files are read in
  // parallel. Throws one Error(kFailed) that names every missing or broken file and what to do.
  void verify(std::span<const ModelFile> files) const;

 private:
  std::filesystem::path folder_;
  std::filesystem::path embedded_;
};

}  // namespace facegraph::models
