// Where transferred bytes go: into a small text, or into a file's part.
#pragma once

#include <string>
#include <string_view>

#include "core/base/progress.hpp"
#include "models/download/part_file.hpp"
#include "models/download/transfer.hpp"

namespace facegraph::models {

// One file's share in the progress, whichever way it goes: gone on with, begun again, fetched from another source.
class FileCount {
 public:
  // announced: the part of the progress's total that already is this file's.
  FileCount(core::Progress& progress, long long announced) : progress_(progress), expected_(announced) {}

  void expect(long long size) {
    progress_.expect(size - expected_);
    expected_ = size;
  }
  void reach(long long size) {
    progress_.advance(size - reached_);
    reached_ = size;
  }

 private:
  core::Progress& progress_;
  long long expected_;
  long long reached_ = 0;
};

class TextReceiver : public Receiver {
 public:
  explicit TextReceiver(std::size_t limit) : limit_(limit) {}

  void expect(long long) override {}
  bool take(std::string_view bytes) override {
    text_ += bytes.substr(0, limit_ - text_.size());
    return text_.size() < limit_;
  }
  void clear() { text_.clear(); }
  // Without white space around it.
  std::string text() const;

 private:
  std::size_t limit_;
  std::string text_;
};

class PartReceiver : public Receiver {
 public:
  PartReceiver(PartFile& part, FileCount& count) : part_(part), count_(count) {}

  void expect(long long bytes) override { count_.expect(part_.size() + bytes); }
  bool take(std::string_view bytes) override {
    const bool taken = part_.append(bytes);
    count_.reach(part_.size());
    return taken;
  }

 private:
  PartFile& part_;
  FileCount& count_;
};

}  // namespace facegraph::models
