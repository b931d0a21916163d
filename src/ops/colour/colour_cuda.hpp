// Twins of colorize.hpp, colour.hpp and yuv.hpp that a GPU runs: pictures, tensors, and what is passed by pointer, lie
// in its memory. They enqueue and return; sizes, layouts and results are those of the CPU half. Errors as of
// device::Gpu and of the CPU half. Tables (lab_tables(), lightness_grid(), ddcolor_greys()) are uploaded once by the
// caller.
#pragma once

#include <array>
#include <span>

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/colour/contrast_scratch.hpp"
#include "ops/colour/lab_tables.hpp"
#include "ops/colour/yuv.hpp"

namespace facegraph::ops::cuda {

// Equal to the CPU half bit by bit, but for frames of just twice the size: within 2e-7.
void ddcolor_input(const device::Stream& stream, std::span<float> out, core::ConstImageView frame, core::Size size,
                   const std::array<float, 256>* greys);
// Equal bit by bit.
void deoldify_input(const device::Stream& stream, std::span<float> out, core::ConstImageView frame, core::Size size);

// Within one level, and equal in more than 999 of 1000 values.
void ddcolor_output(const device::Stream& stream, core::ImageView out, core::ConstImageView frame,
                    std::span<const float> in, core::Size size, const LightnessGrid* grid);
// Equal bit by bit, but where the planes are just twice the frame's size.
void deoldify_output(const device::Stream& stream, core::ImageView out, core::ConstImageView frame,
                     std::span<const float> in, core::Size size, const LabTables* tables);

// Equal bit by bit. lab: scratch, a picture like the crop.
void balance_contrast(const device::Stream& stream, core::ImageView crop, core::ImageView lab, const LabTables* tables,
                      ContrastScratch* scratch);

// Equal bit by bit. out of merge_alpha has four channels whatever the mask holds; is_opaque is 1 where the CPU half
// would have left the fourth out.
void first_three_channels(const device::Stream& stream, core::ImageView out, core::ConstImageView frame);
void extract_alpha(const device::Stream& stream, core::ImageView out, core::ConstImageView frame);
void merge_alpha(const device::Stream& stream, core::ImageView out, core::ConstImageView frame,
                 core::ConstImageView mask, int* is_opaque);

// Equal bit by bit.
void bgr_to_yuv420(const device::Stream& stream, const YuvPlanes& out, core::ConstImageView bgr);

}  // namespace facegraph::ops::cuda
