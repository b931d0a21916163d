// libcurl's handles with an owner, set up as every request of ours is.
#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

namespace facegraph::models {

struct CurlCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlCleanup>;

// A handle for this address: our name, no signals, redirects followed, and from https to https only.
CurlHandle make_handle(const std::string& url);

}  // namespace facegraph::models
