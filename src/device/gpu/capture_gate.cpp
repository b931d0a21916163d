#include "device/gpu/capture_gate.hpp"

namespace facegraph::device {

std::shared_mutex& capture_gate() {
  static std::shared_mutex gate;
  return gate;
}

}  // namespace facegraph::device
