#include "processors/shared/live_portrait.hpp"

#include <algorithm>
#include <array>

namespace facegraph::processors {

namespace {

constexpr int kInput = kPortraitCrop / 2;
constexpr std::size_t kPointValues = 3 * ops::kPortraitPoints;
const runtime::Shape kPicture{1, 3, kInput, kInput};
const runtime::Shape kPoints{1, ops::kPortraitPoints, 3};
const runtime::Shape kFeatureVolume{1, 32, 16, 64, 64};
constexpr std::size_t kExpression = 5;  // of the motion extractor's outputs

}  // namespace

ops::PortraitPoints to_points(std::span<const float> values) {
  ops::PortraitPoints points;
  for (std::size_t i = 0; i < values.size(); ++i) {
    points[i / 3][i % 3] = values[i];
  }
  return points;
}

void from_points(std::span<float> values, const ops::PortraitPoints& points) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = points[i / 3][i % 3];
  }
}

void bring_points(const device::Site& site, std::span<float> input, const ops::PortraitPoints& points) {
  std::array<float, kPointValues> values;
  from_points(values, points);
  site.fill(input, std::span<const float>(values));
}

LivePortrait::LivePortrait(const analysers::Context& context)
    : site_(context.site), table_(site_, ops::value_table({0, 0, 0}, {1, 1, 1})) {
  features_ = context.open(kPortraitModule, portrait_file(PortraitPart::kFeatures), {{"input", kPicture}});
  features_.expect_output(0, kFeatureVolume);
  motion_ = context.open(kPortraitModule, portrait_file(PortraitPart::kMotion), {{"input", kPicture}});
  const std::array<runtime::Shape, 7> motion{runtime::Shape{}, {}, {}, {1, 1}, {1, 3}, kPoints, kPoints};
  for (std::size_t i = 0; i < motion.size(); ++i) {
    motion_.expect_output(i, motion[i]);
  }
  generator_ = context.open(kPortraitModule, portrait_file(PortraitPart::kGenerator),
                            {{"feature_volume", kFeatureVolume}, {"source", kPoints}, {"target", kPoints}});
  generator_.expect_output(0, {1, 3, kPortraitCrop, kPortraitCrop});
}

device::Values<float> LivePortrait::enqueue_expression(core::ConstImageView crop) {
  feed(crop);
  return site_.fetch(motion_.output(kExpression).on<const float>(site_));
}

ops::PortraitMotion LivePortrait::read(core::ConstImageView crop) {
  feed(crop);
  site_.copy(features_.input("input").on<float>(site_), motion_.input("input").on<const float>(site_));
  features_.run_on(site_);
  site_.copy(generator_.input("feature_volume").on<float>(site_), features_.output(0).on<const float>(site_));
  motion_.fetch();
  const auto values = [&](std::size_t index) { return motion_.output(index).as<const float>(); };
  ops::PortraitMotion motion;
  motion.angles = {values(0)[0], values(1)[0], values(2)[0]};
  motion.scale = values(3)[0];
  std::copy_n(values(4).begin(), 3, motion.translation.begin());
  motion.expression = to_points(values(kExpression));
  motion.points = to_points(values(6));
  return motion;
}

void LivePortrait::feed(core::ConstImageView crop) {
  const device::Picture small = ops::resize(site_, crop, {kInput, kInput}, ops::Interpolation::kArea);
  ops::to_tensor(site_, motion_.input("input").on<float>(site_), small, table_, ops::ChannelOrder::kRgb,
                 ops::Layout::kChw);
  motion_.run_on(site_);
}

// The generator calls the points that the face is moved to its source, and those that it has in the crop its target.
device::Picture LivePortrait::paint(const ops::PortraitPoints& from, const ops::PortraitPoints& to) {
  bring_points(site_, generator_.input("source").on<float>(site_), to);
  return paint_from(from);
}

device::Picture LivePortrait::paint(const ops::PortraitPoints& from, std::span<const float> to) {
  site_.copy(generator_.input("source").on<float>(site_), to);
  return paint_from(from);
}

device::Picture LivePortrait::paint_from(const ops::PortraitPoints& from) {
  bring_points(site_, generator_.input("target").on<float>(site_), from);
  generator_.run_on(site_);
  device::Picture painted = site_.picture({kPortraitCrop, kPortraitCrop}, 3);
  ops::to_image(site_, painted, generator_.output(0).on<const float>(site_), 0, 1);
  return painted;
}

}  // namespace facegraph::processors
