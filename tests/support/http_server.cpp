#include "support/http_server.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace facegraph::test {

namespace {

constexpr int kPollMilliseconds = 20;

std::string address_of(int port) {
  return "http://127.0.0.1:" + std::to_string(port);
}

// Bound to a free port of loopback.
int bound_socket(int& port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (descriptor < 0 || bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port of loopback can be had");
  }
  port = ntohs(address.sin_port);
  return descriptor;
}

// Up to the empty line; empty when the client went away.
std::string read_head(int connection, const std::atomic<bool>& ending) {
  std::string head;
  while (!ending && head.find("\r\n\r\n") == std::string::npos) {
    pollfd waiting{connection, POLLIN, 0};
    if (poll(&waiting, 1, kPollMilliseconds) <= 0) {
      continue;
    }
    char block[4096];
    const ssize_t count = recv(connection, block, sizeof(block), 0);
    if (count <= 0) {
      return "";
    }
    head.append(block, static_cast<std::size_t>(count));
  }
  return head;
}

HttpRequest parsed(const std::string& head) {
  std::istringstream lines(head);
  HttpRequest request;
  std::string line;
  lines >> request.method >> request.target;
  std::getline(lines, line);
  while (std::getline(lines, line) && line != "\r") {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) {
      continue;
    }
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    request.headers[name] = line.substr(colon + 2, line.size() - colon - 3);
  }
  return request;
}

bool send_all(int connection, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

std::size_t HttpRequest::offset() const {
  const auto range = headers.find("range");
  return range == headers.end() ? 0 : std::stoul(range->second.substr(range->second.find('=') + 1));
}

HttpResponse content(const HttpRequest& request, const std::string& bytes) {
  const std::size_t offset = request.offset();
  const std::string size = std::to_string(bytes.size());
  if (!request.headers.contains("range")) {
    return {.body = bytes};
  }
  if (offset >= bytes.size()) {
    return {.status = 416, .headers = {{"Content-Range", "bytes */" + size}}};
  }
  const std::string range = "bytes " + std::to_string(offset) + "-" + std::to_string(bytes.size() - 1) + "/" + size;
  return {.status = 206, .headers = {{"Content-Range", range}}, .body = bytes.substr(offset)};
}

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)), listener_(bound_socket(port_)) {
  if (listen(listener_, SOMAXCONN) != 0) {
    throw std::runtime_error("nobody can listen on loopback");
  }
  accepting_ = std::thread([this] { accept_connections(); });
}

HttpServer::~HttpServer() {
  ending_ = true;
  accepting_.join();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  close(listener_);
}

std::string HttpServer::url() const {
  return address_of(port_);
}

std::vector<HttpRequest> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

int HttpServer::count(const std::string& method, const std::string& target_end) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::count_if(requests_.begin(), requests_.end(), [&](const HttpRequest& request) {
    return request.method == method && request.target.ends_with(target_end);
  }));
}

void HttpServer::accept_connections() {
  while (!ending_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, kPollMilliseconds) > 0) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection >= 0) {
        threads_.emplace_back([this, connection] { serve(connection); });
      }
    }
  }
}

void HttpServer::serve(int connection) {
  const std::string head = read_head(connection, ending_);
  if (!head.empty()) {
    const HttpRequest request = parsed(head);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    send_response(connection, handler_(request), request.method != "HEAD");
  }
  close(connection);
}

void HttpServer::send_response(int connection, const HttpResponse& response, bool with_body) {
  std::ostringstream head;
  head << "HTTP/1.1 " << response.status << " Test\r\nConnection: close\r\n";
  for (const auto& [name, value] : response.headers) {
    head << name << ": " << value << "\r\n";
  }
  if (response.tells_length) {
    head << "Content-Length: " << response.length.value_or(response.body.size()) << "\r\n";
  }
  head << "\r\n";
  bool listening = send_all(connection, head.str());
  for (std::size_t sent = 0; with_body && listening && !ending_ && sent < response.body.size();
       sent += response.piece) {
    listening = send_all(connection, response.body.substr(sent, response.piece));
    std::this_thread::sleep_for(response.pause);
  }
  while (with_body && response.hangs && !ending_) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMilliseconds));
  }
}

std::string closed_address() {
  int port = 0;
  const int descriptor = bound_socket(port);
  close(descriptor);
  return address_of(port);
}

}  // namespace facegraph::test
