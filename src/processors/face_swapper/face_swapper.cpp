#include "processors/face_swapper/face_swapper.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "analysers/shared/crop.hpp"
#include "analysers/shared/options.hpp"
#include "core/base/error.hpp"
#include "ops/site/site.hpp"
#include "processors/face_swapper/identity.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/face_runs.hpp"
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
    const SwapperModel& model = options_.model;
    if (model.takes_source_picture()) {
      source_picture_ = source_picture(sources);
    } else if (const auto source = source_face(sources)) {
      identity_ = source_identity(context, model, *source);
    }
    open_sessions(context);
  }

  void process_frames(std::span<const Work> frames) override {
    FaceQueue queue(frames, {options_.model.warp_template, crop_size()});
    for (auto faces = queue.next(sessions_.most()); !faces.empty(); faces = queue.next(sessions_.most())) {
      swap_faces(faces);
    }
    for (const Work& frame : frames) {
      report_frame("face_swapper", *frame.temp, site_);
    }
  }

 private:
  // A face that was cut out, and what becomes of it: float, 0..255, not rounded.
  struct Cut {
    analysers::FaceCrop crop;
    FaceMasks masks;
    core::Embedding source = {};
    device::Picture swapped;
  };
  // What the model sees of one at a time.
  struct Tile {
    Cut* cut = nullptr;
    int a = 0;
    int b = 0;
  };

  void open_sessions(const analysers::Context& context) {
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
    const auto open = [context, model](const std::vector<runtime::InputSpec>& specs) {
      const std::int64_t batch = specs.front().shape.front();
      if (specs.back().shape.front() != batch) {  // each face may have a source of its own
        core::fail(core::ErrorCode::kFailed, "{}: takes several targets, but one source", model.file.name);
      }
      runtime::Session session = context.open("face_swapper", model.file, specs);
      session.expect_output(0, {batch, 3, model.size, model.size});
      return session;
    };
    sessions_ = {open, inputs, faces_at_once(context), [this](runtime::Session& session) { settle(session); },
                 context.pool.same_together()};
  }

  core::Size crop_size() const { return {options_.pixel_boost, options_.pixel_boost}; }
  int source_picture_size() const { return options_.model.type == SwapperType::kBlendswap ? 112 : 256; }

  // The picture and the landmarks of the first source that has a face (the reference may take them from two different
  // ones).
  std::vector<float> source_picture(const Sources& sources) const {
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
    std::vector<float> tensor(static_cast<std::size_t>(3) * size * size);
    ops::to_tensor(tensor, crop->image, ops::value_table({0, 0, 0}, {1, 1, 1}), ops::ChannelOrder::kRgb,
                   ops::Layout::kChw);
    return tensor;
  }

  // A source picture is the same for all faces.
  void settle(runtime::Session& session) {
    for (std::size_t i = 0; i < session.batch() && !source_picture_.empty(); ++i) {
      site_.fill(session.input("source").item_on<float>(site_, i), std::span<const float>(source_picture_));
    }
  }

  // spec: face-processors.md 5.7
  void swap_faces(std::span<const FacePart> faces) {
    const SwapperModel& model = options_.model;
    const core::Depth depth = model.signed_output() ? core::Depth::kF64 : core::Depth::kF32;
    std::vector<Cut> cuts;
    for (const FacePart& part : faces) {
      auto crop =
          analysers::crop_face(part.pixels(), part.face->landmarks.five_of_68, model.warp_template, crop_size(), site_);
      FaceMasks masks = masks_of_crop(masker_, crop->image);
      Cut& cut = cuts.emplace_back(Cut{std::move(*crop), std::move(masks), {}, site_.picture(crop_size(), 3, depth)});
      if (!model.takes_source_picture()) {
        cut.source = balance_identity(model, identity_, *part.face, options_.weight);
      }
    }
    swap_crops(cuts);
    for (std::size_t i = 0; i < faces.size(); ++i) {
      Cut& cut = cuts[i];
      add_masks_of_result(cut.masks, masker_, *faces[i].face, cut.crop.matrix, cut.swapped);
      paste_face(site_, faces[i].pixels(), cut.swapped, cut.masks.combined(site_, crop_size()), cut.crop.matrix);
    }
  }

  // Tile by tile at the model's size.
  void swap_crops(std::span<Cut> cuts) {
    std::vector<Tile> tiles;
    const int factor = options_.pixel_boost / options_.model.size;
    for (Cut& cut : cuts) {
      for (int a = 0; a < factor; ++a) {
        for (int b = 0; b < factor; ++b) {
          tiles.push_back({&cut, a, b});
        }
      }
    }
    for_each_run(sessions_, std::span<const Tile>(tiles),
                 [&](std::span<const Tile> together, runtime::Session& session) {
                   for (std::size_t i = 0; i < together.size(); ++i) {
                     feed(session, i, together[i], factor);
                   }
                   session.run_on(site_);
                   for (std::size_t i = 0; i < together.size(); ++i) {
                     take(session.output(0).item_on<const float>(site_, i), together[i], factor);
                   }
                 });
  }

  void feed(const runtime::Session& session, std::size_t item, const Tile& tile, int factor) {
    const auto target = session.input("target").item_on<float>(site_, item);
    const core::Size side{options_.model.size, options_.model.size};
    const device::Picture& crop = tile.cut->crop.image;
    if (factor == 1) {
      to_tensor(target, crop);
    } else {
      device::Picture picture = site_.picture(side, 3);
      ops::implode_tile(site_, picture, crop, factor, tile.a, tile.b);
      to_tensor(target, picture);
    }
    if (!options_.model.takes_source_picture()) {
      site_.fill(session.input("source").item_on<float>(site_, item), std::span<const float>(tile.cut->source));
    }
  }

  void to_tensor(std::span<float> tensor, core::ConstImageView picture) {
    ops::to_tensor(site_, tensor, picture, table_, ops::ChannelOrder::kRgb, ops::Layout::kChw);
  }

  void take(std::span<const float> output, const Tile& tile, int factor) {
    device::Picture& swapped = tile.cut->swapped;
    if (factor == 1) {
      to_image(swapped, output);
      return;
    }
    device::Picture result = site_.picture({options_.model.size, options_.model.size}, 3, swapped.depth());
    to_image(result, output);
    ops::explode_tile(site_, swapped, result, factor, tile.a, tile.b);
  }

  void to_image(core::ImageView out, std::span<const float> output) {
    const SwapperModel& model = options_.model;
    const bool is_signed = model.signed_output();
    ops::to_image(site_, out, output, is_signed ? model.mean[0] : 0, is_signed ? model.standard_deviation[0] : 1);
  }

  FaceSwapperOptions options_;
  device::Site site_;
  analysers::Masker masker_;
  ops::SiteTable table_;
  core::Embedding identity_{};
  std::vector<float> source_picture_;  // of a model that takes no identity
  runtime::BatchedSession sessions_;
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
