// A library to be loaded before all others (LD_PRELOAD): makes calls on chosen files fail, as a broken or full disk
// does.
//
//   FACEGRAPH_FAULT_PATH    part of the files' paths; without it nothing fails
//   FACEGRAPH_FAULT_ERROR   the error's number
//   FACEGRAPH_FAULT_READ    reads of bytes from this offset on fail, or
//   FACEGRAPH_FAULT_WRITE   the calls that change something fail from this one on, counted from 1
//   FACEGRAPH_FAULT_ONCE    only this one of them, when set
//   FACEGRAPH_FAULT_MARK    a file that is made when a call fails
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

// The function that the library stands before.
template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}
#define REAL(NAME)                                          \
  ([] {                                                     \
    static auto* const found = real<decltype(NAME)>(#NAME); \
    return found;                                           \
  }())

long number(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? -1 : std::strtol(text, nullptr, 10);
}

bool is_chosen(const char* path) {
  const char* part = std::getenv("FACEGRAPH_FAULT_PATH");
  return part != nullptr && path != nullptr && std::strstr(path, part) != nullptr;
}

bool is_chosen(int file) {
  char link[64];
  char path[4096];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
  const ssize_t size = ::readlink(link, path, sizeof(path) - 1);
  path[size < 0 ? 0 : size] = '\0';
  return is_chosen(path);
}

void fail() {
  if (const char* mark = std::getenv("FACEGRAPH_FAULT_MARK")) {
    const int file = REAL(open)(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file >= 0) {
      ::close(file);
    }
  }
  errno = static_cast<int>(number("FACEGRAPH_FAULT_ERROR"));
}

// How many of `count` bytes from here on can be read; negative: none, the call fails.
ssize_t readable(int file, std::size_t count, off_t offset) {
  const long from = number("FACEGRAPH_FAULT_READ");
  if (from < 0 || !is_chosen(file) || offset + static_cast<off_t>(count) <= from) {
    return static_cast<ssize_t>(count);
  }
  struct stat state = {};
  if (offset >= from && (::fstat(file, &state) != 0 || offset < state.st_size)) {
    fail();
    return -1;
  }
  return offset >= from ? static_cast<ssize_t>(count) : from - offset;
}

std::atomic<long> calls{0};  // that change something

template <typename File>
bool change_fails(File file) {
  const long from = number("FACEGRAPH_FAULT_WRITE");
  if (from < 0 || !is_chosen(file)) {
    return false;
  }
  const long call = ++calls;
  const bool fails = std::getenv("FACEGRAPH_FAULT_ONCE") != nullptr ? call == from : call >= from;
  if (fails) {
    fail();
  }
  return fails;
}

bool creates(const char* path, int flags) {
  return (flags & O_CREAT) != 0 && ::access(path, F_OK) != 0;
}

}  // namespace

extern "C" {

ssize_t read(int file, void* bytes, std::size_t count) {
  const ssize_t allowed = readable(file, count, ::lseek(file, 0, SEEK_CUR));
  return allowed < 0 ? -1 : REAL(read)(file, bytes, static_cast<std::size_t>(allowed));
}

ssize_t pread(int file, void* bytes, std::size_t count, off_t offset) {
  const ssize_t allowed = readable(file, count, offset);
  return allowed < 0 ? -1 : REAL(pread)(file, bytes, static_cast<std::size_t>(allowed), offset);
}

ssize_t pread64(int file, void* bytes, std::size_t count, off64_t offset) {
  return pread(file, bytes, count, offset);
}

ssize_t sendfile(int to, int from, off_t* offset, std::size_t count) {
  const ssize_t allowed = readable(from, count, offset == nullptr ? ::lseek(from, 0, SEEK_CUR) : *offset);
  return allowed < 0 || change_fails(to) ? -1 : REAL(sendfile)(to, from, offset, static_cast<std::size_t>(allowed));
}

ssize_t write(int file, const void* bytes, std::size_t count) {
  return change_fails(file) ? -1 : REAL(write)(file, bytes, count);
}

ssize_t writev(int file, const iovec* parts, int count) {
  return change_fails(file) ? -1 : REAL(writev)(file, parts, count);
}

ssize_t pwrite(int file, const void* bytes, std::size_t count, off_t offset) {
  return change_fails(file) ? -1 : REAL(pwrite)(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void* bytes, std::size_t count, off64_t offset) {
  return pwrite(file, bytes, count, offset);
}

int fsync(int file) {
  return change_fails(file) ? -1 : REAL(fsync)(file);
}

int fdatasync(int file) {
  return change_fails(file) ? -1 : REAL(fdatasync)(file);
}

int rename(const char* from, const char* to) {
  return change_fails(to) ? -1 : REAL(rename)(from, to);
}

int mkdir(const char* path, mode_t mode) {
  return ::access(path, F_OK) != 0 && change_fails(path) ? -1 : REAL(mkdir)(path, mode);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return creates(path, flags) && change_fails(path) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open(path, flags, mode);
}

}  // extern "C"
