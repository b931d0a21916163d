#include "core/base/probe.hpp"

namespace facegraph::core {

namespace {
thread_local Probe* current = nullptr;
}

Probe* probe() {
  return current;
}

ProbeScope::ProbeScope(Probe* probe) : previous_(current) {
  current = probe;
}

ProbeScope::~ProbeScope() {
  current = previous_;
}

}  // namespace facegraph::core
