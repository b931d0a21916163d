// Masks of face crops. spec: analysis.md section 11.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "analysers/context.hpp"
#include "core/options/option.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "ops/mask/mask.hpp"
#include "ops/site/site.hpp"

namespace facegraph::analysers {

struct MaskerOptions {
  std::string occluder_model = "xseg_1";  // or many, xseg_2, xseg_3, embedded_occluder
  std::string parser_model =
      "bisenet_resnet_34";  // or bisenet_resnet_18, embedded_parser; empty: none, and region is false
  bool box = true;
  bool occlusion = false;
  bool area = false;
  bool region = false;
  std::vector<ops::FaceMaskArea> areas = {};
  std::vector<ops::FaceMaskRegion> regions = {};
  double blur = 0.3;
  std::array<int, 4> padding{};  // percent: top, right, bottom, left

  static MaskerOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& masker_options();
// Both kinds always, as the reference: the mask types may change between frames of a session.
std::vector<models::ModelFile> masker_models(const MaskerOptions& options);

class Masker {
 public:
  Masker(const Context& context, const MaskerOptions& options);

  const MaskerOptions& options() const { return options_; }

  // Depends on size, blur and padding only: computed once per size. The view lives until another size is asked for.
  core::ConstImageView box_mask(core::Size size);
  // crop: u8 BGR.
  device::Picture occlusion_mask(core::ConstImageView crop);
  // landmark: "68", in crop coordinates.
  device::Picture area_mask(core::Size size, const core::Landmark68& landmark) const;
  // crop: u8, f32 or f64 BGR, 0..255.
  device::Picture region_mask(core::ConstImageView crop);

  // Crops and masks lie on it.
  const device::Site& site() const { return site_; }

 private:
  MaskerOptions options_;
  device::Site site_;
  device::Picture box_mask_;  // the last one
  ops::SiteTable occluder_table_;
  ops::SiteTable parser_table_;
  std::vector<runtime::Session> occluders_;
  std::optional<runtime::Session> parser_;
};

}  // namespace facegraph::analysers
