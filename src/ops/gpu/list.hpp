// Lists in a GPU's memory.
#pragma once

#include "core/base/host_device.hpp"

namespace facegraph::ops {

// How many entries a list has: often only the GPU knows.
struct ListLength {
  int capacity = 0;
  const int* length = nullptr;  // null: as many as the capacity; more than the capacity count as the capacity

  FACEGRAPH_HD int value() const {
    if (length == nullptr) {
      return capacity;
    }
    return *length < 0 ? 0 : (*length < capacity ? *length : capacity);
  }
};

}  // namespace facegraph::ops
