#include "processors/deep_swapper/deep_swapper.hpp"

#include <array>
#include <utility>
#include <vector>

#include "analysers/shared/crop.hpp"
#include "core/base/error.hpp"
#include "models/onnx/declared_inputs.hpp"
#include "ops/site/site.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/face_runs.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

constexpr const char* kName = "deep_swapper";
constexpr const char* kFaceInput = "in_face:0";
constexpr const char* kMorphInput = "morph_value:0";
constexpr auto kTemplate = ops::WarpTemplate::kDflWholeFace;

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
    const auto open = [context, file](const std::vector<runtime::InputSpec>& specs) {
      runtime::Session session = context.open(kName, file, specs);
      expect_outputs(session);
      return session;
    };
    const auto morph = static_cast<float>(options.morph / 100.0);
    const auto settle = [this, morphs, morph](runtime::Session& session) {
      if (morphs) {
        site_.fill(session.input(kMorphInput).on<float>(site_), std::span<const float>(&morph, 1));
      }
    };
    sessions_ = {open, inputs, faces_at_once(context), settle, context.pool.same_together()};
  }

  void process_frames(std::span<const Work> frames) override {
    for_each_run(sessions_, frames, {kTemplate, size_},
                 [&](std::span<const FacePart> faces, runtime::Session& session) { swap_faces(faces, session); });
    for (const Work& frame : frames) {
      report_frame(kName, *frame.temp, site_);
    }
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

  static void expect_outputs(const runtime::Session& session) {
    if (session.output_count() != 3) {
      core::fail(core::ErrorCode::kFailed,
                 "{}: gives {} outputs, expected mask, face and mask; choose another .dfm file", session.name(),
                 session.output_count());
    }
    const runtime::Shape& face = session.input(kFaceInput).shape;
    session.expect_output(kTargetMask, {face[0], face[1], face[2], 1});
    session.expect_output(kSwappedFace, face);
    session.expect_output(kSourceMask, {face[0], face[1], face[2], 1});
  }

  // spec: face-processors.md 6.3
  void swap_faces(std::span<const FacePart> faces, runtime::Session& session) {
    std::vector<analysers::FaceCrop> crops;
    std::vector<FaceMasks> masks;
    for (const FacePart& part : faces) {
      auto crop = analysers::crop_face(part.pixels(), part.face->landmarks.five_of_68, kTemplate, size_, site_);
      masks.push_back(masks_of_crop(masker_, crop->image));
      ops::sharpened_to_tensor(site_, session.input(kFaceInput).item_on<float>(site_, crops.size()), crop->image,
                               table_, ops::ChannelOrder::kBgr, ops::Layout::kHwc);
      crops.push_back(std::move(*crop));
    }
    session.run_on(site_);
    for (std::size_t i = 0; i < faces.size(); ++i) {
      device::Picture made = site_.picture(size_, 3);
      ops::interleaved_to_picture(site_, made, session.output(kSwappedFace).item_on<const float>(site_, i));
      const std::array own_masks{mask_of(session, kSourceMask, i), mask_of(session, kTargetMask, i)};
      ops::MatchedFace swapped = ops::match_alike_face(site_, crops[i].image, made, own_masks);
      masks[i].add(std::move(swapped.mask));
      add_masks_of_result(masks[i], masker_, *faces[i].face, crops[i].matrix, swapped.colours);
      paste_face(site_, faces[i].pixels(), swapped.colours, masks[i].combined(site_, size_), crops[i].matrix);
    }
  }

  core::ConstImageView mask_of(const runtime::Session& session, std::size_t output, std::size_t item) const {
    return ops::as_plane(session.output(output).item_on<const float>(site_, item), size_);
  }

  device::Site site_;
  analysers::Masker masker_;
  ops::SiteTable table_;
  core::Size size_;
  runtime::BatchedSession sessions_;
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
