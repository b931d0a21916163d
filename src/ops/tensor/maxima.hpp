// Heat maps to their scores. spec: analysis.md 5.3
#pragma once

#include <span>

namespace facegraph::ops {

// The largest value of each row of `in`: out.size() rows of equal length, one behind the other. NaN counts for nothing,
// and a row without values gives -infinity.
void row_maxima(std::span<float> out, std::span<const float> in);

// Values in a row; throws Error(kFailed) where the rows are not of equal length.
int row_length(std::size_t rows, std::size_t values);

}  // namespace facegraph::ops
