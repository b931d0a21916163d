// Where a lane's work is done: on the host, at once, or on a GPU, in the order of one stream. A site lends the memory
// that the work needs; what comes back is lent again, so that in steady state nothing is allocated.
//
// Ownership: pictures and values belong to who holds them and go back to their site when they are destroyed, which the
// GPU may do before it has used them: what is lent next is used later in the same stream. A Site, what it lends and its
// stream belong to one thread, the lane's; what it lent may outlive it, but not the Gpu.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/types/image.hpp"
#include "device/buffer.hpp"
#include "device/gpu/stream.hpp"

namespace facegraph::device {

class Shelf;

// Borrowed memory. Empty where nothing was borrowed.
class Loan {
 public:
  Loan() = default;
  Loan(Buffer buffer, std::shared_ptr<Shelf> shelf, std::uint64_t turn);
  ~Loan();
  Loan(Loan&& other) noexcept = default;
  Loan& operator=(Loan&& other) noexcept;

  void* data() const { return buffer_.data(); }

 private:
  void give_back();
  Buffer buffer_;
  std::shared_ptr<Shelf> shelf_;
  std::uint64_t turn_ = 0;  // in which it was borrowed
};

// A picture on a site: of a host's its pixels are an Image's, of a GPU's they lie in its memory, row after row. One
// that was moved from may only be assigned to or destroyed.
class Picture {
 public:
  Picture() = default;
  Picture(core::Image image)  // NOLINT(google-explicit-constructor): a host's picture is an image
      : image_(std::move(image)), view_(image_.view()) {}
  Picture(Loan memory, const core::ImageView& view) : memory_(std::move(memory)), view_(view) {}

  core::ImageView view() { return view_; }
  core::ConstImageView view() const { return view_; }
  operator core::ImageView() { return view_; }             // NOLINT(google-explicit-constructor): as Image does
  operator core::ConstImageView() const { return view_; }  // NOLINT(google-explicit-constructor)

  core::Size size() const { return view_.size(); }
  int width() const { return view_.width; }
  int height() const { return view_.height; }
  int channels() const { return view_.channels; }
  core::Depth depth() const { return view_.depth; }
  bool empty() const { return view_.empty(); }
  std::size_t bytes() const { return view_.row_bytes() * static_cast<std::size_t>(view_.height); }  // of pixels

  // On the host only.
  core::Image take_image() && { return std::move(image_); }
  template <typename T>
  T* row(int y) {
    return view_.row<T>(y);
  }
  template <typename T>
  const T* row(int y) const {
    return core::ConstImageView(view_).row<T>(y);
  }

 private:
  friend class Site;
  core::Image image_;  // on the host
  Loan memory_;        // on a GPU
  core::ImageView view_;
};

// Values of a plain type on a site.
template <typename T>
class Values {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Values() = default;
  Values(Loan memory, std::size_t count) : memory_(std::move(memory)), count_(count) {}

  T* data() { return static_cast<T*>(memory_.data()); }
  const T* data() const { return static_cast<const T*>(memory_.data()); }
  std::size_t size() const { return count_; }

 private:
  Loan memory_;
  std::size_t count_ = 0;
};

// A point in the order of a site's work. None: of the host's, where all is done at once.
class Mark {
 public:
  Mark() = default;

 private:
  friend class Site;
  Mark(const Stream& stream, std::uint64_t turn) : event_(std::in_place, stream.gpu()), turn_(turn) {
    event_->record(stream);
  }
  std::optional<Event> event_;
  std::uint64_t turn_ = 0;
};

// Throws as Gpu does.
class Site {
 public:
  Site();  // the host
  explicit Site(const Stream& stream);

  bool on_gpu() const { return stream_ != nullptr; }
  const Stream& stream() const { return *stream_; }  // of a GPU's only

  // Pixels and values are not initialised.
  Picture picture(core::Size size, int channels, core::Depth depth = core::Depth::kU8) const;
  template <typename T>
  Values<T> values(std::size_t count) const {
    return {borrow(count * sizeof(T)), count};
  }

  // To the site: on the host the picture itself. The host does not wait.
  Picture take_in(core::Image image) const;
  Picture copy_in(core::ConstImageView image) const;
  template <typename T>
  Values<T> copy_in(std::span<const T> from) const {
    Values<T> to = values<T>(from.size());
    copy_bytes_in(to.data(), from.data(), from.size_bytes());
    return to;
  }

  // Values that lie on the host into memory of the site, which may be the same.
  template <typename T>
  void fill(std::span<T> to, std::span<const T> from) const {
    copy_bytes_in(to.data(), from.data(), from.size_bytes());
  }

  // Pixels from one picture on the site to another of its size, channels and depth.
  void copy(core::ImageView to, core::ConstImageView from) const;
  template <typename T>
  void copy(std::span<T> to, std::span<const T> from) const {
    const std::size_t bytes = from.size_bytes();
    copy_within(to.data(), bytes, from.data(), bytes, bytes, 1);
  }

  // From the site, done when they return: on a GPU the host waits, and all that was fetched is there.
  core::Image take_out(Picture picture) const;
  core::Image copy_out(const Picture& picture) const;
  template <typename T>
  std::vector<T> copy_out(const Values<T>& from) const {
    std::vector<T> to(from.size());
    copy_bytes_out(to.data(), from.data(), to.size() * sizeof(T));
    return to;
  }

  // Values of the site on their way to the host, where they lie when the site was waited for next; on the host at once.
  template <typename T>
  Values<T> fetch(std::span<const T> from) const {
    return {fetch_bytes(from.data(), from.size_bytes()), from.size()};
  }

  // The same with a picture; what is fetched is for landed() only.
  Picture fetch(Picture picture) const;
  // What was fetched, when the site was waited for.
  core::Image landed(Picture picture) const;

  // Until all that was enqueued is done; nothing on the host.
  void wait() const;
  // The same up to a point, so that the GPU goes on with what came behind it; at once where that was waited for before.
  Mark mark() const;
  void wait(const Mark& mark) const;

  // The same work is about to begin before what was fetched for this one is given back: on a GPU as much pinned memory
  // again is made ready at once, not whenever that happens first.
  void expect_another() const;

 private:
  Loan borrow(std::size_t bytes) const;
  void copy_bytes_in(void* to, const void* from, std::size_t bytes) const;
  Loan fetch_bytes(const void* from, std::size_t bytes) const;
  void copy_bytes_out(void* to, const void* from, std::size_t bytes) const;
  void copy_within(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch, std::size_t row_bytes,
                   std::size_t rows) const;

  const Stream* stream_ = nullptr;
  std::shared_ptr<Shelf> memory_;
  std::shared_ptr<Shelf> staging_;  // pinned; null on the host
};

}  // namespace facegraph::device
