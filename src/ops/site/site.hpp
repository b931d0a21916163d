// Operators on a site: the CPU half on the host, the CUDA twin on a GPU. Pictures and tensors lie on the site,
// matrices, landmarks and options on the host. Sizes, layouts, results and errors are those of the halves; on a GPU
// they enqueue and return.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "device/site.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/mask/mask.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::ops {

// A value table where the site reads it.
class SiteTable {
 public:
  SiteTable() = default;
  SiteTable(const device::Site& site, const ValueTable& table);
  const ValueTable* get() const { return table_.data(); }

 private:
  device::Values<ValueTable> table_;
};

device::Picture warp_affine(const device::Site& site, core::ConstImageView in, const core::Affine& matrix,
                            core::Size size, Border border);
// The matrix lies on the site.
device::Picture warp_affine(const device::Site& site, core::ConstImageView in, const core::Affine* matrix,
                            core::Size size, Border border);
// From five points to *matrix, all on the site. Where there is none *has is 0, not 1, and the matrix is zero.
void estimate_similarity(const device::Site& site, core::Affine* matrix, std::uint8_t* has,
                         const core::Landmark5* points, WarpTemplate name, core::Size size);
device::Picture resize(const device::Site& site, core::ConstImageView in, core::Size size,
                       Interpolation interpolation = Interpolation::kLinear);

void to_tensor(const device::Site& site, std::span<float> out, core::ConstImageView in, const SiteTable& table,
               ChannelOrder order, Layout layout);
void sharpened_to_tensor(const device::Site& site, std::span<float> out, core::ConstImageView in,
                         const SiteTable& table, ChannelOrder order, Layout layout);
void float_to_tensor(const device::Site& site, std::span<float> out, core::ConstImageView in, std::array<float, 3> mean,
                     std::array<float, 3> std_dev, ChannelOrder order, Layout layout);
void to_image(const device::Site& site, core::ImageView out, std::span<const float> in, double mean,
              double standard_deviation, ChannelOrder order = ChannelOrder::kRgb);
void to_picture(const device::Site& site, core::ImageView out, std::span<const float> in, Rounding rounding);
void interleaved_to_picture(const device::Site& site, core::ImageView out, std::span<const float> in);

// A tensor's values as a picture, f32 of one channel.
core::ImageView as_plane(std::span<float> values, core::Size size);
core::ConstImageView as_plane(std::span<const float> values, core::Size size);

device::Picture occlusion_mask(const device::Site& site, std::span<const core::ConstImageView> outputs,
                               core::Size size);
device::Picture area_mask(const device::Site& site, core::Size size, const core::Landmark68& landmark,
                          std::span<const FaceMaskArea> areas);
device::Picture region_mask(const device::Site& site, core::Size size, std::span<const float> logits,
                            core::Size parser_size, std::span<const FaceMaskRegion> regions);
device::Picture combine_masks(const device::Site& site, std::span<const core::ConstImageView> masks, core::Size size);

void blend(const device::Site& site, core::ImageView out, core::ConstImageView below, core::ConstImageView above,
           double share);
void paste_back(const device::Site& site, core::ImageView frame, core::ConstImageView crop, core::ConstImageView mask,
                const core::Affine& matrix);
void implode_tile(const device::Site& site, core::ImageView tile, core::ConstImageView crop, int factor, int a, int b);
void explode_tile(const device::Site& site, core::ImageView crop, core::ConstImageView tile, int factor, int a, int b);

device::Picture match_colour(const device::Site& site, core::ConstImageView source, core::ConstImageView target);

// match_alike_colour, and shrunk_mask of what combine_masks makes of the masks: neither needs the other.
struct MatchedFace {
  device::Picture colours;
  device::Picture mask;
};
MatchedFace match_alike_face(const device::Site& site, core::ConstImageView source, core::ConstImageView target,
                             std::span<const core::ConstImageView> masks);

}  // namespace facegraph::ops
