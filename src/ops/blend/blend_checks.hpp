// What the operators of this folder ask of their arguments, on the CPU and on a GPU. All throw Error(kFailed).
#pragma once

#include "core/types/image.hpp"

namespace facegraph::ops {

void check_blend(core::ConstImageView out, core::ConstImageView below, core::ConstImageView above);
void check_paste(core::ConstImageView frame, core::ConstImageView crop, core::ConstImageView mask);
void check_boost_tile(core::ConstImageView crop, core::ConstImageView tile, int factor, int a, int b);

}  // namespace facegraph::ops
