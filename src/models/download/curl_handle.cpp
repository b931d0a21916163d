#include "models/download/curl_handle.hpp"

#include "core/base/error.hpp"

namespace facegraph::models {

namespace {

constexpr long kRedirects = 10;

}  // namespace

CurlHandle make_handle(const std::string& url) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CurlHandle handle(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (!handle) {
    core::fail(core::ErrorCode::kFailed, "models: libcurl cannot be started");
  }
  const char* protocols = url.starts_with("https:") ? "https" : "http,https";
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_USERAGENT, "facegraph/" FACEGRAPH_VERSION);
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_QUICK_EXIT, 1L);  // a host lookup that hangs is not waited for
  curl_easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt(handle.get(), CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  curl_easy_setopt(handle.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_MAXREDIRS, kRedirects);
  return handle;
}

}  // namespace facegraph::models
