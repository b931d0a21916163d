// Minutes of what a long day does to sessions on a GPU: two lanes open models in random order and shape, run them a
// random number of times, give them back, and now and then make the pool forget a module or all that is idle. All
// results that a lane gets for one input while it holds a session are the same, bit by bit, or they are counted; a
// session that is opened anew may choose other algorithms, which is counted apart. Prints and writes how host and
// device memory went, and what is left when everything was given back.
//
//   graph_soak FOLDER [--minutes M] [--seed N] [--json FILE]
//
// FOLDER holds models.json and the files it names: tools/make_test_models writes it. Exit code 1 where a result changed
// or an error came.
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <execinfo.h>
#include <fmt/format.h>
#include <malloc.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/provider/providers.hpp"
#include "support/test_models.hpp"

namespace {

namespace fs = std::filesystem;
namespace rt = facegraph::runtime;
using nlohmann::json;

constexpr int kLanes = 2;
constexpr double kSampleSeconds = 10;

struct Arguments {
  fs::path folder;
  fs::path json_file;
  double minutes = 8;
  unsigned seed = 1;
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    if (name.starts_with("--") && i + 1 == count) {
      facegraph::core::fail(facegraph::core::ErrorCode::kUsage, "{} needs a value", name);
    }
    if (name == "--minutes") {
      arguments.minutes = std::stod(values[++i]);
    } else if (name == "--seed") {
      arguments.seed = static_cast<unsigned>(std::stoul(values[++i]));
    } else if (name == "--json") {
      arguments.json_file = values[++i];
    } else {
      arguments.folder = name;
    }
  }
  if (arguments.folder.empty()) {
    facegraph::core::fail(facegraph::core::ErrorCode::kUsage, "a folder with models.json is expected");
  }
  return arguments;
}

// Where it broke, for addr2line: a soak that ends with a signal has nothing else to tell.
void print_stack(int signal) {
  std::array<void*, 64> frames{};
  backtrace_symbols_fd(frames.data(), backtrace(frames.data(), static_cast<int>(frames.size())), STDERR_FILENO);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::size_t host_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t fingerprint(const rt::Session& session) {
  std::uint64_t hash = 1469598103934665603U;  // FNV-1a, 64 bits
  for (std::size_t i = 0; i < session.output_count(); ++i) {
    const rt::Tensor& output = session.output(i);
    const auto* bytes = static_cast<const unsigned char*>(output.data);
    for (std::size_t k = 0; k < output.bytes(); ++k) {
      hash = (hash ^ bytes[k]) * 1099511628211U;
    }
  }
  return hash;
}

// Half of the range that the model is fed in the product: the same every time.
void fill_inputs(const rt::Session& session, const json& entry) {
  for (const json& input : entry.at("inputs")) {
    const rt::Tensor& tensor = session.input(input.at("name").get<std::string>());
    const double value = (input.at("low").get<double>() + input.at("high").get<double>()) / 2;
    if (tensor.type == rt::ElementType::kF32) {
      std::fill_n(static_cast<float*>(tensor.data), tensor.size(), static_cast<float>(value));
    } else if (tensor.type == rt::ElementType::kF64) {
      std::fill_n(static_cast<double*>(tensor.data), tensor.size(), value);
    } else if (tensor.type == rt::ElementType::kI64) {
      std::fill_n(static_cast<std::int64_t*>(tensor.data), tensor.size(), static_cast<std::int64_t>(value));
    } else {
      std::memset(tensor.data, 0, tensor.bytes());
    }
  }
}

class Soak {
 public:
  explicit Soak(const Arguments& arguments) : folder_(arguments.folder), pool_(options()) {
    std::ifstream(arguments.folder / "models.json") >> catalogue_;
  }

  // One lane's work until `stop`.
  void run_lane(unsigned seed, const std::atomic<bool>& stop) {
    std::mt19937 random(seed);
    while (!stop) {
      const json& entry = catalogue_[random() % catalogue_.size()];
      try {
        use(entry, random() % (entry.at("variants").size() + 1), static_cast<int>(1 + random() % 40));
      } catch (const facegraph::core::Error& error) {
        note_error(fmt::format("{}: {}", entry.at("name").get<std::string>(), error.what()));
      }
      if (random() % 20 == 0) {
        pool_.release(module_of(entry));
      } else if (random() % 100 == 0) {
        pool_.release_idle();
      }
    }
    pool_.release_lanes();
  }

  json result() {
    const std::lock_guard lock(mutex_);
    return {{"opened", opened_.load()},
            {"runs", runs_.load()},
            {"models", first_.size()},
            {"changed_results", changed_},
            {"other_results_of_new_sessions", chosen_anew_},
            {"errors", errors_}};
  }
  bool clean() const { return changed_.empty() && errors_.empty(); }
  void release_all() { pool_.release_idle(); }

 private:
  static rt::ExecutionOptions options() {
    rt::ExecutionOptions options;
    options.providers = {"cuda"};
    return options;
  }
  static std::string module_of(const json& entry) { return entry.value("family", "soak"); }

  // variant: beyond the last one, the model's usual shapes.
  void use(const json& entry, std::size_t variant, int runs) {
    const std::string name = entry.at("name");
    std::vector<rt::InputSpec> inputs = facegraph::test::inputs_of(entry);
    if (variant < entry.at("variants").size()) {
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        inputs[i].shape = entry.at("variants")[variant][i].get<rt::Shape>();
      }
    }
    pool_.expect_runs(1000);  // every model is worth a capture
    rt::Session session = pool_.open(module_of(entry), {name, folder_ / entry.at("file").get<std::string>()}, inputs);
    ++opened_;
    fill_inputs(session, entry);
    session.run();
    const std::uint64_t found = fingerprint(session);
    for (int i = 1; i < runs; ++i) {
      session.run();
    }
    runs_ += runs;
    const bool differs = fingerprint(session) != found;
    const std::lock_guard lock(mutex_);
    if (differs) {
      changed_.push_back(fmt::format("{} {}", name, rt::describe_inputs(inputs)));
    }
    // Two lanes may have been given different algorithms: each lane has a first result of its own.
    const auto [first, is_new] =
        first_.try_emplace(fmt::format("{} {} {}", name, variant, rt::this_thread_number()), found);
    if (!is_new && first->second != found) {
      ++chosen_anew_;
      first->second = found;
    }
  }

  void note_error(const std::string& text) {
    const std::lock_guard lock(mutex_);
    errors_.push_back(text);
  }

  fs::path folder_;
  json catalogue_;
  rt::InferencePool pool_;
  std::atomic<std::int64_t> opened_{0};
  std::atomic<std::int64_t> runs_{0};
  std::mutex mutex_;  // guards what follows
  std::vector<std::string> changed_;
  std::int64_t chosen_anew_ = 0;
  std::map<std::string, std::uint64_t> first_;
  std::vector<std::string> errors_;
};

