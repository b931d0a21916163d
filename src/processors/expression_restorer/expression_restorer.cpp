#include "processors/expression_restorer/expression_restorer.hpp"

#include "analysers/shared/crop.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/live_portrait.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

using ops::PortraitPoints;

// Points of a frame of size `from` in the same picture at size `to`.
core::Landmark5 rescaled(core::Landmark5 points, core::Size from, core::Size to) {
  if (from != to) {
    for (core::Point& point : points) {
      point = {point.x * to.width / from.width, point.y * to.height / from.height};
    }
  }
  return points;
}

class FrameRestorer final : public OneByOneProcessor {
 public:
  FrameRestorer(const analysers::Context& context, const ExpressionRestorerOptions& options)
      : options_(options), site_(context.site), masker_(context, options.masker), portrait_(context) {}

  void edit(const FrameFacts& facts, TempFrame& temp) override {
    for (const core::Face& face : facts.selected) {
      restore_face(face, facts.target, temp.frame);
    }
    report_frame("expression_restorer", temp, site_);
  }

 private:
  // spec: portrait-frame-processors.md 5.3
  void restore_face(const core::Face& face, core::ConstImageView target, core::ImageView frame) {
    const core::Size size{kPortraitCrop, kPortraitCrop};
    const core::Landmark5& points = face.landmarks.five_of_68;
    const auto original = analysers::crop_face(target, rescaled(points, frame.size(), target.size()),
                                               ops::WarpTemplate::kArcface128, size, site_);
    const auto changed = analysers::crop_face(frame, points, ops::WarpTemplate::kArcface128, size, site_);
    if (!original || !changed) {
      return;
    }
    const device::Picture mask = masks_of_crop(masker_, changed->image).combined(site_, size);
    const device::Picture painted = restore(original->image, changed->image);
    paste_face(site_, frame, painted, mask, changed->matrix);
  }

  // The changed face with the original's expression; pose, scale and place stay.
  device::Picture restore(core::ConstImageView original, core::ConstImageView changed) {
    const device::Values<float> found = portrait_.enqueue_expression(original);
    const ops::PortraitMotion motion = portrait_.read(changed);
    const PortraitPoints wanted = to_points({found.data(), found.size()});
    const PortraitPoints allowed = restrict_areas(wanted, motion.expression, options_.areas);
    const PortraitPoints expression = blend_expressions(allowed, motion.expression, options_.factor);
    const ops::HeadRotation rotation = ops::head_rotation(motion.angles);
    return portrait_.paint(ops::portrait_points(motion, rotation, motion.expression),
                           ops::portrait_points(motion, rotation, expression));
  }

  ExpressionRestorerOptions options_;
  device::Site site_;
  analysers::Masker masker_;
  LivePortrait portrait_;
};

class ExpressionRestorer final : public Processor {
 public:
  explicit ExpressionRestorer(ExpressionRestorerOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "expression_restorer"; }
  bool works_on_site() const override { return true; }

  Needs needs() const override { return {.target_faces = true, .target_frame = true}; }

  std::vector<models::ModelFile> model_files() const override {
    std::vector<models::ModelFile> files = analysers::masker_models(options_.masker);
    for (const PortraitPart part : {PortraitPart::kFeatures, PortraitPart::kMotion, PortraitPart::kGenerator}) {
      files.push_back(portrait_file(part));
    }
    return files;
  }

  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<FrameRestorer>(context, options_);
  }

 private:
  ExpressionRestorerOptions options_;
};

}  // namespace

std::unique_ptr<Processor> make_expression_restorer(const core::OptionValues& values) {
  return std::make_unique<ExpressionRestorer>(ExpressionRestorerOptions::from(values));
}

}  // namespace facegraph::processors
