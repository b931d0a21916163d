#include "processors/face_enhancer/face_enhancer.hpp"

#include <utility>
#include <vector>

#include "analysers/shared/crop.hpp"
#include "models/onnx/declared_inputs.hpp"
#include "ops/blend/blend.hpp"
#include "ops/blend/paste_back.hpp"
#include "ops/site/site.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/face_runs.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

constexpr const char* kName = "face_enhancer";

class FrameEnhancer final : public FrameProcessor {
 public:
  FrameEnhancer(const analysers::Context& context, const FaceEnhancerOptions& options)
      : options_(options),
        site_(context.site),
        masker_(context, options.masker),
        table_(site_, ops::value_table({0.5, 0.5, 0.5}, {0.5, 0.5, 0.5})) {
    const EnhancerModel& model = options_.model;
    std::vector<runtime::InputSpec> inputs{{.name = "input", .shape = {1, 3, model.size, model.size}, .low = -1}};
    const auto declared = models::declared_inputs(context.store.path(model.file));
    const bool takes_weight = models::find_input(declared, "weight") != nullptr;
    if (takes_weight) {
      inputs.push_back({"weight", {1}, runtime::ElementType::kF64});
    }
    const auto open = [context, model](const std::vector<runtime::InputSpec>& specs) {
      runtime::Session session = context.open(kName, model.file, specs);
      session.expect_output(0, specs.front().shape);
      return session;
    };
    const auto settle = [this, takes_weight](runtime::Session& session) {
      if (takes_weight) {
        site_.fill(session.input("weight").on<double>(site_), std::span<const double>(&options_.weight, 1));
      }
    };
    sessions_ = {open, inputs, faces_at_once(context), settle, context.pool.same_together()};
  }

  void process_frames(std::span<const Work> frames) override {
    const core::Size size{options_.model.size, options_.model.size};
    for_each_run(sessions_, frames, {options_.model.warp_template, size},
                 [&](std::span<const FacePart> faces, runtime::Session& session) { enhance(faces, session); });
    for (const Work& frame : frames) {
      report_frame(kName, *frame.temp, site_);
    }
  }

 private:
  // A face that was cut out.
  struct Cut {
    core::Affine matrix;
    device::Picture mask;
  };

  // spec: face-processors.md 7.3
  void enhance(std::span<const FacePart> faces, runtime::Session& session) {
    const core::Size size{options_.model.size, options_.model.size};
    std::vector<Cut> cuts;
    for (const FacePart& part : faces) {
      const auto crop = analysers::crop_face(part.pixels(), part.face->landmarks.five_of_68,
                                             options_.model.warp_template, size, site_);
      device::Picture mask = masks_of_crop(masker_, crop->image).combined(site_, size);
      ops::to_tensor(site_, session.input("input").item_on<float>(site_, cuts.size()), crop->image, table_,
                     ops::ChannelOrder::kRgb, ops::Layout::kChw);
      cuts.push_back({crop->matrix, std::move(mask)});
    }
    session.run_on(site_);
    for (std::size_t i = 0; i < faces.size(); ++i) {
      device::Picture enhanced = site_.picture(size, 3);
      ops::to_picture(site_, enhanced, session.output(0).item_on<const float>(site_, i), ops::Rounding::kNearest);
      blend_in(enhanced, cuts[i].mask, cuts[i].matrix, faces[i].pixels());
    }
  }

  // spec: face-processors.md 7.4; outside the pasted area the two pictures are the same.
  void blend_in(const device::Picture& enhanced, const device::Picture& mask, const core::Affine& matrix,
                core::ImageView frame) {
    const ops::PasteArea area = ops::paste_area(frame.size(), enhanced.size(), matrix);
    if (area.empty()) {
      return;
    }
    const core::ImageView pasted = frame.crop(area.x1, area.y1, area.x2 - area.x1, area.y2 - area.y1);
    device::Picture before = site_.picture(pasted.size(), pasted.channels);
    site_.copy(before, pasted);
    paste_face(site_, frame, enhanced, mask, matrix);
    ops::blend(site_, pasted, before, pasted, ops::share_of_percent(options_.blend));
  }

  FaceEnhancerOptions options_;
  device::Site site_;
  analysers::Masker masker_;
  ops::SiteTable table_;
  runtime::BatchedSession sessions_;
};

class FaceEnhancer final : public Processor {
 public:
  explicit FaceEnhancer(FaceEnhancerOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return kName; }
  bool works_on_site() const override { return true; }

  Needs needs() const override { return {.target_faces = true}; }

  std::vector<models::ModelFile> model_files() const override {
    std::vector<models::ModelFile> files = analysers::masker_models(options_.masker);
    files.push_back(options_.model.file);
    return files;
  }

  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<FrameEnhancer>(context, options_);
  }

 private:
  FaceEnhancerOptions options_;
};

}  // namespace

std::unique_ptr<Processor> make_face_enhancer(const core::OptionValues& values) {
  return std::make_unique<FaceEnhancer>(FaceEnhancerOptions::from(values));
}

}  // namespace facegraph::processors
