// The programs of colour matching. Averages are OpenCV's INTER_AREA, the fields are spread with its INTER_CUBIC.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "ops/blend/blend_pixels.hpp"
#include "ops/colour/lab_formula.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

// The pixels on one axis that a field covers, the first and last of them in part.
struct AreaTaps {
  int first;
  int count;
  float first_weight;
  float weight;
  float last_weight;

  FACEGRAPH_HD float weight_of(int i) const { return i == 0 ? first_weight : (i == count - 1 ? last_weight : weight); }
};

// What one of `to` spans of `from` on an axis, rounded as OpenCV does.
FACEGRAPH_HD inline double scale_of(int from, int to) {
  return 1 / (static_cast<double>(to) / from);
}

FACEGRAPH_HD inline AreaTaps area_taps(int field, int side, double scale) {
  const double begin = field * scale;
  const double end = begin + scale;
  const double cell = scale < side - begin ? scale : side - begin;
  int whole_end = static_cast<int>(floor(end));
  whole_end = whole_end < side - 1 ? whole_end : side - 1;
  int whole_begin = static_cast<int>(ceil(begin));
  whole_begin = whole_begin < whole_end ? whole_begin : whole_end;
  const bool has_head = whole_begin - begin > 1e-3;
  const bool has_tail = end - whole_end > 1e-3;
  const double tail = end - whole_end < 1 ? end - whole_end : 1;
  const auto whole = static_cast<float>(1 / cell);
  const auto head_weight = static_cast<float>((whole_begin - begin) / cell);
  const auto tail_weight = static_cast<float>((tail < cell ? tail : cell) / cell);
  AreaTaps taps{};
  taps.first = has_head ? whole_begin - 1 : whole_begin;
  taps.count = whole_end - whole_begin + (has_head ? 1 : 0) + (has_tail ? 1 : 0);
  taps.weight = whole;
  taps.last_weight = has_tail ? tail_weight : whole;
  taps.first_weight = has_head ? head_weight : (taps.count == 1 ? taps.last_weight : whole);
  return taps;
}

// A picture in so many fields a side. Made on the host: divisions of doubles are a GPU's slowest.
struct FieldGrid {
  core::Size picture;
  core::Size field;  // where they are of whole pixels, else empty
  double column_scale;
  double row_scale;

  FieldGrid(core::Size size, int fields)
      : picture(size),
        field(size.width % fields == 0 && size.height % fields == 0
                  ? core::Size{size.width / fields, size.height / fields}
                  : core::Size{}),
        column_scale(scale_of(size.width, fields)),
        row_scale(scale_of(size.height, fields)) {}
};

// The pixels that a field of a picture is the average of.
struct FieldTaps {
  AreaTaps columns;
  AreaTaps rows;
  float share;  // of a pixel in the sum

  FACEGRAPH_HD FieldTaps(const FieldGrid& grid, int x, int y) {
    if (grid.field.width > 0) {
      const int width = grid.field.width;
      const int height = grid.field.height;
      columns = {x * width, width, 1, 1, 1};
      rows = {y * height, height, 1, 1, 1};
      share = 1.0F / static_cast<float>(width * height);
    } else {
      columns = area_taps(x, grid.picture.width, grid.column_scale);
      rows = area_taps(y, grid.picture.height, grid.row_scale);
      share = 1;
    }
  }

  // read(x, y): a channel of the picture there.
  template <typename Read>
  FACEGRAPH_HD float row(int j, const Read& read) const {
    float sum = 0;
    for (int i = 0; i < columns.count; ++i) {
      sum += static_cast<float>(read(columns.first + i, rows.first + j)) * columns.weight_of(i);
    }
    return sum;
  }

  // Of the sum of the rows, to 8 bits. Sums of whole pixels are exact.
  FACEGRAPH_HD int average(float sum) const {
    if (share == 0.25F && columns.count == 2 && rows.count == 2) {
      return (static_cast<int>(sum) + 2) >> 2;
    }
    return clip_to_byte(static_cast<int>(rintf(sum * share)));
  }

