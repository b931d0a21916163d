#include "support/gpu_activity.hpp"

#if __has_include(<cupti.h>)

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>
#include <vector>

#include <cupti.h>
#include <dlfcn.h>

namespace facegraph::bench {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{8} << 20U;
// One record for a whole graph: one for each of its kernels would slow replay down.
constexpr CUpti_ActivityKind kKinds[] = {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_GRAPH_TRACE,
                                         CUPTI_ACTIVITY_KIND_MEMCPY, CUPTI_ACTIVITY_KIND_MEMSET};

enum class Work { kModel, kPixels, kTransfer };

struct Interval {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  Work work = Work::kPixels;
};

struct Recorded {
  std::mutex mutex;
  std::vector<Interval> intervals;
};

Recorded& recorded() {
  static Recorded all;
  return all;
}

// CUPTI is loaded by hand: it is no part of the driver, and the bench has to run without it.
struct Cupti {
  decltype(&cuptiActivityRegisterCallbacks) register_callbacks = nullptr;
  decltype(&cuptiActivityEnable) enable = nullptr;
  decltype(&cuptiActivityDisable) disable = nullptr;
  decltype(&cuptiActivityFlushAll) flush_all = nullptr;
  decltype(&cuptiActivityGetNextRecord) next_record = nullptr;
  decltype(&cuptiGetTimestamp) timestamp = nullptr;
  std::string problem;

  Cupti() {
    void* library = dlopen("libcupti.so.13", RTLD_NOW);
    if (library == nullptr) {
      problem = dlerror();
      return;
    }
    const auto find = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, name));
      if (function == nullptr) {
        problem = std::string("libcupti.so.13 lacks ") + name;
      }
    };
    find(register_callbacks, "cuptiActivityRegisterCallbacks");
    find(enable, "cuptiActivityEnable");
    find(disable, "cuptiActivityDisable");
    find(flush_all, "cuptiActivityFlushAll");
    find(next_record, "cuptiActivityGetNextRecord");
    find(timestamp, "cuptiGetTimestamp");
  }
};

const Cupti& cupti() {
  static const Cupti loaded;
  return loaded;
}

void CUPTIAPI lend_buffer(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records) {
  *buffer = static_cast<std::uint8_t*>(std::aligned_alloc(8, kBufferBytes));
  *size = kBufferBytes;
  *most_records = 0;
}

template <typename Record>
Interval interval_of(const CUpti_Activity* record, Work work) {
  const auto* whole = reinterpret_cast<const Record*>(record);
  return {whole->start, whole->end, work};
}

Work work_of_copy(const CUpti_Activity* record) {
  const auto kind = reinterpret_cast<const CUpti_ActivityMemcpy6*>(record)->copyKind;
  return kind == CUPTI_ACTIVITY_MEMCPY_KIND_DTOD ? Work::kPixels : Work::kTransfer;
}

void CUPTIAPI take_buffer(CUcontext, std::uint32_t, std::uint8_t* buffer, std::size_t, std::size_t valid) {
  CUpti_Activity* record = nullptr;
  const std::lock_guard lock(recorded().mutex);
  while (cupti().next_record(buffer, valid, &record) == CUPTI_SUCCESS) {
    switch (record->kind) {
      case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
        recorded().intervals.push_back(interval_of<CUpti_ActivityKernel10>(record, Work::kPixels));
        break;
      case CUPTI_ACTIVITY_KIND_GRAPH_TRACE:
        recorded().intervals.push_back(interval_of<CUpti_ActivityGraphTrace2>(record, Work::kModel));
        break;
      case CUPTI_ACTIVITY_KIND_MEMCPY:
        recorded().intervals.push_back(interval_of<CUpti_ActivityMemcpy6>(record, work_of_copy(record)));
        break;
      case CUPTI_ACTIVITY_KIND_MEMSET:
        recorded().intervals.push_back(interval_of<CUpti_ActivityMemset4>(record, Work::kPixels));
        break;
      default:
        break;
    }
  }
  std::free(buffer);  // NOLINT(cppcoreguidelines-no-malloc): aligned_alloc's
}

}  // namespace

GpuActivity::GpuActivity() : problem_(cupti().problem) {
  if (!problem_.empty()) {
    return;
  }
  recorded().intervals.clear();
  bool started = cupti().register_callbacks(lend_buffer, take_buffer) == CUPTI_SUCCESS;
  for (const CUpti_ActivityKind kind : kKinds) {
    started = started && cupti().enable(kind) == CUPTI_SUCCESS;
  }
  if (!started) {
    problem_ = "CUPTI records nothing on this machine";
  }
}

GpuActivity::~GpuActivity() {
  if (problem_.empty()) {
    for (const CUpti_ActivityKind kind : kKinds) {
      cupti().disable(kind);
    }
  }
}

std::uint64_t GpuActivity::now() const {
  std::uint64_t time = 0;
  if (problem_.empty()) {
    cupti().timestamp(&time);
  }
  return time;
}

GpuShares GpuActivity::shares(std::uint64_t from, std::uint64_t to) {
  if (!problem_.empty() || to <= from) {
    return {};
  }
  cupti().flush_all(1);
  const std::lock_guard lock(recorded().mutex);
  std::vector<Interval>& intervals = recorded().intervals;
  std::sort(intervals.begin(), intervals.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
  std::uint64_t covered = 0;
  std::uint64_t until = from;
  std::array<std::uint64_t, 3> lengths{};  // by Work
  for (const Interval& one : intervals) {
    const std::uint64_t stop = std::min(one.end, to);
    const std::uint64_t begin = std::max(one.start, from);
    if (stop > begin) {
      lengths[static_cast<std::size_t>(one.work)] += stop - begin;
      covered += stop > until ? stop - std::max(begin, until) : 0;
      until = std::max(until, stop);
    }
  }
  const auto pixels = static_cast<double>(lengths[static_cast<std::size_t>(Work::kPixels)]);
  const auto models = static_cast<double>(lengths[static_cast<std::size_t>(Work::kModel)]);
  return {.busy = static_cast<double>(covered) / static_cast<double>(to - from),
          .pixels = models > 0 ? pixels / (pixels + models) : -1};
}

}  // namespace facegraph::bench

#else

namespace facegraph::bench {

GpuActivity::GpuActivity() : problem_("this build has no CUPTI") {}
GpuActivity::~GpuActivity() = default;
std::uint64_t GpuActivity::now() const {
  return 0;
}
GpuShares GpuActivity::shares(std::uint64_t, std::uint64_t) {
  return {};
}

}  // namespace facegraph::bench

#endif
