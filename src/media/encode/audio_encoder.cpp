#include "media/encode/audio_encoder.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"

namespace facegraph::media {
namespace {

constexpr int kThousand = 1000;
constexpr int kOpenFrame = 1024;  // samples, for encoders that take any number

const AVCodec& find_encoder(const std::string& name) {
  const AVCodec* codec = avcodec_find_encoder_by_name(name.c_str());
  if (codec == nullptr) {
    core::fail(core::ErrorCode::kFailed, "audio encoder {} is not in the linked FFmpeg", name);
  }
  return *codec;
}

AudioReader make_reader(const AudioSettings& settings, const std::string& encoder, const std::string& format) {
  // MXF carries 48 kHz sound only.
  const std::string rates = format == "mxf" ? "48000" : "";
  return {settings.path,
          {settings.start, settings.end},
          fmt::format("volume={},{}", settings.volume / 100.0, accepted_formats(find_encoder(encoder), rates))};
}

Encoder make_encoder(const AudioReader& reader, const std::string& name, int quality, bool global_header) {
  CodecPtr context(avcodec_alloc_context3(&find_encoder(name)));
  if (!context) {
    core::fail(core::ErrorCode::kOutOfMemory, "encoder {}: no memory", name);
  }
  reader.describe(*context);
  context->flags |= global_header ? AV_CODEC_FLAG_GLOBAL_HEADER : 0;
  const AudioQuality setting = audio_encoder_quality(name, quality);
  if (setting.quality_scale) {
    context->flags |= AV_CODEC_FLAG_QSCALE;
    context->global_quality = static_cast<int>(std::lrint(FF_QP2LAMBDA * *setting.quality_scale));
  }
  if (setting.bit_rate_k) {
    context->bit_rate = static_cast<std::int64_t>(*setting.bit_rate_k) * kThousand;
  }
  Dictionary options;
  return {std::move(context), options, nullptr};
}

std::vector<std::string> candidates(const AudioSettings& settings, const std::string& format) {
  if (!settings.encoder.empty()) {
    return {substitute_audio_encoder(format, settings.encoder)};
  }
  const std::vector<std::string> listed = available_audio_encoders();
  std::vector<std::string> names;
  for (const std::string& name : listed) {
    names.push_back(substitute_audio_encoder(format, name));
  }
  // Where the substitute is refused (AAC in MPEG-PS), whatever else the container takes.
  names.insert(names.end(), listed.begin(), listed.end());
  return names;
}

}  // namespace

AudioTrack::AudioTrack(const AudioSettings& settings, const std::string& encoder, const std::string& format,
                       bool global_header)
    : reader_(make_reader(settings, encoder, format)),
      encoder_(make_encoder(reader_, encoder, settings.quality, global_header)) {
  const bool any_size = (encoder_.context().codec->capabilities & AV_CODEC_CAP_VARIABLE_FRAME_SIZE) != 0;
  reader_.set_frame_size(any_size ? kOpenFrame : encoder_.context().frame_size);
}

const AVFrame* AudioTrack::peek() {
  if (!waiting_) {
    waiting_ = reader_.next();
  }
  return waiting_.get();
}

void AudioTrack::encode(AVFrame& frame) {
  frame.pts = samples_;
  samples_ += frame.nb_samples;
  encoder_.encode(&frame);
}

void AudioTrack::advance(double time) {
  const auto limit = static_cast<std::int64_t>(time * encoder_.context().sample_rate);
  while (const AVFrame* frame = peek()) {
    if (samples_ + frame->nb_samples > limit) {
      return;
    }
    encode(*waiting_);
    waiting_.reset();
  }
}

void AudioTrack::finish(double time) {
  advance(time);
  const std::int64_t left = std::llround(time * encoder_.context().sample_rate) - samples_;
  if (peek() != nullptr && left > 0) {
    waiting_->nb_samples = static_cast<int>(std::min<std::int64_t>(left, waiting_->nb_samples));
    encode(*waiting_);
  }
  encoder_.encode(nullptr);
}

std::unique_ptr<AudioTrack> make_audio_track(const AudioSettings& settings, const std::string& format,
                                             const Muxer& muxer) {
  std::string reason;
  std::set<std::string> tried;
  for (const std::string& name : candidates(settings, format)) {
    if (!tried.insert(name).second) {
      continue;
    }
    try {
      auto track = std::make_unique<AudioTrack>(settings, name, format, muxer.wants_global_header());
      if (muxer.accepts(track->context())) {
        return track;
      }
      reason = fmt::format("FFmpeg does not put {} sound into {}", name, format);
    } catch (const core::Error& error) {
      if (error.code() == core::ErrorCode::kOutOfMemory) {
        throw;
      }
      reason = error.what();
    }
  }
  core::log_warn("media", "the video is written without sound: {}", reason);
  return nullptr;
}

}  // namespace facegraph::media
