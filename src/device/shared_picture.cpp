#include "device/shared_picture.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "device/buffer.hpp"

namespace facegraph::device {

// What the pictures of a pool have in common; they keep it.
struct PicturePool::Shared {
  Shared(Gpu& gpu_, core::Size size_, int channels_)
      : gpu(gpu_), size(size_), channels(channels_), to_host(gpu), staging(gpu, bytes(), Place::kPinned) {}

  std::size_t row_bytes() const { return static_cast<std::size_t>(size.width) * channels; }
  std::size_t bytes() const { return row_bytes() * size.height; }

  Gpu& gpu;
  const core::Size size;
  const int channels;
  std::mutex mutex;  // guards `free`
  std::vector<std::unique_ptr<SharedPicture::Memory>> free;
  std::mutex host_mutex;  // guards what follows
  Stream to_host;
  Buffer staging;
};

struct SharedPicture::Memory {
  explicit Memory(PicturePool::Shared& of) : buffer(of.gpu, of.bytes(), Place::kDevice), last_use(of.gpu) {}

  Buffer buffer;
  Event last_use;                                   // whoever uses the pixels does so behind it, and records it anew
  std::vector<std::pair<Gpu*, Event>> abroad = {};  // last uses by other GPUs, which only read
  std::shared_ptr<PicturePool::Shared> pool;        // while the picture is out

  // An event belongs to one GPU.
  Event& use_by(Gpu& other) {
    const auto known = std::find_if(abroad.begin(), abroad.end(), [&](const auto& use) { return use.first == &other; });
    return known != abroad.end() ? known->second : abroad.emplace_back(&other, Event(other)).second;
  }

  core::ImageView view() const {
    return {static_cast<std::byte*>(buffer.data()),
            pool->size.width,
            pool->size.height,
            pool->channels,
            core::Depth::kU8,
            static_cast<std::ptrdiff_t>(pool->row_bytes())};
  }
};

core::Size SharedPicture::size() const {
  return memory_ ? memory_->pool->size : core::Size{};
}

Picture SharedPicture::copy_to(const Site& site) const {
  const core::ImageView from = memory_->view();
  Picture own = site.picture(from.size(), from.channels, from.depth);
  memory_->last_use.hold(site.stream());
  Gpu& here = memory_->pool->gpu;
  Gpu& there = site.stream().gpu();
  if (&there == &here) {
    site.copy(own.view(), from);
    memory_->last_use.record(site.stream());
  } else {
    there.copy_from(here, own.view().data, from.data, own.bytes(), site.stream().handle());
    memory_->use_by(there).record(site.stream());
  }
  return own;
}

core::Image SharedPicture::to_host() const {
  PicturePool::Shared& pool = *memory_->pool;
  core::Image image(pool.size, pool.channels);
  const std::lock_guard lock(pool.host_mutex);
  memory_->last_use.hold(pool.to_host);
  pool.gpu.download(pool.staging.data(), memory_->buffer.data(), pool.bytes(), pool.to_host.handle());
  memory_->last_use.record(pool.to_host);
  pool.to_host.wait();
  std::memcpy(image.view().data, pool.staging.data(), pool.bytes());
  return image;
}

PicturePool::PicturePool(const Stream& stream, core::Size size, int channels, int count)
    : stream_(stream), shared_(std::make_shared<Shared>(stream.gpu(), size, channels)) {
  reserve(count);
}

void PicturePool::reserve(int count) {
  for (int i = 0; i < count; ++i) {
    auto memory = std::make_unique<SharedPicture::Memory>(*shared_);
    const std::lock_guard lock(shared_->mutex);
    shared_->free.push_back(std::move(memory));
  }
}

SharedPicture PicturePool::filled(const std::function<void(core::ImageView)>& fill) {
  std::unique_ptr<SharedPicture::Memory> taken;
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->free.empty()) {
      taken = std::move(shared_->free.back());
      shared_->free.pop_back();
    }
  }
  if (!taken) {
    taken = std::make_unique<SharedPicture::Memory>(*shared_);
  }
  taken->pool = shared_;
  const auto give_back = [](SharedPicture::Memory* memory) {
    std::unique_ptr<SharedPicture::Memory> owned(memory);
    const std::shared_ptr<Shared> pool = std::move(owned->pool);
    const std::lock_guard lock(pool->mutex);
    pool->free.push_back(std::move(owned));
  };
  std::shared_ptr<SharedPicture::Memory> picture(taken.release(), give_back);
  picture->last_use.hold(stream_);
  for (const auto& [gpu, use] : picture->abroad) {
    use.hold(stream_);
  }
  fill(picture->view());
  picture->last_use.record(stream_);
  return SharedPicture(std::move(picture));
}

}  // namespace facegraph::device
