#include "runtime/optimised/optimised_models.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "core/base/log.hpp"
#include "runtime/optimised/stamp.hpp"
#include "runtime/records/content_key.hpp"

namespace facegraph::runtime {

namespace fs = std::filesystem;

namespace {

constexpr int kVersion = 1;      // of what lies in a folder
constexpr unsigned kAtOnce = 4;  // models in work; each may take twice its weights in memory
constexpr const char* kOnnx = "model.onnx";

// "NAME-0123456789abcdef.THREAD.PROCESS.part": of a process that writes it, or that was killed while it did.
bool is_abandoned(const fs::path& path) {
  if (path.extension() != ".part") {
    return false;
  }
  const std::string process = path.stem().extension().string();
  const long id = process.empty() ? 0 : std::strtol(process.c_str() + 1, nullptr, 10);
  return id > 0 && kill(static_cast<pid_t>(id), 0) != 0 && errno == ESRCH;
}

// What other processes remove meanwhile does not count.
std::uintmax_t bytes_in(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  std::error_code gone;
  for (fs::directory_iterator file(folder, gone); !gone && file != fs::directory_iterator(); file.increment(gone)) {
    const std::uintmax_t more = file->file_size(gone);
    bytes += gone ? 0 : more;
  }
  return bytes;
}

// Gives the folder its name, in place of what is there, unless that is whole: then another process was first.
void publish(const fs::path& folder, const fs::path& name) {
  constexpr int kTries = 10;  // others may do the same
  std::error_code failure;
  for (int i = 0; i < kTries; ++i) {
    fs::rename(folder, name, failure);
    if (!failure || is_stamped(name)) {
      return;
    }
    std::error_code ignored;
    fs::remove_all(name, ignored);
  }
  throw fs::filesystem_error("cannot be renamed", folder, name, failure);
}

// Before the work: ONNX Runtime does not say that a disk is full.
void check_space(const fs::path& folder, std::uintmax_t bytes) {
  fs::create_directories(folder);
  if (fs::space(folder).available < 2 * bytes) {  // half precision is kept in full where the processor has none
    throw fs::filesystem_error("too little space", folder, std::make_error_code(std::errc::no_space_on_device));
  }
}

// Removes the folder at the end of its life, unless it was renamed.
class PartFolder {
 public:
  explicit PartFolder(fs::path path) : path_(std::move(path)) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~PartFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PartFolder(const PartFolder&) = delete;
  PartFolder& operator=(const PartFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

OptimisedModels::OptimisedModels(fs::path folder, std::uintmax_t most_bytes, std::string machine, Write write)
    : folder_(std::move(folder)), most_bytes_(most_bytes), machine_(std::move(machine)), write_(std::move(write)) {}

OptimisedModels::~OptimisedModels() {
  ending_ = true;
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void OptimisedModels::prepare(std::vector<ModelSource> models) {
  const auto list = std::make_shared<const std::vector<ModelSource>>(std::move(models));
  const auto next = std::make_shared<std::atomic<std::size_t>>(0);
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t count = std::min<std::size_t>(list->size(), std::min(kAtOnce, cores));
  for (std::size_t i = 0; i < count; ++i) {
    threads_.emplace_back([this, list, next] {
      for (std::size_t at = (*next)++; at < list->size() && !ending_; at = (*next)++) {
        find((*list)[at]);
      }
    });
  }
}

fs::path OptimisedModels::kept_path(const ModelSource& model) const {
  const std::string contents = model.contents.empty() ? content_key(model.path) : model.contents;
  const std::string key = fmt::format("{}\n{}\n{}\n{}", kVersion, model.path.filename().string(), contents, machine_);
  std::string name = model.name;
  std::replace(name.begin(), name.end(), '/', '-');  // "iperov/NAME"
  return folder_ / fmt::format("{}-{}", name, core::sha1_of(key).substr(0, 16));
}

std::shared_ptr<OptimisedModels::Entry> OptimisedModels::entry_of(const fs::path& kept) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Entry>& entry = entries_[kept];
  if (!entry) {
    entry = std::make_shared<Entry>();
  }
  return entry;
}

ModelSource OptimisedModels::find(const ModelSource& model) {
  const fs::path kept = kept_path(model);
  const std::shared_ptr<Entry> entry = entry_of(kept);
  const std::lock_guard working(entry->working);
  if (!entry->known) {
    entry->source = find_or_write(model, kept, entry->problem);
    entry->known = true;
  }
  ModelSource source = entry->source;
  source.role = model.role;
  return source;
}

ModelSource OptimisedModels::find_or_write(const ModelSource& model, const fs::path& kept, std::string& problem) {
  std::error_code none;
  const std::uintmax_t bytes = fs::file_size(model.path, none);
  if (none) {
    return model;  // opening it says so
  }
  try {
    if (!is_stamped(kept)) {
      ++missing_;
      if (full_ || bytes > most_bytes_) {
        return model;
      }
      check_space(folder_, bytes);
      write(model, kept);
    }
    fs::last_write_time(kept, fs::file_time_type::clock::now(), none);  // used
    ModelSource source = model;
    source.path = kept / kOnnx;
    source.contents = model.contents.empty() ? content_key(model.path) : model.contents;
    source.optimised = true;
    return source;
  } catch (const std::system_error& error) {
    full_ = true;  // the next one would meet the same
    problem = error.what();
  } catch (const core::Error& error) {
    problem = error.what();
  }
  return model;
}

void OptimisedModels::write(const ModelSource& model, const fs::path& kept) {
  const auto start = std::chrono::steady_clock::now();
  {
    const PartFolder part(fmt::format("{}.{}.{}.part", kept.string(), this_thread_number(), getpid()));
    write_(model, part.path() / kOnnx);
    stamp(part.path());
    publish(part.path(), kept);
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  core::log_debug("runtime", "{} optimised in {:.2f} seconds and kept in {}", model.name, elapsed.count(),
                  kept.string());
  make_room(kept);
}

// The longest unused ones leave. What a process has opened stays its own when the name has gone.
void OptimisedModels::make_room(const fs::path& newest) const {
  struct Kept {
    fs::file_time_type used;
    fs::path path;
    std::uintmax_t bytes = 0;
  };
  std::vector<Kept> others;
  std::uintmax_t sum = bytes_in(newest);
  for (const fs::directory_entry& folder : fs::directory_iterator(folder_)) {
    std::error_code gone;  // another process makes room too
    if (is_abandoned(folder.path())) {
      fs::remove_all(folder.path(), gone);
    } else if (folder.path() != newest && folder.path().extension() != ".part" && folder.is_directory(gone)) {
      others.push_back({folder.last_write_time(gone), folder.path(), bytes_in(folder.path())});
      sum += others.back().bytes;
    }
  }
  std::sort(others.begin(), others.end(), [](const Kept& a, const Kept& b) { return a.used < b.used; });
  for (auto oldest = others.begin(); sum > most_bytes_ && oldest != others.end(); ++oldest) {
    std::error_code gone;
    fs::remove_all(oldest->path, gone);
    sum -= oldest->bytes;
  }
}

void OptimisedModels::forget(const ModelSource& model) {
  const fs::path kept = kept_path(model);
  const std::shared_ptr<Entry> entry = entry_of(kept);
  const std::lock_guard working(entry->working);
  if (entry->source.optimised) {
    core::log_debug("runtime", "{} is broken: {} itself is opened", kept.string(), model.name);
    std::error_code ignored;
    fs::remove_all(kept, ignored);
    entry->source = model;
    ++missing_;
  }
}

void OptimisedModels::tell(const ModelSource& model) {
  const std::shared_ptr<Entry> entry = entry_of(kept_path(model));
  const std::lock_guard working(entry->working);
  if (!entry->problem.empty() && !told_.exchange(true)) {
    core::log_warn("runtime", "{} is not kept optimised, each start will take longer: {}", model.name, entry->problem);
  }
}

}  // namespace facegraph::runtime