  template <typename Read>
  FACEGRAPH_HD int average_of(const Read& read) const {
    float sum = 0;
    for (int j = 0; j < rows.count; ++j) {
      sum += row(j, read) * rows.weight_of(j);
    }
    return average(sum);
  }
};

FACEGRAPH_HD inline float* field_at(float* fields, int count, int x, int y) {
  return fields + (static_cast<std::ptrdiff_t>(y) * count + x) * 3;
}

// A block program over the fields: what source and target differ by. For coarse fields, of many pixels each: rows are
// summed side by side.
struct CoarseFields {
  float* fields;
  int count;  // per side
  core::ConstImageView source;
  core::ConstImageView target;
  FieldGrid source_grid{source.size(), count};
  FieldGrid target_grid{target.size(), count};

  static constexpr int kRows = 64;  // at a time
  struct Shared {
    std::array<float, std::size_t{3} * kRows> rows;  // by channel
    std::array<float, 3> sums;
    std::array<int, 3> of_source;
  };

  int blocks() const { return count * count; }

  // Leaves the sums of the channels in `shared`.
  template <typename Block>
  FACEGRAPH_HD static void add_up(const Block& block, const core::ConstImageView& picture, const FieldTaps& taps,
                                  Shared& shared) {
    block.for_each(3, [&](int c) { shared.sums[c] = 0; });
    for (int first = 0; first < taps.rows.count; first += kRows) {
      const int count = taps.rows.count - first < kRows ? taps.rows.count - first : kRows;
      block.for_each(3 * count, [&](int i) {
        const int c = i % 3;
        const auto read = [&](int x, int y) { return pixel_at<std::uint8_t>(picture, x, y)[c]; };
        shared.rows[i] = taps.row(first + i / 3, read);
      });
      block.for_each(3, [&](int c) {
        for (int j = 0; j < count; ++j) {
          shared.sums[c] += shared.rows[3 * j + c] * taps.rows.weight_of(first + j);
        }
      });
    }
  }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int index, Shared& shared) const {
    const int x = index % count;
    const int y = index / count;
    const FieldTaps of_source(source_grid, x, y);
    add_up(block, source, of_source, shared);
    block.for_each(3, [&](int c) { shared.of_source[c] = of_source.average(shared.sums[c]); });
    const FieldTaps of_target(target_grid, x, y);
    add_up(block, target, of_target, shared);
    block.for_each(3, [&](int c) {
      field_at(fields, count, x, y)[c] = static_cast<float>(shared.of_source[c] - of_target.average(shared.sums[c]));
    });
  }
};

// Four neighbours on one axis, the second at or before the position.
struct CubicTaps {
  int second;
  std::array<float, 4> weights;
};

FACEGRAPH_HD inline CubicTaps cubic_taps(int position, double scale) {
  constexpr float kA = -0.75F;
  const auto exact = static_cast<float>((position + 0.5) * scale - 0.5);
  const float floor_of = floorf(exact);
  const float x = exact - floor_of;
  CubicTaps taps{static_cast<int>(floor_of), {}};
  taps.weights[0] = ((kA * (x + 1) - 5 * kA) * (x + 1) + 8 * kA) * (x + 1) - 4 * kA;
  taps.weights[1] = ((kA + 2) * x - (kA + 3)) * x * x + 1;
  taps.weights[2] = ((kA + 2) * (1 - x) - (kA + 3)) * (1 - x) * (1 - x) + 1;
  taps.weights[3] = 1.0F - taps.weights[0] - taps.weights[1] - taps.weights[2];
  return taps;
}

// The target with what fields say added.
struct ShiftedPicture {
  core::ConstImageView target;
  const float* fields;
  int count;  // per side
  double column_scale = scale_of(count, target.width);
  double row_scale = scale_of(count, target.height);

  FACEGRAPH_HD float row_at(const CubicTaps& columns, int row, int channel) const {
    const float* values = fields + static_cast<std::ptrdiff_t>(clamp_index(row, count)) * count * 3 + channel;
    float sum = values[clamp_index(columns.second - 1, count) * 3] * columns.weights[0];
    for (int i = 1; i < 4; ++i) {
      sum += values[clamp_index(columns.second - 1 + i, count) * 3] * columns.weights[i];
    }
    return sum;
  }

