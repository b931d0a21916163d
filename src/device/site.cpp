#include "device/site.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <utility>

namespace facegraph::device {

// Memory of one kind that nobody borrows at the moment, by size.
class Shelf : public std::enable_shared_from_this<Shelf> {
 public:
  // late: of what comes back a copy may still be under way, which was enqueued in the turn in which it was borrowed; it
  // is lent again when that turn is settled.
  Shelf(Gpu* gpu, Place place, bool late) : gpu_(gpu), place_(place), late_(late) {}

  // Sizes are rounded up, so that pictures of nearly one size share memory.
  Loan borrow(std::size_t bytes) {
    const std::size_t size = rounded(bytes);
    auto found = free_.extract(size);
    Buffer buffer = found ? std::move(found.mapped()) : make(size);
    ++lent_[size];
    return {std::move(buffer), shared_from_this(), turn_};
  }

  void give_back(Buffer buffer, std::uint64_t turn) {
    if (late_ && !is_settled(turn)) {
      pending_.emplace(turn, std::move(buffer));
    } else {
      lend_again(std::move(buffer));
    }
  }

  // As much again as is lent.
  void make_as_much_ready() {
    for (const auto& [size, count] : lent_) {
      for (int i = 0; i < count; ++i) {
        free_.emplace(size, make(size));
      }
    }
  }

  // Begins a new one; gives the number of the one before.
  std::uint64_t end_turn() { return turn_++; }

  // All copies are done that were enqueued up to the end of that turn; without one, up to now.
  void settle(std::uint64_t turn) {
    settled_ = std::max(settled_, turn + 1);
    lend_again(pending_.upper_bound(turn));
  }
  void settle() {
    settled_ = turn_;
    lend_again(pending_.end());
  }
  bool is_settled(std::uint64_t turn) const { return turn < settled_; }

 private:
  using Pending = std::multimap<std::uint64_t, Buffer>;  // by turn

  Buffer make(std::size_t size) const { return gpu_ == nullptr ? Buffer(size) : Buffer(*gpu_, size, place_); }

  void lend_again(Pending::iterator end) {
    for (auto at = pending_.begin(); at != end; at = pending_.erase(at)) {
      lend_again(std::move(at->second));
    }
  }
  void lend_again(Buffer buffer) {
    const std::size_t size = buffer.bytes();
    --lent_[size];
    free_.emplace(size, std::move(buffer));
  }

  // To a multiple of an eighth of the next power of two.
  static std::size_t rounded(std::size_t bytes) {
    constexpr std::size_t kSmallest = 256;
    const std::size_t step = std::max(kSmallest, std::bit_ceil(bytes) / 8);
    return std::max(kSmallest, (bytes + step - 1) / step * step);
  }

