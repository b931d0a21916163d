// The CUDA half of device: everything over the CUDA runtime, which is linked statically and finds the driver when it is
// first called, so the same program starts on a machine without one.
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include <cuda.h>
#include <cuda_runtime.h>
#include <fmt/format.h>

#include "core/base/error.hpp"
#include "device/gpu/gpu.hpp"

namespace facegraph::device {

namespace {

// Errors after which every later call on the context fails too (CUDA runtime API, cudaError_t).
bool is_sticky(cudaError_t error) {
  switch (error) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorECCUncorrectable:
    case cudaErrorDevicesUnavailable:
    case cudaErrorUnknown:
      return true;
    default:
      return false;
  }
}

cudaStream_t stream_of(StreamHandle handle) {
  return static_cast<cudaStream_t>(handle);
}
cudaEvent_t event_of(EventHandle handle) {
  return static_cast<cudaEvent_t>(handle);
}

// As a kernel's argument: a model's outputs are looked at by one.
struct Lists {
  static constexpr std::size_t kMost = 16;
  struct List {
    const float* values;
    std::size_t count;
  };
  List lists[kMost];
};

// Whoever finds one writes the same.
__global__ void find_not_finite(Lists lists, int mark, int* found) {
  const Lists::List list = lists.lists[blockIdx.y];
  const std::size_t step = static_cast<std::size_t>(gridDim.x) * blockDim.x;
  for (std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < list.count; i += step) {
    if (!isfinite(list.values[i])) {
      *found = mark;
    }
  }
}

class CudaGpu : public Gpu {
 public:
  explicit CudaGpu(GpuInfo info) : info_(std::move(info)) {}

  const GpuInfo& info() const override { return info_; }

  MemoryInfo memory() override {
    MemoryInfo memory;
    use();
    check(cudaMemGetInfo(&memory.free, &memory.total), "asking for free memory");
    return memory;
  }

  void bind_thread() override {
    use();
    cudaStreamCaptureMode mode = cudaStreamCaptureModeThreadLocal;
    check(cudaThreadExchangeStreamCaptureMode(&mode), "setting the capture mode");
  }

  void* context() override {
    use();
    check(cudaFree(nullptr), "making the context");  // any call that needs it makes it
    CUcontext context = nullptr;
    const CUresult result = reinterpret_cast<CUresult (*)(CUcontext*)>(driver_function("cuCtxGetCurrent"))(&context);
    if (result != CUDA_SUCCESS || context == nullptr) {
      core::fail(core::ErrorCode::kFailed, "GPU {} ({}): the driver gives no context (error {})", info_.id, info_.name,
                 static_cast<int>(result));
    }
    return context;
  }

  void* allocate_device(std::size_t bytes) override {
    void* memory = nullptr;
    use();
    check(cudaMalloc(&memory, bytes), fmt::format("taking {} bytes", bytes));
    return memory;
  }
  void free_device(void* memory) noexcept override { cudaFree(memory); }

  void* allocate_pinned(std::size_t bytes) override {
    void* memory = nullptr;
    use();
    check(cudaMallocHost(&memory, bytes), fmt::format("taking {} bytes of pinned memory", bytes));
    return memory;
  }
  void free_pinned(void* memory) noexcept override { cudaFreeHost(memory); }

  StreamHandle create_stream() override {
    cudaStream_t stream = nullptr;
    use();
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "making a stream");
    return stream;
  }
  void destroy_stream(StreamHandle stream) noexcept override { cudaStreamDestroy(stream_of(stream)); }

  void end_capture(StreamHandle stream) override {
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    cudaStreamIsCapturing(stream_of(stream), &status);
    if (status != cudaStreamCaptureStatusNone) {
      cudaGraph_t graph = nullptr;
      cudaStreamEndCapture(stream_of(stream), &graph);
      if (graph != nullptr) {
        cudaGraphDestroy(graph);
      }
    }
    cudaGetLastError();
    wait(stream);
  }

