#include "processors/lip_syncer/lip_syncer.hpp"

#include <array>
#include <utility>
#include <vector>

#include "analysers/shared/crop.hpp"
#include "ops/face/face.hpp"
#include "ops/site/site.hpp"
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
        site_(context.site),
        masker_(context, options.masker),
        table_(site_, ops::value_table({0, 0, 0}, {1, 1, 1})) {
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
      site_.fill(session_.input("weight").on<float>(site_), std::span<const float>(&weight_, 1));
    } else {
      const auto target = session_.input("target").on<float>(site_);  // of what it sees first, half stays dark
      site_.fill(target, std::span<const float>(std::vector<float>(target.size())));
    }
  }

  void process_frame(const FrameFacts& facts, TempFrame& temp) override {
    std::array<float, std::tuple_size_v<core::MelFrame>> voice;
    to_voice_input(voice, facts.voice, model_.type, weight_);
    site_.fill(session_.input("source").on<float>(site_), std::span<const float>(voice));
    for (const core::Face& face : facts.selected) {
      sync_face(face, temp.frame);
    }
    report_frame("lip_syncer", temp, site_);
  }

 private:
  // spec: portrait-frame-processors.md 6.5
  void sync_face(const core::Face& face, core::ImageView frame) {
    const auto crop =
        analysers::crop_face(frame, face.landmarks.five_of_68, ops::WarpTemplate::kFfhq512, kCropSize, site_);
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
    const device::Picture painted = model_.type == LipSyncerType::kEdtalk
                                        ? paint_face(crop->image)
                                        : paint_box(crop->image, ops::bounding_box_of(landmark));
    if (!painted.empty()) {
      paste_face(site_, frame, painted, masks.combined(site_, kCropSize), crop->matrix);
    }
  }

  void feed(std::span<float> tensor, core::ConstImageView picture, ChannelOrder order) {
    ops::to_tensor(site_, tensor, picture, table_, order, ops::Layout::kChw);
  }

  // What the network makes of its inputs.
  device::Picture forward(ChannelOrder order) {
    session_.run_on(site_);
    device::Picture picture = site_.picture({model_.size, model_.size}, 3);
    ops::to_image(site_, picture, session_.output(0).on<const float>(site_), 0, 1, order);
    return picture;
  }

  device::Picture paint_face(core::ConstImageView crop) {
    const device::Picture picture = ops::resize(site_, crop, {model_.size, model_.size}, ops::Interpolation::kArea);
    feed(session_.input("target").on<float>(site_), picture, ChannelOrder::kRgb);
    return ops::resize(site_, forward(ChannelOrder::kRgb), kCropSize, ops::Interpolation::kCubic);
  }

  // The network sees the box twice, first without its lower half. Empty where the box has no area: such a face is left
  // as it is. Beyond the box the edge goes on; the mask hides it.
  device::Picture paint_box(core::ConstImageView crop, const core::BoundingBox& box) {
    const int side = model_.size;
    const auto matrix = ops::box_to_crop(box, {side, side});
    if (!matrix) {
      return {};
    }
    const auto target = session_.input("target").on<float>(site_);
    feed(target.subspan(target.size() / 2),
         ops::warp_affine(site_, crop, *matrix, {side, side}, ops::Border::kConstant), ChannelOrder::kBgr);
    const core::ImageView planes = ops::as_plane(target, {side, 6 * side});  // one below the other
    for (int channel = 0; channel < 3; ++channel) {
      site_.copy(planes.crop(0, channel * side, side, side / 2), planes.crop(0, (channel + 3) * side, side, side / 2));
    }
    return ops::warp_affine(site_, forward(ChannelOrder::kBgr), ops::invert(*matrix), kCropSize,
                            ops::Border::kReplicate);
  }

  LipSyncerModel model_;
  float weight_;
  device::Site site_;
  analysers::Masker masker_;
  ops::SiteTable table_;
  runtime::Session session_;
};

class LipSyncer final : public Processor {
 public:
  explicit LipSyncer(LipSyncerOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "lip_syncer"; }
  bool works_on_site() const override { return true; }

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
