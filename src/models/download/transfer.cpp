#include "models/download/transfer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "models/download/curl_handle.hpp"

namespace facegraph::models {

namespace {

constexpr long kSlowBytesPerSecond = 1024;
constexpr long kRangeNotSatisfiable = 416;

struct Call {
  CURL* handle;
  Receiver& receiver;
  const core::StopToken& stop;
  bool begun = false;
  bool taken = true;
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* data) {
  Call& call = *static_cast<Call*>(data);
  if (!call.begun) {
    curl_off_t length = -1;
    curl_easy_getinfo(call.handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0) {
      call.receiver.expect(length);
    }
    call.begun = true;
  }
  call.taken = call.receiver.take({bytes, size * count});
  return call.taken ? size * count : 0;
}

int look_for_stop(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Call*>(data)->stop.requested() ? 1 : 0;
}

bool is_passing(long status) {
  constexpr std::array<long, 6> kPassing{408, 429, 500, 502, 503, 504};
  return std::find(kPassing.begin(), kPassing.end(), status) != kPassing.end();
}

bool is_final(CURLcode code) {
  constexpr std::array kFinal{CURLE_TOO_MANY_REDIRECTS,   CURLE_UNSUPPORTED_PROTOCOL,     CURLE_URL_MALFORMAT,
                              CURLE_SSL_CACERT_BADFILE,   CURLE_PEER_FAILED_VERIFICATION, CURLE_WEIRD_SERVER_REPLY,
                              CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT};
  return std::find(kFinal.begin(), kFinal.end(), code) != kFinal.end();
}

Transfer outcome(const Call& call, CURLcode code, const char* details) {
  long status = 0;
  curl_easy_getinfo(call.handle, CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK) {
    return {};
  }
  if (!call.taken) {
    return {TransferState::kNotTaken, "not taken"};
  }
  if (code == CURLE_RANGE_ERROR || (code == CURLE_HTTP_RETURNED_ERROR && status == kRangeNotSatisfiable)) {
    return {TransferState::kNotResumable, "cannot be resumed"};
  }
  if (code == CURLE_HTTP_RETURNED_ERROR) {
    return {is_passing(status) ? TransferState::kBroken : TransferState::kRefused, fmt::format("HTTP {}", status)};
  }
  return {is_final(code) ? TransferState::kRefused : TransferState::kBroken,
          *details != '\0' ? details : curl_easy_strerror(code)};
}

}  // namespace

Transfer transfer(const std::string& url, long long offset, Receiver& receiver, const TransferLimits& limits,
                  const core::StopToken& stop) {
  const CurlHandle owner = make_handle(url);
  CURL* handle = owner.get();
  Call call{.handle = handle, .receiver = receiver, .stop = stop};
  std::array<char, CURL_ERROR_SIZE> details{};
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, details.data());
  curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, kSlowBytesPerSecond);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.stall.count()));
  curl_easy_setopt(handle, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(offset));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &call);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, look_for_stop);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &call);
  const CURLcode code = curl_easy_perform(handle);
  stop.check();
  return outcome(call, code, details.data());
}

}  // namespace facegraph::models
