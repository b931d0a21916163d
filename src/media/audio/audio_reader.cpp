#include "media/audio/audio_reader.hpp"

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
}

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "core/base/error.hpp"

namespace facegraph::media {
namespace {

constexpr std::size_t kLayoutText = 64;
constexpr double kSeekMargin = 1.0;  // seconds: encoders with memory (bit reservoir, priming) settle before `start`

std::string layout_text(const AVChannelLayout& layout) {
  std::array<char, kLayoutText> text{};
  av_channel_layout_describe(&layout, text.data(), text.size());
  return text.data();
}

std::string join(std::string list, const std::string& item) {
  return list.empty() ? item : std::move(list) + "|" + item;
}

AVChannelLayout layout_of(const AVCodecContext& decoder) {
  AVChannelLayout layout = decoder.ch_layout;
  if (layout.order == AV_CHANNEL_ORDER_UNSPEC) {
    av_channel_layout_default(&layout, decoder.ch_layout.nb_channels);
  }
  return layout;
}

}  // namespace

std::string accepted_formats(const AVCodec& encoder, const std::string& sample_rates) {
  std::string formats;
  for (const AVSampleFormat* format = encoder.sample_fmts; format != nullptr && *format != AV_SAMPLE_FMT_NONE;
       ++format) {
    formats = join(formats, av_get_sample_fmt_name(*format));
  }
  std::string rates = sample_rates;
  for (const int* rate = encoder.supported_samplerates; sample_rates.empty() && rate != nullptr && *rate != 0; ++rate) {
    rates = join(rates, std::to_string(*rate));
  }
  std::string layouts;
  for (const AVChannelLayout* layout = encoder.ch_layouts; layout != nullptr && layout->nb_channels != 0; ++layout) {
    layouts = join(layouts, layout_text(*layout));
  }
  std::string filter = "aformat";
  char separator = '=';
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) {
      filter += fmt::format("{}{}={}", separator, key, value);
      separator = ':';
    }
  };
  add("sample_fmts", formats);
  add("sample_rates", rates);
  add("channel_layouts", layouts);
  return filter;
}

AudioReader::AudioReader(const std::filesystem::path& path, const AudioRange& range, const std::string& filters)
    : name_(path.string()), input_(open_input(path)) {
  if (input_.audio == nullptr) {
    core::fail(core::ErrorCode::kFailed, "{}: has no sound", name_);
  }
  decoder_ = open_decoder(*input_.audio, 1, name_);
  const int rate = decoder_->sample_rate;
  if (rate <= 0 || decoder_->ch_layout.nb_channels <= 0) {
    core::fail(core::ErrorCode::kFailed, "{}: the sound cannot be decoded", name_);
  }
  const double zero = start_of(input_.video != nullptr ? *input_.video : *input_.audio);
  const double file_start = zero + range.start;
  origin_ = std::llround(file_start * rate);
  if (range.end) {
    length_ = std::max(*range.end - range.start, 0.0);
  }
  read_only(*input_.format, *input_.audio);
  const double seek_to = file_start - kSeekMargin;
  if (seek_to > start_of(*input_.audio)) {
    const auto timestamp = static_cast<std::int64_t>(seek_to / av_q2d(input_.audio->time_base));
    // Without an index the file is read from its start.
    av_seek_frame(input_.format.get(), input_.audio->index, timestamp, AVSEEK_FLAG_BACKWARD);
  }
  const std::string cut = length_ ? fmt::format("atrim=start=0:end={:.6f}", *length_) : "atrim=start=0";
  const AVChannelLayout layout = layout_of(*decoder_);
  graph_ = std::make_unique<FilterGraph>(
      fmt::format("abuffer@in=time_base=1/{0}:sample_rate={0}:sample_fmt={1}:channel_layout={2},{3},"
                  "aresample=async=1:first_pts=0,{4},abuffersink@out",
                  rate, av_get_sample_fmt_name(decoder_->sample_fmt), layout_text(layout), cut, filters),
      true);
}

void AudioReader::describe(AVCodecContext& encoder) const {
  const AVFilterContext* sink = graph_->sink();
  encoder.sample_rate = av_buffersink_get_sample_rate(sink);
  encoder.sample_fmt = static_cast<AVSampleFormat>(av_buffersink_get_format(sink));
  check(av_buffersink_get_ch_layout(sink, &encoder.ch_layout), name_);
  encoder.time_base = {1, encoder.sample_rate};
}

void AudioReader::set_frame_size(int samples) {
  if (samples > 0) {
    av_buffersink_set_frame_size(graph_->sink(), static_cast<unsigned>(samples));
  }
}

FramePtr AudioReader::next() {
  while (true) {
    if (FramePtr frame = graph_->pull()) {
      return frame;
    }
    if (ended_) {
      return nullptr;
    }
    if (!feed()) {
      ended_ = true;
      graph_->push(nullptr);
    }
  }
}

bool AudioReader::feed() {
  while (true) {
    const int received = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (received >= 0) {
      push(*frame_);
      return true;
    }
    if (received == AVERROR_EOF) {
      return false;
    }
    const int read = read_packet(*input_.format, *packet_, name_);
    if (read < 0) {
      avcodec_send_packet(decoder_.get(), nullptr);
      continue;
    }
    if (packet_->stream_index == input_.audio->index) {
      // Damaged packets are passed over; aresample fills their time with silence.
      avcodec_send_packet(decoder_.get(), packet_.get());
    }
    av_packet_unref(packet_.get());
  }
}

void AudioReader::push(AVFrame& frame) {
  const AVRational samples{1, decoder_->sample_rate};
  const std::int64_t time = frame.best_effort_timestamp == kNoTime
                                ? next_time_
                                : av_rescale_q(frame.best_effort_timestamp, input_.audio->time_base, samples);
  next_time_ = time + frame.nb_samples;
  frame.pts = time - origin_;
  if (length_ && static_cast<double>(frame.pts) > *length_ * decoder_->sample_rate) {
    ended_ = true;
    graph_->push(nullptr);
    return;
  }
  if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
    av_channel_layout_default(&frame.ch_layout, frame.ch_layout.nb_channels);
  }
  graph_->push(&frame);
}

}  // namespace facegraph::media