int run(int count, char** values) {
  const Arguments arguments = parse(count, values);
  Soak soak(arguments);
  facegraph::device::Gpu& gpu = facegraph::device::cuda_gpu(0);
  gpu.bind_thread();
  std::atomic<bool> stop{false};
  std::vector<std::thread> lanes;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    lanes.emplace_back([&, lane] { soak.run_lane(arguments.seed * kLanes + lane, stop); });
  }
  json samples = json::array();
  const auto start = std::chrono::steady_clock::now();
  double seconds = 0;
  while (seconds < arguments.minutes * 60) {
    std::this_thread::sleep_for(std::chrono::duration<double>(kSampleSeconds));
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double host_mb = static_cast<double>(host_bytes()) / 1e6;
    const double used_mb = static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd) / 1e6;
    const double free_mb = static_cast<double>(gpu.memory().free) / 1e6;
    samples.push_back({{"s", seconds}, {"host_mb", host_mb}, {"allocated_mb", used_mb}, {"device_free_mb", free_mb}});
    fmt::print("{:>5.0f} s  host {:>8.1f} MB, {:>8.1f} MB of them allocated  device free {:>9.1f} MB\n", seconds,
               host_mb, used_mb, free_mb);
    std::fflush(stdout);
  }
  stop = true;
  for (std::thread& lane : lanes) {
    lane.join();
  }
  soak.release_all();
  malloc_trim(0);  // what is kept after this is in use
  json result = soak.result();
  result["host_mb_at_the_end"] = static_cast<double>(host_bytes()) / 1e6;
  result["allocated_mb_at_the_end"] = static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd) / 1e6;
  result["command"] = fmt::format("graph_soak FOLDER --minutes {} --seed {}", arguments.minutes, arguments.seed);
  result["onnxruntime"] = rt::runtime_version();
  result["gpu"] = gpu.info().name;
  result["device_free_mb_at_the_end"] = static_cast<double>(gpu.memory().free) / 1e6;
  result["samples"] = samples;
  fmt::print("{} sessions, {} runs, {} changed results, {} errors\n", result["opened"].get<std::int64_t>(),
             result["runs"].get<std::int64_t>(), result["changed_results"].size(), result["errors"].size());
  if (!arguments.json_file.empty()) {
    std::ofstream(arguments.json_file) << result.dump(1) << "\n";
  }
  return soak.clean() ? 0 : 1;
}

}  // namespace

int main(int count, char** values) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS}) {
    std::signal(signal, print_stack);
  }
  try {
    return run(count, values);
  } catch (const std::exception& error) {
    facegraph::core::log_error("graph_soak", "{}", error.what());
    return 1;
  }
}