  EventHandle create_event() override {
    cudaEvent_t event = nullptr;
    use();
    check(cudaEventCreate(&event), "making an event");
    return event;
  }
  void destroy_event(EventHandle event) noexcept override { cudaEventDestroy(event_of(event)); }
  void record(EventHandle event, StreamHandle stream) override {
    check(cudaEventRecord(event_of(event), stream_of(stream)), "recording an event");
  }
  void wait_event(StreamHandle stream, EventHandle event) override {
    check(cudaStreamWaitEvent(stream_of(stream), event_of(event), 0), "ordering two streams");
  }
  void wait_for(EventHandle event) override {
    ++counters.waits;
    check(cudaEventSynchronize(event_of(event)), "waiting for the GPU");
  }
  double microseconds(EventHandle from, EventHandle to) override {
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, event_of(from), event_of(to)), "reading a time");
    return milliseconds * 1000.0;
  }

  void upload(void* device, const void* host, std::size_t bytes, StreamHandle stream) override {
    ++counters.copies;
    counters.copied_bytes += static_cast<std::int64_t>(bytes);
    check(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream_of(stream)), "copying to the GPU");
  }
  void download(void* host, const void* device, std::size_t bytes, StreamHandle stream) override {
    ++counters.copies;
    counters.copied_bytes += static_cast<std::int64_t>(bytes);
    check(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream_of(stream)), "copying from the GPU");
  }
  void copy_rows(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch, std::size_t row_bytes,
                 std::size_t rows, StreamHandle stream) override {
    check(
        cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, row_bytes, rows, cudaMemcpyDeviceToDevice, stream_of(stream)),
        "copying within the GPU");
  }

  void copy_from(Gpu& other, void* to, const void* from, std::size_t bytes, StreamHandle stream) override {
    reach(other.info().id);
    check(cudaMemcpyPeerAsync(to, info_.id, from, other.info().id, bytes, stream_of(stream)),
          "copying from another GPU");
  }

  void mark_not_finite(std::span<const std::span<const float>> lists, int mark, int* found,
                       StreamHandle stream) override {
    constexpr std::size_t kThreads = 256;
    constexpr std::size_t kMostBlocks = 512;
    while (!lists.empty()) {
      const auto some = lists.first(std::min(lists.size(), Lists::kMost));
      lists = lists.subspan(some.size());
      Lists argument{};
      std::size_t longest = 0;
      for (std::size_t i = 0; i < some.size(); ++i) {
        argument.lists[i] = {some[i].data(), some[i].size()};
        longest = std::max(longest, some[i].size());
      }
      if (longest > 0) {
        const dim3 blocks(static_cast<unsigned>(std::min((longest + kThreads - 1) / kThreads, kMostBlocks)),
                          static_cast<unsigned>(some.size()));
        find_not_finite<<<blocks, kThreads, 0, stream_of(stream)>>>(argument, mark, found);
        check_launch("looking for NaN and infinity");
      }
    }
  }

  void wait(StreamHandle stream) override {
    ++counters.waits;
    check(cudaStreamSynchronize(stream_of(stream)), "waiting for the GPU");
  }

  void check_launch(std::string_view what) override { check(cudaPeekAtLastError(), what); }

 private:
  // The driver is no library that we are linked to: a program must start without one.
  void* driver_function(const char* name) const {
    void* function = nullptr;
    cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
#if CUDART_VERSION >= 12050
    constexpr unsigned kVersion = 12000;  // whose form of the function is meant
    check(cudaGetDriverEntryPointByVersion(name, &function, kVersion, cudaEnableDefault, &found), name);
#else
    check(cudaGetDriverEntryPoint(name, &function, cudaEnableDefault, &found), name);
#endif
    if (found != cudaDriverEntryPointSuccess) {
      core::fail(core::ErrorCode::kFailed, "GPU {} ({}): the driver has no {}: install a newer one", info_.id,
                 info_.name, name);
    }
    return function;
  }

  // Lets this GPU read another one's memory, where the machine can do that.
  void reach(int other) {
    const std::lock_guard lock(reaching_);
    if (other == info_.id || !reached_.insert(other).second) {
      return;
    }
    use();
    int can = 0;
    if (cudaDeviceCanAccessPeer(&can, info_.id, other) == cudaSuccess && can != 0) {
      cudaDeviceEnablePeerAccess(other, 0);
    }
    cudaGetLastError();  // the copy takes the way that there is
  }

  void use() {
    check(cudaSetDevice(info_.id), "choosing the GPU");
  }

  void check(cudaError_t error, std::string_view what) const {
    if (error == cudaSuccess) {
      return;
    }
    cudaGetLastError();  // takes the error out, so that the next call does not meet it again
    const auto code = error == cudaErrorMemoryAllocation ? core::ErrorCode::kOutOfMemory
                      : is_sticky(error)                 ? core::ErrorCode::kDeviceLost
                                                         : core::ErrorCode::kFailed;
    core::fail(code, "GPU {} ({}): {} failed: {} ({})", info_.id, info_.name, what, cudaGetErrorString(error),
               cudaGetErrorName(error));
  }

  GpuInfo info_;
  std::mutex reaching_;
  std::set<int> reached_;  // GPUs
};

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

CudaStatus find_status() {
  CudaStatus status;
  status.built = true;
  cudaDriverGetVersion(&status.driver_version);
  cudaRuntimeGetVersion(&status.runtime_version);
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  cudaGetLastError();
  if (status.driver_version == 0) {
    status.problem =
        "no NVIDIA driver is installed: install one (nvidia-smi shows it), or take "
        "--execution-providers cpu";
  } else if (status.driver_version / 1000 < status.runtime_version / 1000) {
    status.problem = fmt::format("the NVIDIA driver runs CUDA up to {}, this build needs {}: install a newer driver",
                                 version_text(status.driver_version), version_text(status.runtime_version));
  } else if (error != cudaSuccess || count == 0) {
    status.problem = fmt::format("the NVIDIA driver finds no GPU ({}): look at nvidia-smi and CUDA_VISIBLE_DEVICES",
                                 error == cudaSuccess ? "none" : cudaGetErrorString(error));
  }
  for (int id = 0; status.problem.empty() && id < count; ++id) {
    cudaDeviceProp properties;
    if (cudaGetDeviceProperties(&properties, id) == cudaSuccess) {
      status.gpus.push_back({id, properties.name, properties.major, properties.minor, properties.totalGlobalMem});
    }
  }
  return status;
}

}  // namespace

const CudaStatus& cuda_status() {
  static const CudaStatus status = find_status();
  return status;
}

Gpu& cuda_gpu(int id) {
  const CudaStatus& status = cuda_status();
  if (!status.problem.empty()) {
    core::fail(core::ErrorCode::kFailed, "CUDA cannot run: {}", status.problem);
  }
  static std::mutex mutex;
  static std::map<int, std::unique_ptr<CudaGpu>> gpus;
  const std::lock_guard lock(mutex);
  auto& gpu = gpus[id];
  for (const GpuInfo& info : status.gpus) {
    if (!gpu && info.id == id) {
      gpu = std::make_unique<CudaGpu>(info);
    }
  }
  if (!gpu) {
    gpus.erase(id);
    core::fail(core::ErrorCode::kFailed, "execution device {} is not there: the driver shows GPUs 0 to {}", id,
               status.gpus.size() - 1);
  }
  return *gpu;
}

}  // namespace facegraph::device
