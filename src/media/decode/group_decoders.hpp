// Several decoders of a GPU for one stream: each takes the next group of packets that can be decoded with nothing from
// before, so that they decode at once; frames come in order, the same as from one decoder. Where a group's first
// picture is damaged, one decoder conceals it with what came before, and may drop pictures behind it: these do neither.
//
// Frames of NVDEC hold one of its few surfaces, so each becomes a picture (GpuDecoding::convert) at once. At most
// `ahead` of them wait; only the group that is read from may always go on, so nobody waits for ever.
//
// Ownership: the decoders are its own; what the constructor takes by reference outlives it. One thread calls next() and
// the destructor, which ends the decoders in the middle of their groups.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/base/probe.hpp"
#include "device/gpu/gpu.hpp"
#include "device/shared_picture.hpp"
#include "media/decode/gpu_decoding.hpp"
#include "media/decode/packet_decoder.hpp"
#include "media/decode/packet_groups.hpp"

namespace facegraph::media {

// What a decoder gave: a picture on the GPU, or, where it is unlike the stream, the frame on the host.
struct GroupFrame {
  std::int64_t timestamp = kNoTime;  // of its packet
  device::SharedPicture on_gpu = {};
  FramePtr on_host = {};
};

class GroupDecoders {
 public:
  static constexpr int kDecoders = 2;

  // How many pictures of this size may wait on the GPU as full as it is now; 0: too few for several decoders.
  static int ahead_on(device::Gpu& gpu, core::Size size);

  // They begin with the group behind packets.first(), when there is one of them.
  GroupDecoders(device::Gpu& gpu, GpuDecoding& decoding, PacketGroups& packets, int ahead);
  ~GroupDecoders();
  GroupDecoders(const GroupDecoders&) = delete;
  GroupDecoders& operator=(const GroupDecoders&) = delete;

  // One more, of the stream, fresh or drained.
  void add(CodecPtr decoder);
  // When there is one decoder or more: the next frame of the groups behind packets.first(); none at the end. Throws the
  // first error of a decoder.
  std::optional<GroupFrame> next();
  std::int64_t bad_packets() const;  // once next() gave none

 private:
  struct Output {
    std::deque<GroupFrame> frames = {};
    bool complete = false;
  };

  void work(PacketDecoder& decoder);
  std::shared_ptr<PacketGroup> take_group();
  void decode(PacketDecoder& decoder, PacketGroup& group);
  bool wait_for_room(std::int64_t group);
  GroupFrame convert(const AVFrame& frame);

  device::Gpu& gpu_;
  GpuDecoding& decoding_;
  PacketGroups& packets_;
  const int ahead_;
  core::Probe* const probe_;  // of who made it
  std::deque<PacketDecoder> decoders_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::map<std::int64_t, Output> outputs_;  // by the group's number
  std::int64_t reading_ = 1;                // group that next() reads from
  std::optional<std::int64_t> end_;         // number behind the last group's
  int waiting_ = 0;                         // frames, also those on their way
  std::exception_ptr error_;
};

}  // namespace facegraph::media
