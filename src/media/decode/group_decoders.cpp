#include "media/decode/group_decoders.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>

#include "device/gpu/capture_gate.hpp"

namespace facegraph::media {

int GroupDecoders::ahead_on(device::Gpu& gpu, core::Size size) {
  constexpr std::size_t kMost = 250;
  constexpr std::size_t kLeast = 16;
  constexpr std::size_t kShareOfMemory = 32;
  const std::size_t picture = std::size_t{3} * size.width * size.height;
  const std::size_t fitting = gpu.memory().free / kShareOfMemory / std::max<std::size_t>(picture, 1);
  return fitting < kLeast ? 0 : static_cast<int>(std::min(fitting, kMost));
}

GroupDecoders::GroupDecoders(device::Gpu& gpu, GpuDecoding& decoding, PacketGroups& packets, int ahead)
    : gpu_(gpu), decoding_(decoding), packets_(packets), ahead_(ahead), probe_(core::probe()) {}

void GroupDecoders::add(CodecPtr decoder) {
  PacketDecoder& added = decoders_.emplace_back(std::move(decoder), packets_.name());
  threads_.emplace_back([this, &added] { work(added); });
}

GroupDecoders::~GroupDecoders() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
  const device::AllocationScope scope;  // they give memory back, and others may capture
  decoders_.clear();
}

std::optional<GroupFrame> GroupDecoders::next() {
  std::unique_lock lock(mutex_);
  while (true) {
    Output& output = outputs_[reading_];
    changed_.wait(lock,
                  [&] { return !output.frames.empty() || output.complete || error_ || (end_ && reading_ >= *end_); });
    if (!output.frames.empty()) {
      GroupFrame frame = std::move(output.frames.front());
      output.frames.pop_front();
      --waiting_;
      changed_.notify_all();
      return frame;
    }
    if (error_) {
      std::rethrow_exception(error_);
    }
    if (!output.complete) {
      return std::nullopt;
    }
    outputs_.erase(reading_);
    ++reading_;
    changed_.notify_all();
  }
}

std::int64_t GroupDecoders::bad_packets() const {
  std::int64_t sum = 0;
  for (const PacketDecoder& decoder : decoders_) {
    sum += decoder.bad_packets();
  }
  return sum;
}

void GroupDecoders::work(PacketDecoder& decoder) {
  pthread_setname_np(pthread_self(), "fg-decode");  // as tools show it
  const core::ProbeScope scope(probe_);
  try {
    gpu_.bind_thread();
    while (const std::shared_ptr<PacketGroup> group = take_group()) {
      decode(decoder, *group);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!error_) {
      error_ = std::current_exception();
    }
    stopped_ = true;
    changed_.notify_all();
  }
}

std::shared_ptr<PacketGroup> GroupDecoders::take_group() {
  if (stopped_) {
    return nullptr;
  }
  std::shared_ptr<PacketGroup> group = packets_.next();
  if (!group) {
    const std::lock_guard lock(mutex_);
    end_ = packets_.count();
    changed_.notify_all();
  }
  return group;
}

void GroupDecoders::decode(PacketDecoder& decoder, PacketGroup& group) {
  const auto next = [&] {
    const device::AllocationScope scope;  // FFmpeg and NVDEC allocate as they like
    return decoder.next([&](AVPacket& packet) { return !stopped_ && packets_.read(group, packet); });
  };
  {
    const device::AllocationScope scope;
    decoder.restart();
    decoder.give_incomplete(true);  // a damaged beginning takes no other frames along
  }
  while (const AVFrame* frame = next()) {
    if (!wait_for_room(group.number)) {
      return;
    }
    GroupFrame converted = convert(*frame);
    const std::lock_guard lock(mutex_);
    outputs_[group.number].frames.push_back(std::move(converted));
    changed_.notify_all();
  }
  const std::lock_guard lock(mutex_);
  outputs_[group.number].complete = true;
  changed_.notify_all();
}

// Takes the place of a frame of this group. False: nobody will read it.
bool GroupDecoders::wait_for_room(std::int64_t group) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [&] { return stopped_ || waiting_ < ahead_ || (group == reading_ && outputs_[group].frames.empty()); });
  ++waiting_;
  return !stopped_;
}

GroupFrame GroupDecoders::convert(const AVFrame& frame) {
  GroupFrame out{.timestamp = frame.pts};
  const bool on_gpu = decoding_.holds(frame);
  if (on_gpu) {
    out.on_gpu = decoding_.convert(frame);
  }
  if (out.on_gpu.empty()) {
    out.on_host = on_gpu ? decoding_.to_host(frame) : FramePtr(av_frame_clone(&frame));
    check(out.on_host ? 0 : AVERROR(ENOMEM), "media: a frame");
  }
  return out;
}

}  // namespace facegraph::media
