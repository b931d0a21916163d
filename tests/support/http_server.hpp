// A small HTTP server on loopback that behaves as well or as badly as a test wants.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace facegraph::test {

struct HttpRequest {
  std::string method;
  std::string target;                          // "/a/b", or the whole address when the server is used as a proxy
  std::map<std::string, std::string> headers;  // names in lower case

  // First byte that is asked for; 0 without a Range header.
  std::size_t offset() const;
};

struct HttpResponse {
  int status = 200;
  std::map<std::string, std::string> headers = {};
  std::string body = {};
  std::optional<std::size_t> length = {};  // that the server claims; none: the body's
  bool tells_length = true;
  std::size_t piece = 1 << 16;         // bytes sent at once
  std::chrono::milliseconds pause{0};  // between pieces
  bool hangs = false;                  // sends no more after the body, and does not close
};

// The whole of it, or with 206 what lies behind the offset asked for, or 416.
HttpResponse content(const HttpRequest& request, const std::string& bytes);

// Every request is answered on a thread of its own, one per connection.
class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  explicit HttpServer(Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url() const;  // "http://127.0.0.1:port"
  std::vector<HttpRequest> requests() const;
  // Requests of this method whose target ends so.
  int count(const std::string& method, const std::string& target_end) const;

 private:
  void accept_connections();
  void serve(int connection);
  void send_response(int connection, const HttpResponse& response, bool with_body);

  Handler handler_;
  int port_ = 0;
  int listener_ = -1;
  std::atomic<bool> ending_{false};
  mutable std::mutex mutex_;  // guards what follows
  std::vector<HttpRequest> requests_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

// An address on loopback that nobody listens on.
std::string closed_address();

}  // namespace facegraph::test
