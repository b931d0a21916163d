// The networks of LivePortrait that read a face and paint it anew. spec: portrait-frame-processors.md 3.1, 3.2
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysers/context.hpp"
#include "core/types/image.hpp"
#include "models/catalogue/model_file.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/face/portrait.hpp"
#include "ops/site/site.hpp"

namespace facegraph::processors {

constexpr int kPortraitCrop = 512;  // side of the picture that is read and painted

// Of each model "live_portrait" of an option: the six files; none in the embedded set.
std::vector<std::string> portrait_model_names(const core::OptionValues& values);
enum class PortraitPart { kFeatures, kMotion, kEyeRetargeter, kLipRetargeter, kStitcher, kGenerator };
const models::ModelFile& portrait_file(PortraitPart part);

// Both processors open their sessions under this name, and share the weights where a pool shares them.
inline constexpr const char* kPortraitModule = "live_portrait";

// Points between sessions and our own arithmetic: 21 points of x, y, z.
ops::PortraitPoints to_points(std::span<const float> values);
void from_points(std::span<float> values, const ops::PortraitPoints& points);
// Into an input that lies on the site.
void bring_points(const device::Site& site, std::span<float> input, const ops::PortraitPoints& points);

class LivePortrait {
 public:
  explicit LivePortrait(const analysers::Context& context);

  // Pictures lie on the context's site. Of the face only what is returned comes to the host.
  // crop: u8 BGR, kPortraitCrop on either side.
  ops::PortraitMotion read(core::ConstImageView crop);
  // Of another crop, to be read before: its expression's points on their way to the host, where they lie when read()
  // has waited for what it returns.
  device::Values<float> enqueue_expression(core::ConstImageView crop);
  // The crop that was read, its points moved from where they lie in it to where they should: u8 BGR.
  device::Picture paint(const ops::PortraitPoints& from, const ops::PortraitPoints& to);
  // to: on the site, as from_points() writes them.
  device::Picture paint(const ops::PortraitPoints& from, std::span<const float> to);

 private:
  void feed(core::ConstImageView crop);
  device::Picture paint_from(const ops::PortraitPoints& from);

  device::Site site_;
  ops::SiteTable table_;
  runtime::Session features_;
  runtime::Session motion_;
  runtime::Session generator_;
};

}  // namespace facegraph::processors
