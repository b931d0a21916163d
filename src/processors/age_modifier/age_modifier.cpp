#include "processors/age_modifier/age_modifier.hpp"

#include <algorithm>
#include <utility>

#include "analysers/shared/crop.hpp"
#include "core/base/error.hpp"
#include "ops/face/face.hpp"
#include "ops/site/site.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

constexpr const char* kName = "age_modifier";
constexpr int kPasteSide = 1024;            // that styleganex's face is brought to
constexpr double kBackgroundScale = 0.875;  // of the five points about the nose, for the crop with surroundings

class FrameAgeModifier final : public OneByOneProcessor {
 public:
  FrameAgeModifier(const analysers::Context& context, const AgeModifierOptions& options)
      : options_(options),
        site_(context.site),
        masker_(context, options.masker),
        table_(site_, table_of(options.model)) {
    const AgeModel& model = options_.model;
    std::vector<runtime::InputSpec> inputs{{"target", {1, 3, model.size, model.size}}};
    if (model.family == AgeFamily::kFran) {
      inputs.push_back({"direction", {2}});
      session_ = context.open(kName, model.file, inputs);
      session_.expect_output(0, {1, 3, model.size, model.size});
    } else {
      inputs.push_back({"target_with_background", {1, 3, model.background_size, model.background_size}});
      inputs.push_back({"direction", {}});
      session_ = context.open(kName, model.file, inputs);
      const runtime::Shape& made = session_.output(0).shape;
      const std::int64_t side = made.empty() ? 0 : made.back();
      session_.expect_output(0, {1, 3, side, side});  // of any size
      const auto direction = static_cast<float>(-0.025 * options_.direction);
      site_.fill(session_.input("direction").on<float>(site_), std::span<const float>(&direction, 1));
    }
  }

  void edit(const FrameFacts& facts, TempFrame& temp) override {
    for (const core::Face& face : facts.selected) {
      if (options_.model.family == AgeFamily::kFran) {
        modify_with_fran(face, temp.frame);
      } else {
        modify_with_styleganex(face, temp.frame);
      }
    }
    report_frame(kName, temp, site_);
  }

 private:
  static ops::ValueTable table_of(const AgeModel& model) {
    const double mean = model.mean;
    const double deviation = model.standard_deviation;
    return ops::value_table({mean, mean, mean}, {deviation, deviation, deviation});
  }

  void feed(const char* input, core::ConstImageView picture) {
    ops::to_tensor(site_, session_.input(input).on<float>(site_), picture, table_, ops::ChannelOrder::kRgb,
                   ops::Layout::kChw);
  }

  // spec: face-processors.md 8.3
  void modify_with_fran(const core::Face& face, core::ImageView frame) {
    const AgeModel& model = options_.model;
    const core::Size size{model.size, model.size};
    const auto crop = analysers::crop_face(frame, face.landmarks.five_of_68, ops::WarpTemplate::kFfhq512, size, site_);
    if (!crop) {
      return;
    }
    const device::Picture mask = masks_of_crop(masker_, crop->image).combined(site_, size);
    feed("target", crop->image);
    const std::array<float, 2> ages = fran_ages(face.age.value(), options_.direction);
    site_.fill(session_.input("direction").on<float>(site_), std::span<const float>(ages));
    session_.run_on(site_);
    device::Picture modified = site_.picture(size, 3, core::Depth::kF64);
    ops::to_image(site_, modified, session_.output(0).on<const float>(site_), model.mean, model.standard_deviation);
    paste_face(site_, frame, modified, mask, crop->matrix);
  }

  // spec: face-processors.md 8.4
  void modify_with_styleganex(const core::Face& face, core::ImageView frame) {
    const AgeModel& model = options_.model;
    const core::Landmark5& points = face.landmarks.five_of_68;
    const auto crop = analysers::crop_face(frame, points, ops::WarpTemplate::kFfhq512, {model.size, model.size}, site_);
    const auto wide =
        analysers::crop_face(frame, ops::scale_about_nose(points, kBackgroundScale), ops::WarpTemplate::kStyleganex384,
                             {model.background_size, model.background_size}, site_);
    if (!crop || !wide) {
      return;
    }
    const device::Picture mask = wide_mask(*crop, *wide);
    feed("target", crop->image);
    feed("target_with_background", wide->image);
    session_.run_on(site_);
    const device::Picture modified = ops::match_colour(site_, wide->image, paste_picture());
    core::Affine matrix = wide->matrix;
    for (double& coefficient : matrix.m) {
      coefficient *= static_cast<double>(kPasteSide) / model.background_size;
    }
    paste_face(site_, frame, modified, mask, matrix);
  }

  // What the model made, at the size that it is pasted from.
  device::Picture paste_picture() {
    const runtime::Tensor& output = session_.output(0);
    const int side = static_cast<int>(output.shape.back());
    device::Picture made = site_.picture({side, side}, 3);
    ops::to_picture(site_, made, output.on<const float>(site_), ops::Rounding::kDown);
    return ops::resize(site_, made, {kPasteSide, kPasteSide}, ops::Interpolation::kArea);
  }

  // The box of the wide crop; occlusion is seen in the close one and carried over.
  device::Picture wide_mask(const analysers::FaceCrop& crop, const analysers::FaceCrop& wide) {
    const core::Size size = wide.image.size();
    FaceMasks masks;
    masks.add_view(masker_.box_mask(size));
    if (masker_.options().occlusion) {
      masks.add(ops::warp_affine(site_, masker_.occlusion_mask(crop.image),
                                 ops::compose(wide.matrix, ops::invert(crop.matrix)), size, ops::Border::kConstant));
    }
    return ops::resize(site_, masks.combined(site_, size), {kPasteSide, kPasteSide});
  }

  AgeModifierOptions options_;
  device::Site site_;
  analysers::Masker masker_;
  ops::SiteTable table_;
  runtime::Session session_;
};

class AgeModifier final : public Processor {
 public:
  explicit AgeModifier(AgeModifierOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return kName; }
  bool works_on_site() const override { return true; }

  Needs needs() const override {
    return {.target_faces = true, .target_classes = options_.model.family == AgeFamily::kFran};
  }

  std::vector<models::ModelFile> model_files() const override {
    std::vector<models::ModelFile> files = analysers::masker_models(options_.masker);
    files.push_back(options_.model.file);
    return files;
  }

  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<FrameAgeModifier>(context, options_);
  }

 private:
  AgeModifierOptions options_;
};

}  // namespace

std::array<float, 2> fran_ages(core::AgeRange age, int direction) {
  const double mean = (age.start + age.end - 1) / 2.0;
  const auto hundreds = [](double years) { return std::clamp(static_cast<float>(years) / 100, 0.0F, 1.0F); };
  return {hundreds(mean), hundreds(mean + direction)};
}

std::unique_ptr<Processor> make_age_modifier(const core::OptionValues& values) {
  return std::make_unique<AgeModifier>(AgeModifierOptions::from(values));
}

}  // namespace facegraph::processors
