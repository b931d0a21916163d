#include "pipeline/workflows/video_output.hpp"

#include <utility>

#include "media/concat/concat.hpp"

namespace facegraph::pipeline {

namespace {

class WholeVideo final : public VideoOutput {
 public:
  WholeVideo(media::VideoSettings settings, SoundOf sound, MarkOf mark)
      : settings_(std::move(settings)), sound_(std::move(sound)), mark_(std::move(mark)) {}

  void write(core::ConstImageView frame, std::int64_t, double time) override {
    if (!sink_) {
      first_time_ = time;
      settings_.audio = sound_(time);
      settings_.provenance = mark_();
      sink_ = media::create_video(settings_);
    }
    sink_->write(frame, time - first_time_);
  }

  bool finish() override {
    if (sink_) {
      sink_->finish();
    }
    return sink_ != nullptr;
  }

  double encoder_seconds() const override { return sink_ ? sink_->encoder_seconds() : 0; }

 private:
  media::VideoSettings settings_;
  SoundOf sound_;
  MarkOf mark_;
  std::unique_ptr<media::FrameSink> sink_;
  double first_time_ = 0;
};

class SegmentedVideo final : public VideoOutput {
 public:
  SegmentedVideo(media::VideoSettings settings, SoundOf sound, MarkOf mark, SegmentFolder folder, std::int64_t length,
                 std::function<double()> origin)
      : settings_(std::move(settings)),
        sound_(std::move(sound)),
        mark_(std::move(mark)),
        folder_(std::move(folder)),
        length_(length),
        origin_(std::move(origin)),
        output_(settings_.path) {
    if (folder_.point()) {
      first_time_ = folder_.point()->first_time;
    }
  }

  void write(core::ConstImageView frame, std::int64_t number, double time) override {
    if (sink_ && written_ == length_) {
      end_segment({number, origin_(), *first_time_, false}, time - *first_time_);
    }
    if (!first_time_) {
      first_time_ = time;
    }
    if (!sink_) {
      settings_.path = folder_.next();
      settings_.provenance = mark_();
      sink_ = media::create_video(settings_);
      written_ = 0;
    }
    sink_->write(frame, time - *first_time_);
    ++written_;
  }

  bool finish() override {
    if (sink_) {
      end_segment({0, origin_(), *first_time_, true}, std::nullopt);
    }
    if (folder_.segments().empty()) {
      return false;
    }
    media::concat_videos(folder_.segments(), output_, sound_(*first_time_));
    return true;
  }

  double encoder_seconds() const override { return encoder_seconds_; }

 private:
  void end_segment(const SegmentFolder::Point& point, std::optional<double> end) {
    sink_->finish(end);
    encoder_seconds_ += sink_->encoder_seconds();
    sink_.reset();
    folder_.add(point);
  }

  media::VideoSettings settings_;
  SoundOf sound_;
  MarkOf mark_;
  SegmentFolder folder_;
  std::int64_t length_;
  std::function<double()> origin_;
  std::filesystem::path output_;
  std::unique_ptr<media::FrameSink> sink_;
  std::int64_t written_ = 0;  // frames in the open segment
  std::optional<double> first_time_;
  double encoder_seconds_ = 0;
};

class NoVideo final : public VideoOutput {
 public:
  void write(core::ConstImageView, std::int64_t, double) override { any_ = true; }
  bool finish() override { return any_; }
  double encoder_seconds() const override { return 0; }

 private:
  bool any_ = false;
};

}  // namespace

std::unique_ptr<VideoOutput> whole_video(const media::VideoSettings& settings, SoundOf sound, MarkOf mark) {
  return std::make_unique<WholeVideo>(settings, std::move(sound), std::move(mark));
}

std::unique_ptr<VideoOutput> no_video() {
  return std::make_unique<NoVideo>();
}

std::unique_ptr<VideoOutput> segmented_video(const media::VideoSettings& settings, SoundOf sound, MarkOf mark,
                                             SegmentFolder folder, std::int64_t length,
                                             std::function<double()> origin) {
  return std::make_unique<SegmentedVideo>(settings, std::move(sound), std::move(mark), std::move(folder), length,
                                          std::move(origin));
}

}  // namespace facegraph::pipeline
