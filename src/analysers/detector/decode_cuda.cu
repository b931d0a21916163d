#include "analysers/detector/decode_cuda.hpp"
#include "analysers/detector/decode_programs.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::analysers::cuda {

void clear(const device::Stream& stream, const CandidateList& list) {
  ops::for_each_pixel(stream, "clear candidates", {1, 1}, ClearCandidates{list});
}

void decode(const device::Stream& stream, const CandidateList& out, const AnchorSets& sets, float threshold,
            const ops::LetterboxRatio& ratio, const FramePlace& place, DecodeScratch* scratch) {
  ops::for_each_block(stream, "decode anchors", 1, DecodeRows<AnchorSets>{out, sets, threshold, ratio, place, scratch});
}

void decode(const device::Stream& stream, const CandidateList& out, const YoloSets& sets, float threshold,
            const ops::LetterboxRatio& ratio, const FramePlace& place, DecodeScratch* scratch) {
  ops::for_each_block(stream, "decode yolo", 1, DecodeRows<YoloSets>{out, sets, threshold, ratio, place, scratch});
}

void decode(const device::Stream& stream, const CandidateList& out, const YunetSets& sets, float threshold,
            const ops::LetterboxRatio& ratio, const FramePlace& place, DecodeScratch* scratch) {
  ops::for_each_block(stream, "decode yunet", 1, DecodeRows<YunetSets>{out, sets, threshold, ratio, place, scratch});
}

void keep(const device::Stream& stream, std::span<KeptFace> out, const CandidateList& in, const int* kept,
          const int* kept_count) {
  ops::for_each_pixel(stream, "keep candidates", {static_cast<int>(out.size()), 1},
                      KeepCandidates{out.data(), in, kept, kept_count});
}

}  // namespace facegraph::analysers::cuda
