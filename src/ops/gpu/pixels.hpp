// How kernels reach pixels: core::ImageView's own functions are the host's.
#pragma once

#include <cstdint>

#include "core/base/host_device.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

// The caller knows the depth and stays inside.
template <typename T>
FACEGRAPH_HD T* pixel_at(const core::ImageView& view, int x, int y) {
  return reinterpret_cast<T*>(view.data + y * view.stride) + static_cast<std::ptrdiff_t>(x) * view.channels;
}
template <typename T>
FACEGRAPH_HD const T* pixel_at(const core::ConstImageView& view, int x, int y) {
  return reinterpret_cast<const T*>(view.data + y * view.stride) + static_cast<std::ptrdiff_t>(x) * view.channels;
}

FACEGRAPH_HD inline int clamp_index(int index, int count) {
  return index < 0 ? 0 : (index < count ? index : count - 1);
}

}  // namespace facegraph::ops