  Gpu* gpu_;
  Place place_;
  bool late_;
  std::multimap<std::size_t, Buffer> free_;
  std::map<std::size_t, int> lent_;  // and pending
  Pending pending_;
  std::uint64_t turn_ = 0;
  std::uint64_t settled_ = 0;  // turns before it are done
};

Loan::Loan(Buffer buffer, std::shared_ptr<Shelf> shelf, std::uint64_t turn)
    : buffer_(std::move(buffer)), shelf_(std::move(shelf)), turn_(turn) {}

Loan::~Loan() {
  give_back();
}

Loan& Loan::operator=(Loan&& other) noexcept {
  if (this != &other) {
    give_back();
    buffer_ = std::move(other.buffer_);
    shelf_ = std::move(other.shelf_);
    turn_ = other.turn_;
  }
  return *this;
}

void Loan::give_back() {
  if (shelf_) {
    shelf_->give_back(std::move(buffer_), turn_);
    shelf_.reset();
  }
}

namespace {

std::size_t row_bytes(core::Size size, int channels, core::Depth depth) {
  return static_cast<std::size_t>(size.width) * channels * core::bytes_of(depth);
}

// Rows of a view to memory without gaps, or back.
void copy_rows(std::byte* to, core::ConstImageView from) {
  const std::size_t bytes = from.row_bytes();
  for (int y = 0; y < from.height; ++y) {
    std::memcpy(to + y * bytes, from.row<std::byte>(y), bytes);
  }
}

}  // namespace

Site::Site() : memory_(std::make_shared<Shelf>(nullptr, Place::kHost, false)) {}

Site::Site(const Stream& stream)
    : stream_(&stream),
      memory_(std::make_shared<Shelf>(&stream.gpu(), Place::kDevice, false)),
      staging_(std::make_shared<Shelf>(&stream.gpu(), Place::kPinned, true)) {}

Loan Site::borrow(std::size_t bytes) const {
  return memory_->borrow(bytes);
}

Picture Site::picture(core::Size size, int channels, core::Depth depth) const {
  if (!on_gpu()) {
    return Picture(core::Image(size, channels, depth));
  }
  const std::size_t row = row_bytes(size, channels, depth);
  Loan memory = borrow(row * size.height);
  auto* pixels = static_cast<std::byte*>(memory.data());
  return {std::move(memory),
          core::ImageView(pixels, size.width, size.height, channels, depth, static_cast<std::ptrdiff_t>(row))};
}

Picture Site::take_in(core::Image image) const {
  return on_gpu() ? copy_in(image.view()) : Picture(std::move(image));
}

Picture Site::copy_in(core::ConstImageView image) const {
  Picture result = picture(image.size(), image.channels, image.depth);
  if (!on_gpu()) {
    core::copy(result.view(), image);
    return result;
  }
  const std::size_t bytes = image.row_bytes() * image.height;
  const Loan staged = staging_->borrow(bytes);
  copy_rows(static_cast<std::byte*>(staged.data()), image);
  stream_->gpu().upload(result.view().data, staged.data(), bytes, stream_->handle());
  return result;
}

void Site::copy(core::ImageView to, core::ConstImageView from) const {
  copy_within(to.data, static_cast<std::size_t>(to.stride), from.data, static_cast<std::size_t>(from.stride),
              from.row_bytes(), static_cast<std::size_t>(from.height));
}

core::Image Site::take_out(Picture picture) const {
  return on_gpu() ? copy_out(picture) : std::move(picture.image_);
}

core::Image Site::copy_out(const Picture& picture) const {
  if (!on_gpu()) {
    return core::Image::copy_of(picture.view());
  }
  core::Image image(picture.size(), picture.channels(), picture.depth());
  copy_bytes_out(image.view().data, picture.view().data, image.bytes());
  return image;
}

Picture Site::fetch(Picture picture) const {
  if (!on_gpu()) {
    return picture;
  }
  core::ImageView view = picture.view();
  Loan pinned = fetch_bytes(view.data, picture.bytes());
  view.data = static_cast<std::byte*>(pinned.data());
  return {std::move(pinned), view};
}

core::Image Site::landed(Picture picture) const {
  return picture.image_.empty() ? core::Image::copy_of(picture.view()) : std::move(picture.image_);
}

void Site::copy_bytes_in(void* to, const void* from, std::size_t bytes) const {
  if (!on_gpu()) {
    std::memmove(to, from, bytes);
    return;
  }
  const Loan staged = staging_->borrow(bytes);
  std::memcpy(staged.data(), from, bytes);
  stream_->gpu().upload(to, staged.data(), bytes, stream_->handle());
}

Loan Site::fetch_bytes(const void* from, std::size_t bytes) const {
  if (!on_gpu()) {
    Loan to = memory_->borrow(bytes);
    std::memcpy(to.data(), from, bytes);
    return to;
  }
  Loan to = staging_->borrow(bytes);
  stream_->gpu().download(to.data(), from, bytes, stream_->handle());
  return to;
}

void Site::copy_bytes_out(void* to, const void* from, std::size_t bytes) const {
  if (!on_gpu()) {
    std::memcpy(to, from, bytes);
    return;
  }
  {
    const Loan staged = fetch_bytes(from, bytes);
    stream_->wait();
    std::memcpy(to, staged.data(), bytes);
  }
  staging_->settle();  // this copy's memory too
}

void Site::copy_within(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch, std::size_t row_bytes,
                       std::size_t rows) const {
  if (on_gpu()) {
    stream_->gpu().copy_rows(to, to_pitch, from, from_pitch, row_bytes, rows, stream_->handle());
    return;
  }
  for (std::size_t y = 0; y < rows; ++y) {
    std::memcpy(static_cast<std::byte*>(to) + y * to_pitch, static_cast<const std::byte*>(from) + y * from_pitch,
                row_bytes);
  }
}

void Site::expect_another() const {
  if (on_gpu()) {
    staging_->make_as_much_ready();  // the GPU's memory comes back when a copy of it is enqueued
  }
}

Mark Site::mark() const {
  return on_gpu() ? Mark(*stream_, staging_->end_turn()) : Mark();
}

void Site::wait(const Mark& mark) const {
  if (mark.event_ && !staging_->is_settled(mark.turn_)) {
    mark.event_->wait();
    staging_->settle(mark.turn_);
  }
}

void Site::wait() const {
  if (on_gpu()) {
    stream_->wait();
    staging_->settle();
  }
}

}  // namespace facegraph::device
