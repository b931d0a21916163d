// Twins of the detectors' decoding that a GPU runs: raw outputs in its memory become a list of candidates there. They
// enqueue and return. Order and quirks are those of the CPU half (networks.hpp).
//
// Against the CPU half: equal bit by bit, but for yunet's boxes, whose sizes go through expf: 2 units in the last place
// of a float, less than 1e-6 of a box's side.
#pragma once

#include <span>

#include "analysers/detector/decode_formula.hpp"
#include "device/gpu/stream.hpp"

namespace facegraph::analysers {

// Three arrays and their common length, all in the GPU's memory. A count beyond the capacity says how many candidates
// there were; those beyond are not stored.
struct CandidateList {
  core::BoundingBox* boxes = nullptr;
  float* scores = nullptr;
  core::Landmark5* points = nullptr;
  int* count = nullptr;
  int capacity = 0;
};

// Each says how many were kept in all, so that one copy to the host brings both; beyond that many `face` is zero.
struct KeptFace {
  Candidate face;
  int total = 0;
};

// The GPU's too. What it holds matters only while a frame is decoded.
struct DecodeScratch {
  static constexpr int kChunks = 256;
  int counts[kChunks];
  int starts[kChunks + 1];
};

namespace cuda {

void clear(const device::Stream& stream, const CandidateList& list);

// Appends a network's candidates whose score reaches the threshold, in the frame's coordinates.
void decode(const device::Stream& stream, const CandidateList& out, const AnchorSets& sets, float threshold,
            const ops::LetterboxRatio& ratio, const FramePlace& place, DecodeScratch* scratch);
void decode(const device::Stream& stream, const CandidateList& out, const YoloSets& sets, float threshold,
            const ops::LetterboxRatio& ratio, const FramePlace& place, DecodeScratch* scratch);
void decode(const device::Stream& stream, const CandidateList& out, const YunetSets& sets, float threshold,
            const ops::LetterboxRatio& ratio, const FramePlace& place, DecodeScratch* scratch);

// The candidates that suppression kept (ops::cuda::suppress), in its order: as many as `out` has room for.
void keep(const device::Stream& stream, std::span<KeptFace> out, const CandidateList& in, const int* kept,
          const int* kept_count);

}  // namespace cuda

}  // namespace facegraph::analysers
