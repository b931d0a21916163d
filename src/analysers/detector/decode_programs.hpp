// The programs of decode_cuda.hpp.
#pragma once

#include <array>

#include "analysers/detector/decode_cuda.hpp"
#include "analysers/detector/decode_formula.hpp"

namespace facegraph::analysers {

FACEGRAPH_HD inline void store(const CandidateList& list, int at, const Candidate& candidate) {
  list.boxes[at] = candidate.box;
  list.scores[at] = candidate.score;
  list.points[at] = candidate.points;
}

// A block program for one frame: appends what passes, of one row set after the other, in the order of the rows. Each
// chunk of rows is counted, then written behind the ones before it.
template <typename Sets>
struct DecodeRows {
  using Rows = typename Sets::value_type;

  CandidateList out;
  Sets sets;
  float threshold;
  ops::LetterboxRatio ratio;
  FramePlace place;
  DecodeScratch* scratch;

  template <typename Use>
  FACEGRAPH_HD void for_passing(const Rows& rows, int chunk, const Use& use) const {
    const int length = (rows.count + DecodeScratch::kChunks - 1) / DecodeScratch::kChunks;
    const int start = chunk * length;
    for (int row = start; row < start + length && row < rows.count; ++row) {
      if (rows.passes(row, threshold)) {
        use(row);
      }
    }
  }

  template <typename Block>
  FACEGRAPH_HD void append(const Block& block, const Rows& rows) const {
    block.for_each(DecodeScratch::kChunks, [&](int chunk) {
      int found = 0;
      for_passing(rows, chunk, [&](int) { ++found; });
      scratch->counts[chunk] = found;
    });
    block.for_each(DecodeScratch::kChunks + 1, [&](int chunk) {
      int before = 0;
      for (int i = 0; i < chunk; ++i) {
        before += scratch->counts[i];
      }
      scratch->starts[chunk] = before;
    });
    const int total = scratch->starts[DecodeScratch::kChunks];
    if (total == 0 || (total == 1 && rows.passes(0, threshold))) {
      return;  // a lone hit in row 0 is lost: quirk Q1
    }
    const int start = *out.count;
    block.for_each(DecodeScratch::kChunks, [&](int chunk) {
      int at = start + scratch->starts[chunk];
      if (scratch->counts[chunk] == 0) {
        return;
      }
      for_passing(rows, chunk, [&](int row) {
        if (at < out.capacity) {
          Candidate candidate = rows.candidate(row, ratio);
          to_frame(candidate, place);
          store(out, at, candidate);
        }
        ++at;
      });
    });
    block.for_each(1, [&](int) { *out.count = start + total; });
  }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int) const {
    for (const Rows& rows : sets) {
      append(block, rows);
    }
  }
};

struct ClearCandidates {
  CandidateList list;

  FACEGRAPH_HD void operator()(int, int) const { *list.count = 0; }
};

struct KeepCandidates {
  KeptFace* out;
  CandidateList in;
  const int* kept;
  const int* kept_count;

  FACEGRAPH_HD void operator()(int i, int) const {
    out[i] = {{}, *kept_count};
    if (i < *kept_count) {
      const int index = kept[i];
      out[i].face = {in.boxes[index], in.scores[index], in.points[index]};
    }
  }
};

}  // namespace facegraph::analysers
