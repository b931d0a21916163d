// The packets of a video stream, as groups that decoders can take at once. One group has them all until split() is
// called; then it ends before the next closed group (closed_groups.hpp).
//
// Any thread may call; who needs a packet that was not read yet reads the file up to it, so what waits in memory is one
// group at most. Throws Error(kFailed) when the system cannot read the file.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "media/decode/closed_groups.hpp"
#include "media/ffmpeg.hpp"
#include "media/probe/input.hpp"

namespace facegraph::media {

struct PacketGroup {
  std::int64_t number = 0;
  std::deque<PacketPtr> waiting = {};
  bool whole = false;  // what waits is its rest
};

class PacketGroups {
 public:
  // Throws Error(kFailed): no video stream.
  PacketGroups(Input input, std::string name);

  // Its next packet; false at its end.
  bool read(PacketGroup& group, AVPacket& packet);
  const std::shared_ptr<PacketGroup>& first() const { return first_; }
  // The group behind the newest one; none: that one goes on to the end of the file.
  std::shared_ptr<PacketGroup> next();
  bool more();           // whether there is a group behind the newest one: reads up to it, or until it is too large
  std::int64_t count();  // groups so far
  void split();

  // Starts anew from the keyframe at or before this time stamp, with one group; not once split() was called. False:
  // the file cannot seek there.
  bool seek(std::int64_t timestamp);

  const AVStream& stream() const { return *input_.video; }
  Input& input() { return input_; }
  const std::string& name() const { return name_; }
  int read_error() const { return read_error_; }  // FFmpeg's, where the file broke off; when all was read

 private:
  void find_next();
  void read_one();

  std::mutex mutex_;  // guards what follows, and the groups
  Input input_;
  const std::string name_;
  std::shared_ptr<PacketGroup> first_ = std::make_shared<PacketGroup>();
  std::shared_ptr<PacketGroup> newest_ = first_;
  PacketPtr begins_next_;  // read as the first one behind the newest group
  ClosedGroups closed_;
  bool splits_ = false;
  int read_error_ = 0;
};

}  // namespace facegraph::media
