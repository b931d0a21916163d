#include "media/decode/packet_groups.hpp"

#include <utility>

#include "core/base/error.hpp"

namespace facegraph::media {
namespace {

Input checked(Input input, const std::string& name) {
  if (input.video == nullptr) {
    core::fail(core::ErrorCode::kFailed, "{}: has no video stream", name);
  }
  read_only(*input.format, *input.video);
  return input;
}

}  // namespace

PacketGroups::PacketGroups(Input input, std::string name)
    : input_(checked(std::move(input), name)), name_(std::move(name)), closed_(input_) {}

bool PacketGroups::read(PacketGroup& group, AVPacket& packet) {
  const std::lock_guard lock(mutex_);
  while (group.waiting.empty() && !group.whole) {
    read_one();
  }
  if (group.waiting.empty()) {
    return false;
  }
  av_packet_move_ref(&packet, group.waiting.front().get());
  group.waiting.pop_front();
  return true;
}

std::shared_ptr<PacketGroup> PacketGroups::next() {
  const std::lock_guard lock(mutex_);
  find_next();
  if (!begins_next_) {
    return nullptr;
  }
  newest_ = std::make_shared<PacketGroup>(PacketGroup{.number = newest_->number + 1});
  newest_->waiting.push_back(std::move(begins_next_));
  return newest_;
}

bool PacketGroups::more() {
  const std::lock_guard lock(mutex_);
  find_next();
  return begins_next_ != nullptr;
}

std::int64_t PacketGroups::count() {
  const std::lock_guard lock(mutex_);
  return newest_->number + 1;
}

void PacketGroups::split() {
  const std::lock_guard lock(mutex_);
  splits_ = true;
}

bool PacketGroups::seek(std::int64_t timestamp) {
  const std::lock_guard lock(mutex_);
  if (av_seek_frame(input_.format.get(), input_.video->index, timestamp, AVSEEK_FLAG_BACKWARD) < 0) {
    return false;
  }
  *first_ = {};
  closed_ = ClosedGroups(input_);
  read_error_ = 0;
  return true;
}

void PacketGroups::find_next() {
  while (!newest_->whole && !closed_.over()) {
    read_one();
  }
}

// Gives the newest group a packet more, or ends it.
void PacketGroups::read_one() {
  PacketPtr packet = make_packet();
  const int read = read_packet(*input_.format, *packet, name_);
  if (read < 0) {
    read_error_ = read == AVERROR_EOF ? 0 : read;
    newest_->whole = true;
    return;
  }
  if (packet->stream_index != input_.video->index) {
    return;
  }
  if (closed_.begin_with(*packet) && splits_) {
    begins_next_ = std::move(packet);
    newest_->whole = true;
  } else {
    newest_->waiting.push_back(std::move(packet));
  }
}

}  // namespace facegraph::media
