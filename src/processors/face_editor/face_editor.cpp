#include "processors/face_editor/face_editor.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>

#include "analysers/masker/masker.hpp"
#include "analysers/shared/crop.hpp"
#include "ops/face/face.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/live_portrait.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

using ops::PortraitPoints;

constexpr double kCropScale = 1.5;  // how far the five points are spread about the nose: the crop shows the whole head
constexpr double kEyesOpen = 0.6;   // the ratio that a slider above 0 aims at
constexpr double kLipsOpen = 1;

// How points have to move for eyes or lips to be as open as wanted.
class Retargeter {
 public:
  Retargeter(const analysers::Context& context, PortraitPart part, std::int64_t inputs) {
    session_ = context.open(kPortraitModule, portrait_file(part), {{"input", {1, inputs}}});
    session_.expect_output(0, {1, 3 * ops::kPortraitPoints});
  }

  // openings: the ratios found, and the one that is wanted.
  PortraitPoints run(const PortraitPoints& points, std::initializer_list<double> openings) {
    const auto input = session_.input("input").as<float>();
    from_points(input.first(3 * ops::kPortraitPoints), points);
    std::transform(openings.begin(), openings.end(), input.begin() + 3 * ops::kPortraitPoints,
                   [](double value) { return static_cast<float>(value); });
    session_.run();
    return to_points(session_.output(0).as<const float>());
  }

 private:
  runtime::Session session_;
};

class FrameEditor final : public OneByOneProcessor {
 public:
  FrameEditor(const analysers::Context& context, const FaceEditorOptions& options)
      : sliders_(options.sliders),
        site_(context.site),
        masker_(context, {.blur = options.mask_blur}),
        portrait_(context) {
    constexpr std::int64_t kValues = 3 * ops::kPortraitPoints;
    // What a retargeter says counts as often as its slider says: at 0 it is not asked.
    if (sliders_.eye_open_ratio != 0) {
      eyes_.emplace(context, PortraitPart::kEyeRetargeter, kValues + 3);
    }
    if (sliders_.lip_open_ratio != 0) {
      lips_.emplace(context, PortraitPart::kLipRetargeter, kValues + 2);
    }
    const runtime::Shape points{1, ops::kPortraitPoints, 3};
    stitcher_ =
        context.open(kPortraitModule, portrait_file(PortraitPart::kStitcher), {{"source", points}, {"target", points}});
    stitcher_.expect_output(0, points);
  }

  void edit(const FrameFacts& facts, TempFrame& temp) override {
    for (const core::Face& face : facts.selected) {
      edit_face(face, temp.frame);
    }
    report_frame("face_editor", temp, site_);
  }

 private:
  // spec: portrait-frame-processors.md 4.3
  void edit_face(const core::Face& face, core::ImageView frame) {
    const core::Landmark5 points = ops::scale_about_nose(face.landmarks.five_of_68, kCropScale);
    const core::Size size{kPortraitCrop, kPortraitCrop};
    const auto crop = analysers::crop_face(frame, points, ops::WarpTemplate::kFfhq512, size, site_);
    if (!crop) {
      return;
    }
    const ops::PortraitMotion motion = portrait_.read(crop->image);
    const PortraitPoints from = ops::portrait_points(motion, ops::head_rotation(motion.angles), motion.expression);
    const PortraitPoints to = edited_points(motion, from, face.landmarks.sixty_eight);
    const device::Picture painted = portrait_.paint(from, stitch(to, from));
    FaceMasks masks;
    masks.add_view(masker_.box_mask(size));
    paste_face(site_, frame, painted, masks.combined(site_, size), crop->matrix);
  }

  PortraitPoints edited_points(const ops::PortraitMotion& motion, const PortraitPoints& from,
                               const core::Landmark68& landmark) {
    PortraitPoints expression = motion.expression;
    edit_expression(expression, sliders_);
    ops::limit_expression(expression);
    const ops::HeadRotation rotation = ops::head_rotation(edit_angles(motion.angles, sliders_));
    PortraitPoints to = ops::portrait_points(motion, rotation, expression);
    if (eyes_) {
      const double wanted = sliders_.eye_open_ratio < 0 ? 0 : kEyesOpen;
      const PortraitPoints delta =
          eyes_->run(from, {ops::left_eye_ratio(landmark), ops::right_eye_ratio(landmark), wanted});
      add_scaled(to, delta, std::abs(sliders_.eye_open_ratio));
    }
    if (lips_) {
      const double wanted = sliders_.lip_open_ratio < 0 ? 0 : kLipsOpen;
      add_scaled(to, lips_->run(from, {ops::lip_ratio(landmark), wanted}), std::abs(sliders_.lip_open_ratio));
    }
    return to;
  }

  // Points that fit the shoulders and neck around the face, on the site.
  std::span<const float> stitch(const PortraitPoints& to, const PortraitPoints& from) {
    bring_points(site_, stitcher_.input("source").on<float>(site_), to);
    bring_points(site_, stitcher_.input("target").on<float>(site_), from);
    stitcher_.run_on(site_);
    return stitcher_.output(0).on<const float>(site_);
  }

  FaceSliders sliders_;
  device::Site site_;
  analysers::Masker masker_;
  LivePortrait portrait_;
  std::optional<Retargeter> eyes_;
  std::optional<Retargeter> lips_;
  runtime::Session stitcher_;
};

class FaceEditor final : public Processor {
 public:
  explicit FaceEditor(const FaceEditorOptions& options) : options_(options) {}

  std::string_view name() const override { return "face_editor"; }
  bool works_on_site() const override { return true; }

  Needs needs() const override { return {.target_faces = true}; }

  std::vector<models::ModelFile> model_files() const override {
    std::vector<models::ModelFile> files;
    for (const PortraitPart part : {PortraitPart::kFeatures, PortraitPart::kMotion, PortraitPart::kEyeRetargeter,
                                    PortraitPart::kLipRetargeter, PortraitPart::kStitcher, PortraitPart::kGenerator}) {
      files.push_back(portrait_file(part));
    }
    return files;
  }

  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<FrameEditor>(context, options_);
  }

 private:
  FaceEditorOptions options_;
};

}  // namespace

std::unique_ptr<Processor> make_face_editor(const core::OptionValues& values) {
  return std::make_unique<FaceEditor>(FaceEditorOptions::from(values));
}

}  // namespace facegraph::processors
