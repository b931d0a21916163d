// One GPU as the rooms above see it: memory, streams, events, copies. One implementation stands on the CUDA runtime
// (cuda/), tests have a fake. Every thread that uses a GPU calls bind_thread() once; the other calls may come from any
// bound thread.
//
// Errors: Error(kOutOfMemory) where memory ran out, which leaves the GPU usable; Error(kDeviceLost) for the sticky
// errors of CUDA, after which only a new process can use it; Error(kFailed) otherwise. Each names the GPU and CUDA's
// words.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace facegraph::device {

using StreamHandle = void*;  // a cudaStream_t
using EventHandle = void*;   // a cudaEvent_t

struct GpuInfo {
  int id = 0;
  std::string name;
  int compute_major = 0;
  int compute_minor = 0;
  std::size_t total_bytes = 0;
};

struct MemoryInfo {
  std::size_t free = 0;
  std::size_t total = 0;
};

// What was asked of a GPU so far: in steady state only copies and `waits` may grow.
struct GpuCounters {
  std::atomic<std::int64_t> allocations{0};  // device and pinned memory
  std::atomic<std::int64_t> copies{0};       // between the host and the GPU
  std::atomic<std::int64_t> copied_bytes{0};
  std::atomic<std::int64_t> waits{0};  // of the host
};

class Gpu {
 public:
  Gpu() = default;
  virtual ~Gpu() = default;
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  virtual const GpuInfo& info() const = 0;
  // Its memory is the host's, and what is enqueued is done at once: for tests of the GPU's path without a GPU.
  virtual bool on_host() const { return false; }
  virtual MemoryInfo memory() = 0;

  // Makes this GPU the calling thread's own and lets the thread allocate while another one captures a graph.
  virtual void bind_thread() = 0;

  // For libraries that share this GPU with us: the context that our calls use, a CUcontext. Null where the memory is
  // the host's.
  virtual void* context() = 0;

  virtual void* allocate_device(std::size_t bytes) = 0;
  virtual void free_device(void* memory) noexcept = 0;
  virtual void* allocate_pinned(std::size_t bytes) = 0;
  virtual void free_pinned(void* memory) noexcept = 0;

  virtual StreamHandle create_stream() = 0;  // does not wait for the default stream
  virtual void destroy_stream(StreamHandle stream) noexcept = 0;
  // Ends a capture that failed half way and leaves the stream usable; nothing where none is under way.
  virtual void end_capture(StreamHandle stream) = 0;
  virtual EventHandle create_event() = 0;
  virtual void destroy_event(EventHandle event) noexcept = 0;
  virtual void record(EventHandle event, StreamHandle stream) = 0;
  // What was enqueued before the event was recorded last is done before what the stream, which may be another GPU's,
  // gets from now on. The host does not wait.
  virtual void wait_event(StreamHandle stream, EventHandle event) = 0;
  // Until what was enqueued before the event was recorded is done.
  virtual void wait_for(EventHandle event) = 0;
  // Between two recorded events whose stream was waited for.
  virtual double microseconds(EventHandle from, EventHandle to) = 0;

  // These enqueue and return.
  virtual void upload(void* device, const void* host, std::size_t bytes, StreamHandle stream) = 0;
  virtual void download(void* host, const void* device, std::size_t bytes, StreamHandle stream) = 0;
  // Rows within the GPU's memory; a pitch is the bytes from one row to the next.
  virtual void copy_rows(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                         std::size_t row_bytes, std::size_t rows, StreamHandle stream) = 0;

  // From the memory of a GPU, which may be another one, to this one's; by NVLink or PCIe where they reach each other,
  // else the driver takes it through the host. The stream is this GPU's.
  virtual void copy_from(Gpu& other, void* to, const void* from, std::size_t bytes, StreamHandle stream) = 0;

  // Writes `mark` to *found, on the GPU, if a value in one of the lists there is NaN or infinite. Enqueues and returns.
  virtual void mark_not_finite(std::span<const std::span<const float>> lists, int mark, int* found,
                               StreamHandle stream) = 0;

  virtual void wait(StreamHandle stream) = 0;

  // To be called after a kernel was started: throws what CUDA has to say about that. what: what the kernel does.
  virtual void check_launch(std::string_view what) = 0;

  GpuCounters counters;
};

// What there is to run on; never throws.
struct CudaStatus {
  bool built = false;       // this build has the CUDA part
  int driver_version = 0;   // the newest CUDA that the driver runs, 13000 for 13.0; 0: no driver
  int runtime_version = 0;  // the CUDA that this build was made with
  std::vector<GpuInfo> gpus;
  std::string problem;  // empty when CUDA can run: else what is missing and how to get it, one line
};
const CudaStatus& cuda_status();

// The GPU of this id, one object per process. Throws Error(kFailed) with cuda_status().problem, or where there is no
// such id.
Gpu& cuda_gpu(int id);

}  // namespace facegraph::device
