#include "analysers/detector/decode_cuda.hpp"
#include "analysers/detector/decode_programs.hpp"
#include "core/base/error.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::analysers::cuda {

void clear(const device::Stream& stream, const CandidateList& list) {
  ops::for_each_pixel(stream, "clear candidates", {1, 1}, ClearCandidates{list});
}

void decode_anchors(const device::Stream& stream, const CandidateList& out, const std::array<AnchorRows, 3>& strides,
                    float threshold, const ops::LetterboxRatio& ratio, const FramePlace& place,
                    DecodeScratch* scratch) {
  ops::for_each_block(stream, "decode_anchors", 1,
                      DecodeRows<AnchorRows, 3>{out, strides, threshold, ratio, place, scratch});
}

void decode_yolo(const device::Stream& stream, const CandidateList& out, const YoloRows& rows, float threshold,
                 const ops::LetterboxRatio& ratio, const FramePlace& place, DecodeScratch* scratch) {
  ops::for_each_block(stream, "decode_yolo", 1, DecodeRows<YoloRows, 1>{out, {rows}, threshold, ratio, place, scratch});
}

void decode_yunet(const device::Stream& stream, const CandidateList& out, const std::array<YunetRows, 3>& strides,
                  float threshold, const ops::LetterboxRatio& ratio, const FramePlace& place, DecodeScratch* scratch) {
  ops::for_each_block(stream, "decode_yunet", 1,
                      DecodeRows<YunetRows, 3>{out, strides, threshold, ratio, place, scratch});
}

void keep(const device::Stream& stream, const CandidateList& out, const CandidateList& in, const int* kept,
          const int* kept_count) {
  if (out.capacity < in.capacity) {
    core::fail(core::ErrorCode::kFailed, "keep: a list of {} candidates, expected room for {}", out.capacity,
               in.capacity);
  }
  ops::for_each_pixel(stream, "keep candidates", {in.capacity, 1}, KeepCandidates{out, in, kept, kept_count});
}

}  // namespace facegraph::analysers::cuda
