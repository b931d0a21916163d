// Pictures in a GPU's memory that go from the stream that fills them to the stream that reads them, on another thread:
// decoded frames on their way to a lane. Neither thread waits for the GPU.
//
// Ownership: a picture's memory goes back to its pool when the last SharedPicture of it is destroyed, which the GPU may
// do before it has read it: who fills it next does so behind that. Pictures may outlive their pool, but not the Gpu.
// The pool and its stream belong to one thread, a picture to one thread at a time.
#pragma once

#include <functional>
#include <memory>

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "device/site.hpp"

namespace facegraph::device {

class SharedPicture {
 public:
  struct Memory;

  SharedPicture() = default;
  explicit SharedPicture(std::shared_ptr<Memory> memory) : memory_(std::move(memory)) {}

  bool empty() const { return memory_ == nullptr; }
  core::Size size() const;  // none where it is empty
  // The site's own, on the picture's GPU or another; not the host's.
  Picture copy_to(const Site& site) const;
  // On any thread; waits until the pixels are there.
  core::Image to_host() const;

 private:
  std::shared_ptr<Memory> memory_;
};

class PicturePool {
 public:
  struct Shared;

  // So many pictures of u8 are made now, more when all are out. Throws as Gpu does.
  PicturePool(const Stream& stream, core::Size size, int channels, int count);

  // So many more, now.
  void reserve(int count);
  // fill(view) enqueues, on the stream, what writes all pixels.
  SharedPicture filled(const std::function<void(core::ImageView)>& fill);

 private:
  const Stream& stream_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace facegraph::device
