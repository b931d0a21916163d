#include "processors/lip_syncer/lip_syncer.hpp"

#include <algorithm>
#include <utility>

#include "analysers/shared/crop.hpp"
#include "ops/face/face.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/tensor/tensor.hpp"
#include "processors/lip_syncer/voice_tensor.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

using ops::ChannelOrder;

constexpr core::Size kCropSize{512, 512};

class FrameLipSyncer final : public FrameProcessor {
 public:
  FrameLipSyncer(const analysers::Context& context, const LipSyncerOptions& options)
      : model_(options.model),
        weight_(options.weight),
        masker_(context, options.masker),
        table_(ops::value_table({0, 0, 0}, {1, 1, 1})) {
    const std::int64_t size = model_.size;
    std::vector<runtime::InputSpec> inputs{{"source", {1, 1, core::kMelBands, core::kMelColumns}}};
    if (model_.type == LipSyncerType::kEdtalk) {
      inputs.push_back({"target", {1, 3, size, size}});
      inputs.push_back({"weight", {1}});
    } else {
      inputs.push_back({"target", {1, 6, size, size}});
    }
    session_ = context.open("lip_syncer", model_.file, inputs);
    session_.expect_output(0, {1, 3, size, size});
    if (model_.type == LipSyncerType::kEdtalk) {
      session_.input("weight").as<float>()[0] = weight_;
    }
  }

  void process_frame(const FrameFacts& facts, TempFrame& temp) override {
    to_voice_input(session_.input("source").as<float>(), facts.voice, model_.type, weight_);
    for (const core::Face& face : facts.selected) {
      sync_face(face, temp.frame);
    }
    report_frame("lip_syncer", temp);
  }

 private:
  // spec: portrait-frame-processors.md 6.5
  void sync_face(const core::Face& face, core::ImageView frame) {
    const auto crop = analysers::crop_face(frame, face.landmarks.five_of_68, ops::WarpTemplate::kFfhq512, kCropSize);
    if (!crop) {
      return;
    }
    core::Landmark68 landmark = face.landmarks.sixty_eight;
    ops::transform_points(crop->matrix, landmark);
    FaceMasks masks;
    if (masker_.options().occlusion) {
      masks.add(masker_.occlusion_mask(crop->image));
    }
    if (masker_.options().box) {
      masks.add_view(masker_.box_mask(kCropSize));
    } else {
      masks.add(masker_.area_mask(kCropSize, landmark));
    }
    device::Picture painted = core::Image(kCropSize, 3);
    if (model_.type == LipSyncerType::kEdtalk) {
      paint_face(painted, crop->image);
    } else if (!paint_box(painted, crop->image, ops::bounding_box_of(landmark))) {
      return;
    }
    paste_face(masker_.site(), frame, painted, masks.combined(masker_.site(), kCropSize), crop->matrix);
  }

  void paint_face(core::ImageView painted, core::ConstImageView crop) {
    core::Image picture(model_.size, model_.size, 3);
    ops::resize(picture, crop, ops::Interpolation::kArea);
    ops::to_tensor(session_.input("target").as<float>(), picture, table_, ChannelOrder::kRgb, ops::Layout::kChw);
    session_.run();
    ops::to_image(picture, session_.output(0).as<const float>(), 0, 1);
    ops::resize(painted, picture, ops::Interpolation::kCubic);
  }

  // The network sees the box twice, once without its lower half. False where the box has no area: such a face is left
  // as it is. Beyond the box the edge goes on; the mask hides it.
  bool paint_box(core::ImageView painted, core::ConstImageView crop, const core::BoundingBox& box) {
    const auto matrix = ops::box_to_crop(box, {model_.size, model_.size});
    if (!matrix) {
      return false;
    }
    core::Image picture(model_.size, model_.size, 3);
    ops::warp_affine(picture, crop, *matrix, ops::Border::kConstant);
    const auto target = session_.input("target").as<float>();
    const std::size_t half = target.size() / 2;
    ops::to_tensor(target.subspan(half), picture, table_, ChannelOrder::kBgr, ops::Layout::kChw);
    std::copy_n(target.begin() + static_cast<std::ptrdiff_t>(half), half, target.begin());
    const std::size_t plane = half / 3;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      std::ranges::fill(target.subspan(channel * plane + plane / 2, plane / 2), 0.0F);
    }
    session_.run();
    ops::to_image(picture, session_.output(0).as<const float>(), 0, 1, ChannelOrder::kBgr);
    ops::warp_affine(painted, picture, ops::invert(*matrix), ops::Border::kReplicate);
    return true;
  }

  LipSyncerModel model_;
  float weight_;
  analysers::Masker masker_;
  ops::ValueTable table_;
  runtime::Session session_;
};

class LipSyncer final : public Processor {
 public:
  explicit LipSyncer(LipSyncerOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "lip_syncer"; }

  Needs needs() const override { return {.source_audio = true, .target_faces = true}; }

  std::vector<models::ModelFile> model_files() const override {
    std::vector<models::ModelFile> files = analysers::masker_models(options_.masker);
    files.push_back(options_.model.file);
    return files;
  }

  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<FrameLipSyncer>(context, options_);
  }

 private:
  LipSyncerOptions options_;
};

}  // namespace

std::unique_ptr<Processor> make_lip_syncer(const core::OptionValues& values) {
  return std::make_unique<LipSyncer>(LipSyncerOptions::from(values));
}

}  // namespace facegraph::processors
