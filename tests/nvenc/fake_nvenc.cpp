#include "fake_nvenc.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
}

#include <cstring>
#include <string>

#include <ffnvcodec/nvEncodeAPI.h>

namespace facegraph::test {

NvencSeen& nvenc_seen() {
  static NvencSeen seen;
  return seen;
}

namespace {

constexpr std::uint32_t kPitch = 2048;  // of input buffers, wider than any frame here

struct Input {
  std::vector<std::uint8_t> pixels;
};
struct Output {
  std::vector<std::uint8_t> bytes;
  std::uint64_t time = 0;
  NV_ENC_PIC_TYPE type = NV_ENC_PIC_TYPE_P;
};
struct Session {
  AVCodecContext* encoder = nullptr;
  Session() { ++nvenc_seen().sessions; }
  ~Session() {
    --nvenc_seen().sessions;
    avcodec_free_context(&encoder);
  }
};

NVENCSTATUS open_session(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS*, void** session) {
  *session = new Session;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS close_session(void* session) {
  delete static_cast<Session*>(session);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS count_codecs(void*, std::uint32_t* count) {
  *count = 1;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS list_codecs(void*, GUID* codecs, std::uint32_t, std::uint32_t* count) {
  codecs[0] = NV_ENC_CODEC_H264_GUID;
  return count_codecs(nullptr, count);
}

NVENCSTATUS capability(void*, GUID, NV_ENC_CAPS_PARAM* asked, int* value) {
  const bool is_size = asked->capsToQuery == NV_ENC_CAPS_WIDTH_MAX || asked->capsToQuery == NV_ENC_CAPS_HEIGHT_MAX;
  *value = is_size ? static_cast<int>(kPitch) : 1;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS preset(void*, GUID, GUID, NV_ENC_TUNING_INFO, NV_ENC_PRESET_CONFIG* config) {
  config->presetCfg.gopLength = 250;
  config->presetCfg.frameIntervalP = 1;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS old_preset(void* session, GUID codec, GUID name, NV_ENC_PRESET_CONFIG* config) {
  return preset(session, codec, name, NV_ENC_TUNING_INFO_UNDEFINED, config);
}

NVENCSTATUS begin(void* session, NV_ENC_INITIALIZE_PARAMS* settings) {
  NvencSeen& seen = nvenc_seen();
  seen.target_quality = settings->encodeConfig->rcParams.targetQuality;
  seen.times.clear();
  seen.first_frame.clear();
  AVCodecContext*& encoder = static_cast<Session*>(session)->encoder;
  encoder = avcodec_alloc_context3(avcodec_find_encoder_by_name("libx264"));
  encoder->width = static_cast<int>(settings->encodeWidth);
  encoder->height = static_cast<int>(settings->encodeHeight);
  encoder->pix_fmt = AV_PIX_FMT_YUV420P;
  encoder->time_base = {static_cast<int>(settings->frameRateDen), static_cast<int>(settings->frameRateNum)};
  encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  av_opt_set(encoder->priv_data, "preset", "ultrafast", 0);
  av_opt_set(encoder->priv_data, "tune", "zerolatency", 0);  // a packet for each frame, at once
  av_opt_set(encoder->priv_data, "crf", std::to_string(seen.target_quality).c_str(), 0);
  return avcodec_open2(encoder, encoder->codec, nullptr) < 0 ? NV_ENC_ERR_GENERIC : NV_ENC_SUCCESS;
}

NVENCSTATUS headers(void* session, NV_ENC_SEQUENCE_PARAM_PAYLOAD* payload) {
  const AVCodecContext& encoder = *static_cast<Session*>(session)->encoder;
  const auto size = static_cast<std::uint32_t>(encoder.extradata_size);
  if (size > payload->inBufferSize) {
    return NV_ENC_ERR_NOT_ENOUGH_BUFFER;
  }
  std::memcpy(payload->spsppsBuffer, encoder.extradata, size);
  *payload->outSPSPPSPayloadSize = size;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS make_input(void*, NV_ENC_CREATE_INPUT_BUFFER* wanted) {
  nvenc_seen().is_planar = wanted->bufferFmt == NV_ENC_BUFFER_FORMAT_YV12;
  wanted->inputBuffer = new Input{std::vector<std::uint8_t>(std::size_t{kPitch} * wanted->height * 3 / 2)};
  return NV_ENC_SUCCESS;
}

NVENCSTATUS drop_input(void*, void* input) {
  delete static_cast<Input*>(input);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS lock_input(void*, NV_ENC_LOCK_INPUT_BUFFER* locked) {
  locked->bufferDataPtr = static_cast<Input*>(locked->inputBuffer)->pixels.data();
  locked->pitch = kPitch;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS make_output(void*, NV_ENC_CREATE_BITSTREAM_BUFFER* wanted) {
  wanted->bitstreamBuffer = new Output;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS drop_output(void*, void* output) {
  delete static_cast<Output*>(output);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS unlock(void*, void*) {
  return NV_ENC_SUCCESS;
}

// The buffer holds Y, V, U, the latter two with half the pitch.
void set_planes(AVFrame& frame, Input& input, int height) {
  frame.linesize[0] = kPitch;
  frame.linesize[1] = frame.linesize[2] = kPitch / 2;
  frame.data[0] = input.pixels.data();
  frame.data[2] = frame.data[0] + static_cast<std::ptrdiff_t>(kPitch) * height;
  frame.data[1] = frame.data[2] + static_cast<std::ptrdiff_t>(kPitch) / 2 * (height / 2);
}

void keep(const AVFrame& frame, std::vector<std::uint8_t>& to) {
  for (int plane = 0; plane < 3; ++plane) {
    const int scale = plane == 0 ? 1 : 2;
    for (int y = 0; y < frame.height / scale; ++y) {
      const std::uint8_t* row = frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane];
      to.insert(to.end(), row, row + frame.width / scale);
    }
  }
}

NVENCSTATUS encode(void* session, NV_ENC_PIC_PARAMS* picture) {
  if ((picture->encodePicFlags & NV_ENC_PIC_FLAG_EOS) != 0) {
    return NV_ENC_SUCCESS;
  }
  NvencSeen& seen = nvenc_seen();
  AVCodecContext* encoder = static_cast<Session*>(session)->encoder;
  AVFrame* frame = av_frame_alloc();
  frame->format = encoder->pix_fmt;
  frame->width = encoder->width;
  frame->height = encoder->height;
  set_planes(*frame, *static_cast<Input*>(picture->inputBuffer), encoder->height);
  frame->pts = static_cast<std::int64_t>(picture->inputTimeStamp);
  if (seen.times.empty()) {
    keep(*frame, seen.first_frame);
  }
  seen.times.push_back(frame->pts);
  AVPacket* packet = av_packet_alloc();
  const bool done = avcodec_send_frame(encoder, frame) >= 0 && avcodec_receive_packet(encoder, packet) >= 0;
  if (done) {
    Output& output = *static_cast<Output*>(picture->outputBitstream);
    output.bytes.assign(packet->data, packet->data + packet->size);
    output.time = picture->inputTimeStamp;
    output.type = (packet->flags & AV_PKT_FLAG_KEY) != 0 ? NV_ENC_PIC_TYPE_IDR : NV_ENC_PIC_TYPE_P;
  }
  av_packet_free(&packet);
  av_frame_free(&frame);
  return done ? NV_ENC_SUCCESS : NV_ENC_ERR_GENERIC;
}

NVENCSTATUS lock_output(void*, NV_ENC_LOCK_BITSTREAM* locked) {
  Output& output = *static_cast<Output*>(locked->outputBitstream);
  locked->bitstreamBufferPtr = output.bytes.data();
  locked->bitstreamSizeInBytes = static_cast<std::uint32_t>(output.bytes.size());
  locked->outputTimeStamp = output.time;
  locked->pictureType = output.type;
  return NV_ENC_SUCCESS;
}

}  // namespace
}  // namespace facegraph::test

// NOLINTBEGIN(readability-identifier-naming): names of NVIDIA's
extern "C" {

NVENCSTATUS NvEncodeAPIGetMaxSupportedVersion(std::uint32_t* version) {
  *version = NVENCAPI_MAJOR_VERSION << 4U | NVENCAPI_MINOR_VERSION;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS NvEncodeAPICreateInstance(NV_ENCODE_API_FUNCTION_LIST* functions) {
  using namespace facegraph::test;
  functions->nvEncOpenEncodeSessionEx = open_session;
  functions->nvEncDestroyEncoder = close_session;
  functions->nvEncGetEncodeGUIDCount = count_codecs;
  functions->nvEncGetEncodeGUIDs = list_codecs;
  functions->nvEncGetEncodeCaps = capability;
  functions->nvEncGetEncodePresetConfig = old_preset;
  functions->nvEncGetEncodePresetConfigEx = preset;
  functions->nvEncInitializeEncoder = begin;
  functions->nvEncGetSequenceParams = headers;
  functions->nvEncCreateInputBuffer = make_input;
  functions->nvEncDestroyInputBuffer = drop_input;
  functions->nvEncLockInputBuffer = lock_input;
  functions->nvEncUnlockInputBuffer = unlock;
  functions->nvEncCreateBitstreamBuffer = make_output;
  functions->nvEncDestroyBitstreamBuffer = drop_output;
  functions->nvEncLockBitstream = lock_output;
  functions->nvEncUnlockBitstream = unlock;
  functions->nvEncEncodePicture = encode;
  functions->nvEncSetIOCudaStreams = [](void*, void*, void*) { return NV_ENC_SUCCESS; };
  functions->nvEncGetLastErrorString = [](void*) { return "the fake has none"; };
  return NV_ENC_SUCCESS;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