  // Writes three channels.
  FACEGRAPH_HD void read(int x, int y, std::uint8_t* out) const {
    const CubicTaps columns = cubic_taps(x, column_scale);
    const CubicTaps rows = cubic_taps(y, row_scale);
    const bool is_copy = count == target.width && count == target.height;
    for (int c = 0; c < 3; ++c) {
      float shift = row_at(columns, rows.second + 2, c) * rows.weights[3];
      for (int i = 2; i >= 0; --i) {
        shift = row_at(columns, rows.second - 1 + i, c) * rows.weights[i] + shift;
      }
      if (is_copy) {
        shift = fields[(static_cast<std::ptrdiff_t>(y) * count + x) * 3 + c];
      }
      const float value = static_cast<float>(pixel_at<std::uint8_t>(target, x, y)[c]) + shift;
      out[c] = static_cast<std::uint8_t>(static_cast<int>(value > 0 ? (value < 255 ? value : 255.0F) : 0.0F));
    }
  }
};

struct ShiftPixels {
  core::ImageView out;
  ShiftedPicture shifted;

  FACEGRAPH_HD void operator()(int x, int y) const { shifted.read(x, y, pixel_at<std::uint8_t>(out, x, y)); }
};

// A block program over squares of fields: what the target as the step before leaves it and the target itself differ by.
// For fields of less than three pixels a side, as all steps but the first have. A block makes the pixels that it needs.
struct FineFields {
  float* fields;
  int count;  // per side
  ShiftedPicture before;
  FieldGrid grid{before.target.size(), count};

  static constexpr int kSide = 8;                // fields of a block
  static constexpr int kPixels = 3 * kSide + 2;  // that they cover at most
  struct Shared {
    std::array<std::uint8_t, std::size_t{3} * kPixels * kPixels> pixels;
  };

  FACEGRAPH_HD int squares() const { return (count + kSide - 1) / kSide; }  // per side
  int blocks() const { return squares() * squares(); }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int index, Shared& shared) const {
    const int left = index % squares() * kSide;
    const int top = index / squares() * kSide;
    const int width = left + kSide < count ? kSide : count - left;
    const int height = top + kSide < count ? kSide : count - top;
    const FieldTaps first(grid, left, top);
    const FieldTaps last(grid, left + width - 1, top + height - 1);
    const int first_x = first.columns.first;
    const int first_y = first.rows.first;
    const int across = last.columns.first + last.columns.count - first_x;
    const int down = last.rows.first + last.rows.count - first_y;
    block.for_each(across * down, [&](int i) {
      before.read(first_x + i % across, first_y + i / across, shared.pixels.data() + std::ptrdiff_t{3} * i);
    });
    block.for_each(width * height * 3, [&](int i) {
      const int c = i % 3;
      const int x = left + i / 3 % width;
      const int y = top + i / 3 / width;
      const FieldTaps taps(grid, x, y);
      const int shifted =
          taps.average_of([&](int u, int v) { return shared.pixels[((v - first_y) * across + u - first_x) * 3 + c]; });
      const int own = taps.average_of([&](int u, int v) { return pixel_at<std::uint8_t>(before.target, u, v)[c]; });
      field_at(fields, count, x, y)[c] = static_cast<float>(shifted - own);
    });
  }
};

// The target matched, as far as source and target are alike.
struct MixAlikePixels {
  core::ImageView out;
  ShiftedPicture matched;
  const double* likeness;

  FACEGRAPH_HD void operator()(int x, int y) const {
    std::uint8_t colours[3];
    matched.read(x, y, colours);
    for (int c = 0; c < 3; ++c) {
      pixel_at<std::uint8_t>(out, x, y)[c] =
          mixed(pixel_at<std::uint8_t>(matched.target, x, y)[c], colours[c], *likeness);
    }
  }
};

}  // namespace facegraph::ops
