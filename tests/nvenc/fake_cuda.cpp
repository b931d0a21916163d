// What FFmpeg's NVENC encoder asks of libcuda: one GPU, contexts that nobody needs. The rest has to be there and is not
// called.
#include <cstring>

namespace {
int context = 0;
}

// NOLINTBEGIN(readability-identifier-naming): names of NVIDIA's
extern "C" {

int cuDeviceGetCount(int* count) {
  *count = 1;
  return 0;
}
int cuDeviceGet(int* device, int) {
  *device = 0;
  return 0;
}
int cuDeviceGetName(char* name, int size, int) {
  std::strncpy(name, "fake", static_cast<std::size_t>(size));
  return 0;
}
int cuDeviceComputeCapability(int* major, int* minor, int) {
  *major = 8;
  *minor = 9;
  return 0;
}
int cuCtxCreate_v2(void** created, unsigned, int) {
  *created = &context;
  return 0;
}
int cuCtxPopCurrent_v2(void** popped) {
  *popped = &context;
  return 0;
}

#define FACEGRAPH_SUCCEEDS(name) \
  int name() {                   \
    return 0;                    \
  }
FACEGRAPH_SUCCEEDS(cuInit)
FACEGRAPH_SUCCEEDS(cuDeviceGetAttribute)
FACEGRAPH_SUCCEEDS(cuCtxSetLimit)
FACEGRAPH_SUCCEEDS(cuCtxPushCurrent_v2)
FACEGRAPH_SUCCEEDS(cuCtxDestroy_v2)
FACEGRAPH_SUCCEEDS(cuMemAlloc_v2)
FACEGRAPH_SUCCEEDS(cuMemAllocPitch_v2)
FACEGRAPH_SUCCEEDS(cuMemAllocManaged)
FACEGRAPH_SUCCEEDS(cuMemsetD8Async)
FACEGRAPH_SUCCEEDS(cuMemFree_v2)
FACEGRAPH_SUCCEEDS(cuMemcpy)
FACEGRAPH_SUCCEEDS(cuMemcpyAsync)
FACEGRAPH_SUCCEEDS(cuMemcpy2D_v2)
FACEGRAPH_SUCCEEDS(cuMemcpy2DAsync_v2)
FACEGRAPH_SUCCEEDS(cuMemcpyHtoD_v2)
FACEGRAPH_SUCCEEDS(cuMemcpyHtoDAsync_v2)
FACEGRAPH_SUCCEEDS(cuMemcpyDtoH_v2)
FACEGRAPH_SUCCEEDS(cuMemcpyDtoHAsync_v2)
FACEGRAPH_SUCCEEDS(cuMemcpyDtoD_v2)
FACEGRAPH_SUCCEEDS(cuMemcpyDtoDAsync_v2)
FACEGRAPH_SUCCEEDS(cuGetErrorName)
FACEGRAPH_SUCCEEDS(cuGetErrorString)
FACEGRAPH_SUCCEEDS(cuCtxGetDevice)
FACEGRAPH_SUCCEEDS(cuDevicePrimaryCtxRetain)
FACEGRAPH_SUCCEEDS(cuDevicePrimaryCtxRelease)
FACEGRAPH_SUCCEEDS(cuDevicePrimaryCtxSetFlags)
FACEGRAPH_SUCCEEDS(cuDevicePrimaryCtxGetState)
FACEGRAPH_SUCCEEDS(cuDevicePrimaryCtxReset)
FACEGRAPH_SUCCEEDS(cuStreamCreate)
FACEGRAPH_SUCCEEDS(cuStreamQuery)
FACEGRAPH_SUCCEEDS(cuStreamSynchronize)
FACEGRAPH_SUCCEEDS(cuStreamDestroy_v2)
FACEGRAPH_SUCCEEDS(cuStreamAddCallback)
FACEGRAPH_SUCCEEDS(cuEventCreate)
FACEGRAPH_SUCCEEDS(cuEventDestroy_v2)
FACEGRAPH_SUCCEEDS(cuEventSynchronize)
FACEGRAPH_SUCCEEDS(cuEventQuery)
FACEGRAPH_SUCCEEDS(cuEventRecord)
FACEGRAPH_SUCCEEDS(cuLaunchKernel)
FACEGRAPH_SUCCEEDS(cuLinkCreate)
FACEGRAPH_SUCCEEDS(cuLinkAddData)
FACEGRAPH_SUCCEEDS(cuLinkComplete)
FACEGRAPH_SUCCEEDS(cuLinkDestroy)
FACEGRAPH_SUCCEEDS(cuModuleLoadData)
FACEGRAPH_SUCCEEDS(cuModuleUnload)
FACEGRAPH_SUCCEEDS(cuModuleGetFunction)
FACEGRAPH_SUCCEEDS(cuModuleGetGlobal)
FACEGRAPH_SUCCEEDS(cuTexObjectCreate)
FACEGRAPH_SUCCEEDS(cuTexObjectDestroy)
FACEGRAPH_SUCCEEDS(cuGLGetDevices_v2)
FACEGRAPH_SUCCEEDS(cuGraphicsGLRegisterImage)
FACEGRAPH_SUCCEEDS(cuGraphicsUnregisterResource)
FACEGRAPH_SUCCEEDS(cuGraphicsMapResources)
FACEGRAPH_SUCCEEDS(cuGraphicsUnmapResources)
FACEGRAPH_SUCCEEDS(cuGraphicsSubResourceGetMappedArray)
FACEGRAPH_SUCCEEDS(cuGraphicsResourceGetMappedPointer_v2)
FACEGRAPH_SUCCEEDS(cuArray3DCreate_v2)
FACEGRAPH_SUCCEEDS(cuArrayDestroy)

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
