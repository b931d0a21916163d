// What the operators of this folder ask of their arguments, on the CPU and on a GPU. All throw Error(kFailed).
#pragma once

#include <cstddef>

#include "core/types/image.hpp"

namespace facegraph::ops {

void check_matte_frame(const char* what, core::ConstImageView frame);
void check_matte_mask(const char* what, core::ConstImageView mask, core::Size size);
// elements: of the network's output.
void check_matte(core::ConstImageView out, std::size_t elements);
void check_classes(core::ConstImageView out, std::size_t elements);
// elements: of the network's input.
void check_hint(std::size_t elements, core::ConstImageView frame, core::Size size);

}  // namespace facegraph::ops
