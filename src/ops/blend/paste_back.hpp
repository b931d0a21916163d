// Paste a processed crop back into its frame. spec: analysis.md 3.10, face-processors.md 3.4.
#pragma once

#include "core/types/face.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

struct PasteArea {
  int x1 = 0;
  int y1 = 0;
  int x2 = 0;  // exclusive
  int y2 = 0;
  core::Affine matrix;  // crop -> the area's own coordinates

  bool empty() const { return x2 <= x1 || y2 <= y1; }
};
// matrix maps frame to crop. The corners are rounded to integers (quirk Q13).
PasteArea paste_area(core::Size frame, core::Size crop, const core::Affine& matrix);

// frame: u8, 3 channels, changed in place. crop: u8, f32 or f64, 3 channels, 0..255. mask: f32, crop's size. The
// arithmetic follows the crop's depth; the sum is truncated to u8 (quirk Q21). An empty area changes nothing.
void paste_back(core::ImageView frame, core::ConstImageView crop, core::ConstImageView mask,
                const core::Affine& matrix);

// Pixel boost (face-processors.md section 4): tile (a, b) of factor p takes pixels (i*p + a, j*p + b).
void implode_tile(core::ImageView tile, core::ConstImageView crop, int factor, int a, int b);
void explode_tile(core::ImageView crop, core::ConstImageView tile, int factor, int a, int b);

}  // namespace facegraph::ops
