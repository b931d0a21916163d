// What the operators of colorize.hpp ask of their arguments, on the CPU and on a GPU. All throw Error(kFailed).
#pragma once

#include <cstddef>

#include "core/types/image.hpp"

namespace facegraph::ops {

// elements: of the tensor of `planes` planes.
void check_colorize(const char* what, core::ConstImageView frame, std::size_t elements, core::Size size, int planes);
void check_coloured(const char* what, core::ConstImageView out, core::ConstImageView frame);

}  // namespace facegraph::ops
