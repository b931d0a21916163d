#include "processors/face_swapper/face_swapper.hpp"

#include <algorithm>

#include "analysers/shared/crop.hpp"
#include "analysers/shared/options.hpp"
#include "core/base/error.hpp"
#include "ops/site/site.hpp"
#include "processors/face_swapper/identity.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

class FrameSwapper final : public FrameProcessor {
 public:
  FrameSwapper(const analysers::Context& context, const FaceSwapperOptions& options, const Sources& sources)
      : options_(options),
        site_(context.site),
        masker_(context, options.masker),
        table_(site_, ops::value_table(options.model.mean, options.model.standard_deviation)) {
    open_session(context);
    const SwapperModel& model = options_.model;
    if (model.takes_source_picture()) {
      prepare_source_picture(sources);
    } else if (const auto source = source_face(sources)) {
      identity_ = source_identity(context, model, *source);
    }
  }

  void process_frame(const FrameFacts& facts, TempFrame& temp) override {
    for (const core::Face& face : facts.selected) {
      swap_face(face, temp.frame);
    }
    report_frame("face_swapper", temp, site_);
  }

 private:
  void open_session(const analysers::Context& context) {
    const SwapperModel& model = options_.model;
    const std::int64_t size = model.size;
    std::vector<runtime::InputSpec> inputs{{.name = "target",
                                            .shape = {1, 3, size, size},
                                            .low = -model.mean[0] / model.standard_deviation[0],
                                            .high = (1 - model.mean[0]) / model.standard_deviation[0]}};
    if (model.takes_source_picture()) {
      const std::int64_t source = source_picture_size();
      inputs.push_back({"source", {1, 3, source, source}});
    } else {
      // Identities of about unit length.
      inputs.push_back({.name = "source", .shape = {1, core::kEmbeddingSize}, .low = -0.1, .high = 0.1});
    }
    session_ = context.open("face_swapper", model.file, inputs);
    session_.expect_output(0, {1, 3, size, size});
  }

  int source_picture_size() const { return options_.model.type == SwapperType::kBlendswap ? 112 : 256; }

  // The picture and the landmarks of the first source that has a face (the reference may take them from two different
  // ones).
  void prepare_source_picture(const Sources& sources) {
    const auto source = std::find_if(sources.pictures.begin(), sources.pictures.end(),
                                     [](const SourcePicture& picture) { return !picture.faces.empty(); });
    const bool blendswap = options_.model.type == SwapperType::kBlendswap;
    const auto name = blendswap ? ops::WarpTemplate::kArcface112V2 : ops::WarpTemplate::kFfhq512;
    const int size = source_picture_size();
    const auto crop =
        analysers::crop_face(source->image, source->faces.front().landmarks.five_of_68, name, {size, size});
    if (!crop) {
      core::fail(core::ErrorCode::kRefused,
                 "face_swapper: the source's face cannot be cut out; choose another source picture");
    }
    ops::to_tensor(session_.input("source").as<float>(), crop->image, ops::value_table({0, 0, 0}, {1, 1, 1}),
                   ops::ChannelOrder::kRgb, ops::Layout::kChw);
    bring_source();
  }

  // What was written into the input's host half to where the site reads it.
  void bring_source() {
    site_.fill(session_.input("source").on<float>(site_), session_.input("source").as<const float>());
  }

  // spec: face-processors.md 5.7
  void swap_face(const core::Face& face, core::ImageView frame) {
    const SwapperModel& model = options_.model;
    const core::Size size{options_.pixel_boost, options_.pixel_boost};
    const auto crop = analysers::crop_face(frame, face.landmarks.five_of_68, model.warp_template, size, site_);
    if (!crop) {
      return;
    }
    FaceMasks masks = masks_of_crop(masker_, crop->image);
    if (!model.takes_source_picture()) {
      const core::Embedding source = balance_identity(model, identity_, face, options_.weight);
      site_.fill(session_.input("source").on<float>(site_), std::span<const float>(source));
    }
    const device::Picture swapped = swap_crop(crop->image);
    add_masks_of_result(masks, masker_, face, crop->matrix, swapped);
    paste_face(site_, frame, swapped, masks.combined(site_, size), crop->matrix);
  }

  // Tile by tile at the model's size; float, 0..255, not rounded.
  device::Picture swap_crop(core::ConstImageView crop) {
    const int side = options_.model.size;
    const int factor = options_.pixel_boost / side;
    const core::Depth depth = options_.model.signed_output() ? core::Depth::kF64 : core::Depth::kF32;
    device::Picture swapped = site_.picture(crop.size(), 3, depth);
    if (factor == 1) {
      forward(swapped, crop);
      return swapped;
    }
    device::Picture tile = site_.picture({side, side}, 3);
    device::Picture result = site_.picture({side, side}, 3, depth);
    for (int a = 0; a < factor; ++a) {
      for (int b = 0; b < factor; ++b) {
        ops::implode_tile(site_, tile, crop, factor, a, b);
        forward(result, tile);
        ops::explode_tile(site_, swapped, result, factor, a, b);
      }
    }
    return swapped;
  }

  void forward(core::ImageView out, core::ConstImageView tile) {
    ops::to_tensor(site_, session_.input("target").on<float>(site_), tile, table_, ops::ChannelOrder::kRgb,
                   ops::Layout::kChw);
    session_.run_on(site_);
    const auto output = session_.output(0).on<const float>(site_);
    const SwapperModel& model = options_.model;
    if (model.signed_output()) {
      ops::to_image(site_, out, output, model.mean[0], model.standard_deviation[0]);
    } else {
      ops::to_image(site_, out, output, 0, 1);
    }
  }

  FaceSwapperOptions options_;
  device::Site site_;
  analysers::Masker masker_;
  ops::SiteTable table_;
  runtime::Session session_;
  core::Embedding identity_{};
};

class FaceSwapper final : public Processor {
 public:
  explicit FaceSwapper(FaceSwapperOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "face_swapper"; }
  bool works_on_site() const override { return true; }

  Needs needs() const override {
    return {.source_image = true,
            .source_face = true,
            .target_faces = true,
            .target_embeddings = takes_target_identity(options_.model, options_.weight)};
  }

  std::vector<models::ModelFile> model_files() const override {
    std::vector<models::ModelFile> files = analysers::masker_models(options_.masker);
    files.push_back(options_.model.file);
    if (options_.model.converter) {
      files.push_back(*options_.model.converter);
    }
    return files;
  }

  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources& sources) const override {
    return std::make_unique<FrameSwapper>(context, options_, sources);
  }

 private:
  FaceSwapperOptions options_;
};

}  // namespace

FaceSwapperOptions FaceSwapperOptions::from(const core::OptionValues& values) {
  FaceSwapperOptions options;
  options.model = swapper_model(values.string("face-swapper-model"));
  const std::string& boost = values.string("face-swapper-pixel-boost");
  options.pixel_boost = analysers::unpack_size(boost).width;
  options.weight = values.number("face-swapper-weight");
  options.masker = analysers::MaskerOptions::from(values);
  if (options.pixel_boost % options.model.size != 0) {
    core::fail(core::ErrorCode::kRefused,
               "face_swapper: pixel boost {} is no multiple of the {} pixels of {}; choose another pixel boost", boost,
               options.model.size, options.model.file.name);
  }
  return options;
}

std::unique_ptr<Processor> make_face_swapper(const core::OptionValues& values) {
  return std::make_unique<FaceSwapper>(FaceSwapperOptions::from(values));
}

}  // namespace facegraph::processors
