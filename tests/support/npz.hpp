// Reads NumPy .npz archives (zip of .npy) and finds the folder of reference data. Tests only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/types/image.hpp"

namespace facegraph::test {

// One array, row-major, little endian. Owns its bytes.
struct Array {
  std::vector<std::int64_t> shape;  // empty for a scalar
  std::string dtype;                // "u1", "b1", "i2", "i4", "i8", "f2", "f4", "f8", or "U" (UCS-4 text)
  std::vector<std::byte> bytes;

  std::size_t size() const;
  // Any number type, f2 included.
  std::vector<double> doubles() const;
  double scalar() const { return doubles().at(0); }
  // The elements as they lie; T's size must be the element's.
  template <typename T>
  std::span<const T> as() const {
    if (size() * sizeof(T) != bytes.size()) {
      throw std::runtime_error("npz: array of " + dtype + " read as a type of another size");
    }
    return {reinterpret_cast<const T*>(bytes.data()), size()};
  }
  std::string text() const;                                              // "U" scalars, as UTF-8
  nlohmann::json json() const { return nlohmann::json::parse(text()); }  // entries named *_json
  // Shape [h, w] or [h, w, channels] of u1, f4 or f8.
  core::Image image() const;
};

class Npz {
 public:
  // Throws std::runtime_error when the file is absent or not an .npz of known types.
  explicit Npz(const std::filesystem::path& path);

  bool contains(const std::string& name) const { return arrays_.contains(name); }
  // Throws std::runtime_error naming file and entry when there is none.
  const Array& operator[](const std::string& name) const;
  const std::map<std::string, Array>& arrays() const { return arrays_; }

 private:
  std::string file_;
  std::map<std::string, Array> arrays_;
};

// FACEGRAPH_SHARED, else ../shared beside the repository; no value when neither is a folder.
std::optional<std::filesystem::path> shared_folder();

// Defines a path FOLDER, or skips the test when the reference data is absent.
#define FACEGRAPH_SHARED_OR_SKIP(FOLDER)                                                                            \
  const auto FOLDER##_optional = ::facegraph::test::shared_folder();                                                \
  if (!FOLDER##_optional) {                                                                                         \
    GTEST_SKIP() << "reference data absent: set FACEGRAPH_SHARED or put the folder 'shared' beside the repository"; \
  }                                                                                                                 \
  const std::filesystem::path& FOLDER = *FOLDER##_optional

}  // namespace facegraph::test
