#include "processors/deep_swapper/deep_swapper.hpp"

#include <utility>

#include "analysers/shared/crop.hpp"
#include "core/base/error.hpp"
#include "models/onnx/declared_inputs.hpp"
#include "ops/site/site.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

constexpr const char* kName = "deep_swapper";
constexpr const char* kFaceInput = "in_face:0";
constexpr const char* kMorphInput = "morph_value:0";

// Outputs by position.
constexpr std::size_t kTargetMask = 0;
constexpr std::size_t kSwappedFace = 1;
constexpr std::size_t kSourceMask = 2;

class FrameDeepSwapper final : public FrameProcessor {
 public:
  FrameDeepSwapper(const analysers::Context& context, const DeepSwapperOptions& options)
      : site_(context.site), masker_(context, options.masker), table_(site_, ops::value_table({0, 0, 0}, {1, 1, 1})) {
    const models::ModelFile& file = options.model;
    const auto declared = models::declared_inputs(context.store.path(file));
    const std::int64_t side = face_side(file, declared);
    size_ = {static_cast<int>(side), static_cast<int>(side)};
    std::vector<runtime::InputSpec> inputs{{kFaceInput, {1, side, side, 3}}};
    const bool morphs = models::find_input(declared, kMorphInput) != nullptr;
    if (morphs) {
      inputs.push_back({kMorphInput, {1}});
    }
    session_ = context.open(kName, file, inputs);
    if (session_.output_count() != 3) {
      core::fail(core::ErrorCode::kFailed,
                 "{}: gives {} outputs, expected mask, face and mask; choose another .dfm file", file.name,
                 session_.output_count());
    }
    session_.expect_output(kTargetMask, {1, side, side, 1});
    session_.expect_output(kSwappedFace, {1, side, side, 3});
    session_.expect_output(kSourceMask, {1, side, side, 1});
    if (morphs) {
      const auto morph = static_cast<float>(options.morph / 100.0);
      site_.fill(session_.input(kMorphInput).on<float>(site_), std::span<const float>(&morph, 1));
    }
  }

  void process_frame(const FrameFacts& facts, TempFrame& temp) override {
    for (const core::Face& face : facts.selected) {
      swap_face(face, temp.frame);
    }
    report_frame(kName, temp, site_);
  }

 private:
  // The number in a file's name is a habit; its declaration decides.
  static std::int64_t face_side(const models::ModelFile& file, const std::vector<models::DeclaredInput>& declared) {
    const models::DeclaredInput* face = models::find_input(declared, kFaceInput);
    if (face == nullptr || face->dims.size() != 4 || face->dims[1] != face->dims[2] || face->dims[1] <= 0) {
      core::fail(core::ErrorCode::kFailed,
                 "{}: has no input `{}` for a square picture of a fixed size; choose a .dfm file of DeepFaceLive",
                 file.name, kFaceInput);
    }
    return face->dims[1];
  }

  // spec: face-processors.md 6.3
  void swap_face(const core::Face& face, core::ImageView frame) {
    const auto crop =
        analysers::crop_face(frame, face.landmarks.five_of_68, ops::WarpTemplate::kDflWholeFace, size_, site_);
    if (!crop) {
      return;
    }
    FaceMasks masks = masks_of_crop(masker_, crop->image);
    ops::to_tensor(site_, session_.input(kFaceInput).on<float>(site_), ops::sharpened(site_, crop->image), table_,
                   ops::ChannelOrder::kBgr, ops::Layout::kHwc);
    session_.run_on(site_);
    device::Picture made = site_.picture(size_, 3);
    ops::interleaved_to_picture(site_, made, session_.output(kSwappedFace).on<const float>(site_));
    const device::Picture swapped = ops::match_alike_colour(site_, crop->image, made);
    masks.add(own_mask());
    add_masks_of_result(masks, masker_, face, crop->matrix, swapped);
    paste_face(site_, frame, swapped, masks.combined(site_, size_), crop->matrix);
  }

  device::Picture own_mask() const {
    FaceMasks masks;
    for (const std::size_t output : {kSourceMask, kTargetMask}) {
      masks.add_view(ops::as_plane(session_.output(output).on<const float>(site_), size_));
    }
    return ops::shrunk_mask(site_, masks.combined(site_, size_));
  }

  device::Site site_;
  analysers::Masker masker_;
  ops::SiteTable table_;
  core::Size size_;
  runtime::Session session_;
};

class DeepSwapper final : public Processor {
 public:
  explicit DeepSwapper(DeepSwapperOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return kName; }
  bool works_on_site() const override { return true; }

  Needs needs() const override { return {.target_faces = true}; }

  std::vector<models::ModelFile> model_files() const override {
    std::vector<models::ModelFile> files = analysers::masker_models(options_.masker);
    files.push_back(options_.model);
    return files;
  }

  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<FrameDeepSwapper>(context, options_);
  }

 private:
  DeepSwapperOptions options_;
};

}  // namespace

std::unique_ptr<Processor> make_deep_swapper(const core::OptionValues& values) {
  return std::make_unique<DeepSwapper>(DeepSwapperOptions::from(values));
}

}  // namespace facegraph::processors
