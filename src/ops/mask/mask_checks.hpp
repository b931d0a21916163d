// What the operators of this folder ask of their arguments, on the CPU and on a GPU. All throw Error(kFailed).
#pragma once

#include <cstddef>

#include "core/types/image.hpp"

namespace facegraph::ops {

void check_mask(core::ConstImageView mask);
void check_mask_size(core::ConstImageView mask, core::Size size);
// The number of classes that so many logits are for.
std::size_t check_logits(std::size_t logits, core::Size parser_size);

}  // namespace facegraph::ops
