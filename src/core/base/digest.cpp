#include "core/base/digest.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "core/base/error.hpp"

namespace facegraph::core {
namespace {

constexpr std::size_t kBlock = 1 << 20;

class Digest {
 public:
  explicit Digest(const EVP_MD* algorithm) : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), algorithm, nullptr) == 1);
  }

  void add(std::string_view bytes) { check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }

  std::string hex() {
    std::vector<unsigned char> digest(EVP_MAX_MD_SIZE);
    unsigned int size = 0;
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += fmt::format("{:02x}", digest[i]);
    }
    return text;
  }

 private:
  static void check(bool done) {
    if (!done) {
      fail(ErrorCode::kFailed, "digest: the cryptographic library has no such algorithm");
    }
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::string digest_of(const EVP_MD* algorithm, std::string_view text) {
  Digest digest(algorithm);
  digest.add(text);
  return digest.hex();
}

}  // namespace

std::string sha1_of(std::string_view text) {
  return digest_of(EVP_sha1(), text);
}

std::string sha256_of(std::string_view text) {
  return digest_of(EVP_sha256(), text);
}

std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Digest digest(EVP_sha256());
  std::vector<char> block(kBlock);
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    digest.add({block.data(), static_cast<std::size_t>(file.gcount())});
  }
  if (!file.eof()) {
    fail(ErrorCode::kFailed, "{}: cannot be read: {}", path.string(), std::strerror(errno));
  }
  return digest.hex();
}

}  // namespace facegraph::core
