#include "processors/lip_syncer/lip_syncer.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "analysers/shared/crop.hpp"
#include "ops/face/face.hpp"
#include "ops/site/site.hpp"
#include "processors/lip_syncer/voice_tensor.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/face_runs.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

using ops::ChannelOrder;

constexpr core::Size kCropSize{512, 512};
constexpr auto kTemplate = ops::WarpTemplate::kFfhq512;
constexpr core::Affine kIdentity{{1, 0, 0, 0, 1, 0}};

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
    const auto open = [this, context](const std::vector<runtime::InputSpec>& specs) {
      runtime::Session session = context.open("lip_syncer", model_.file, specs);
      session.expect_output(0, {specs.front().shape.front(), 3, model_.size, model_.size});
      return session;
    };
    sessions_ = {open, inputs, faces_at_once(context), [this](runtime::Session& session) { settle(session); },
                 context.pool.same_together()};
  }

  void process_frames(std::span<const Work> frames) override {
    for_each_run(sessions_, frames, {kTemplate, kCropSize},
                 [&](std::span<const FacePart> faces, runtime::Session& session) { sync_faces(faces, session); });
    for (const Work& frame : frames) {
      report_frame("lip_syncer", *frame.temp, site_);
    }
  }

 private:
  // A face that was cut out.
  struct Cut {
    analysers::FaceCrop crop;
    FaceMasks masks;
    std::optional<core::Affine> to_box = {};  // from the crop, for a network that sees a box of it
  };

  void settle(runtime::Session& session) {
    if (model_.type == LipSyncerType::kEdtalk) {
      site_.fill(session.input("weight").on<float>(site_), std::span<const float>(&weight_, 1));
    } else {
      const auto target = session.input("target").on<float>(site_);  // of what it sees first, half stays dark
      site_.fill(target, std::span<const float>(std::vector<float>(target.size())));
    }
  }

  // spec: portrait-frame-processors.md 6.5
  void sync_faces(std::span<const FacePart> faces, runtime::Session& session) {
    std::vector<Cut> cuts;
    for (const FacePart& part : faces) {
      std::array<float, std::tuple_size_v<core::MelFrame>> voice;
      to_voice_input(voice, part.frame->facts->voice, model_.type, weight_);
      site_.fill(session.input("source").item_on<float>(site_, cuts.size()), std::span<const float>(voice));
      auto crop = analysers::crop_face(part.pixels(), part.face->landmarks.five_of_68, kTemplate, kCropSize, site_);
      core::Landmark68 landmark = part.face->landmarks.sixty_eight;
      ops::transform_points(crop->matrix, landmark);
      FaceMasks masks = masks_of(crop->image, landmark);
      cuts.push_back({std::move(*crop), std::move(masks)});
      feed(cuts.back(), ops::bounding_box_of(landmark), session.input("target").item_on<float>(site_, cuts.size() - 1));
    }
    session.run_on(site_);
    for (std::size_t i = 0; i < cuts.size(); ++i) {
      const device::Picture painted = painted_crop(cuts[i], session.output(0).item_on<const float>(site_, i));
      if (!painted.empty()) {
        paste_face(site_, faces[i].pixels(), painted, cuts[i].masks.combined(site_, kCropSize), cuts[i].crop.matrix);
      }
    }
  }

  FaceMasks masks_of(core::ConstImageView crop, const core::Landmark68& landmark) {
    FaceMasks masks;
    if (masker_.options().occlusion) {
      masks.add(masker_.occlusion_mask(crop));
    }
    if (masker_.options().box) {
      masks.add_view(masker_.box_mask(kCropSize));
    } else {
      masks.add(masker_.area_mask(kCropSize, landmark));
    }
    return masks;
  }

  void feed(Cut& cut, const core::BoundingBox& box, std::span<float> target) {
    const core::Size size{model_.size, model_.size};
    if (model_.type == LipSyncerType::kEdtalk) {
      to_tensor(target, ops::resize(site_, cut.crop.image, size, ops::Interpolation::kArea), ChannelOrder::kRgb);
    } else {
      cut.to_box = ops::box_to_crop(box, size);
      feed_box(target,
               ops::warp_affine(site_, cut.crop.image, cut.to_box.value_or(kIdentity), size, ops::Border::kConstant));
    }
  }

  // The network sees the box twice, first without its lower half.
  void feed_box(std::span<float> target, core::ConstImageView box) {
    const int side = model_.size;
    to_tensor(target.subspan(target.size() / 2), box, ChannelOrder::kBgr);
    const core::ImageView planes = ops::as_plane(target, {side * side, 6});  // a row each
    const int half = side * (side / 2);
    site_.copy(planes.crop(0, 0, half, 3), planes.crop(0, 3, half, 3));
  }

  void to_tensor(std::span<float> tensor, core::ConstImageView picture, ChannelOrder order) {
    ops::to_tensor(site_, tensor, picture, table_, order, ops::Layout::kChw);
  }

  // What the network made. Empty where the box has no area: such a face is left as it is. Beyond the box the edge goes
  // on; the mask hides it.
  device::Picture painted_crop(const Cut& cut, std::span<const float> made) {
    const bool whole = model_.type == LipSyncerType::kEdtalk;
    if (!whole && !cut.to_box) {
      return {};
    }
    device::Picture picture = site_.picture({model_.size, model_.size}, 3);
    ops::to_image(site_, picture, made, 0, 1, whole ? ChannelOrder::kRgb : ChannelOrder::kBgr);
    return whole ? ops::resize(site_, picture, kCropSize, ops::Interpolation::kCubic)
                 : ops::warp_affine(site_, picture, ops::invert(*cut.to_box), kCropSize, ops::Border::kReplicate);
  }

  LipSyncerModel model_;
  float weight_;
  device::Site site_;
  analysers::Masker masker_;
  ops::SiteTable table_;
  runtime::BatchedSession sessions_;
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
