// Lets a test or a tool see a run's intermediate results (crops, masks, candidates) without the product knowing what
// they are compared with. Off by default: a probe point then costs one read of a thread-local pointer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/types/face.hpp"
#include "core/types/image.hpp"

namespace facegraph::core {

class Probe {
 public:
  virtual ~Probe() = default;

  // name is the key of the reference's intermediates without its number, e.g. "warp_matrix".
  virtual void numbers(std::string_view name, std::span<const double> values) = 0;
  virtual void image(std::string_view name, ConstImageView view) = 0;
  virtual void text(std::string_view name, std::string_view value) = 0;
};

// The probe of the calling thread; nullptr when nobody looks.
Probe* probe();

// Installs a probe for this thread for the scope's life; threads that the product starts inherit it by
// ProbeScope(parent).
class ProbeScope {
 public:
  explicit ProbeScope(Probe* probe);
  ~ProbeScope();
  ProbeScope(const ProbeScope&) = delete;
  ProbeScope& operator=(const ProbeScope&) = delete;

 private:
  Probe* previous_;
};

}  // namespace facegraph::core
