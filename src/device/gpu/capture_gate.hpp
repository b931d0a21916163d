// Orders graph captures against what CUDA forbids beside one. A capture in the global mode breaks when another thread
// allocates, loads a model or polls an event meanwhile; threads bound by Gpu::bind_thread() are exempt, but libraries'
// own threads are not. So a capture holds the gate alone, and whoever starts such work holds it together with others.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace facegraph::device {

// One for the process: CUDA's rule is the process's too.
std::shared_mutex& capture_gate();

// Held while a graph is captured.
class CaptureScope {
 public:
  CaptureScope() : lock_(capture_gate()) {}

 private:
  std::unique_lock<std::shared_mutex> lock_;
};

// Held while device memory is taken or given back, models are loaded or destroyed, libraries open devices.
class AllocationScope {
 public:
  AllocationScope() : lock_(capture_gate()) {}

 private:
  std::shared_lock<std::shared_mutex> lock_;
};

}  // namespace facegraph::device
