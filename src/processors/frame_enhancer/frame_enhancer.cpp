#include "processors/frame_enhancer/frame_enhancer.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "ops/blend/blend.hpp"
#include "ops/site/frame.hpp"
#include "processors/shared/face_runs.hpp"
#include "processors/shared/model_name.hpp"
#include "processors/shared/model_table.hpp"
#include "processors/shared/report.hpp"
#include "runtime/session/batched_session.hpp"

namespace facegraph::processors {

namespace {

class FrameEnhancer final : public FrameProcessor {
 public:
  FrameEnhancer(const analysers::Context& context, const FrameEnhancerOptions& options)
      : model_(options.model),
        share_(options.share),
        site_(context.site),
        table_(site_, ops::value_table({0, 0, 0}, {1, 1, 1})),
        core_(site_.picture({model_.tile.core() * model_.scale, model_.tile.core() * model_.scale}, 3)) {
    const std::int64_t side = model_.tile.side;
    const std::int64_t scaled = side * model_.scale;
    const auto open = [this, context, scaled](const std::vector<runtime::InputSpec>& inputs) {
      runtime::Session session = context.open("frame_enhancer", model_.file, inputs);
      session.expect_output(0, {inputs.front().shape.front(), 3, scaled, scaled});
      return session;
    };
    sessions_ = {open,
                 {{"input", {1, 3, side, side}}},
                 site_.on_gpu() ? tiles_at_once(scaled) : 1,
                 {},
                 context.pool.same_together()};
  }

  void process_frames(std::span<const Work> frames) override {
    std::vector<device::Picture> enlarged;
    std::vector<Part> parts;
    for (const Work& frame : frames) {
      const device::Picture& picture = frame.temp->frame;
      const core::Size size{picture.width() * model_.scale, picture.height() * model_.scale};
      enlarged.push_back(share_ < 1 ? ops::resize(site_, picture, size) : site_.picture(size, 3));
      for (const ops::Tile& tile : ops::TileGrid(picture.size(), model_.tile).tiles()) {
        parts.push_back({picture, enlarged.back(), tile});
      }
    }
    for_each_run(sessions_, std::span<const Part>(parts),
                 [&](std::span<const Part> tiles, runtime::Session& session) { enhance(tiles, session); });
    for (std::size_t i = 0; i < frames.size(); ++i) {
      replace(*frames[i].temp, std::move(enlarged[i]));
    }
  }

 private:
  // A tile of a frame.
  struct Part {
    core::ConstImageView frame;
    core::ImageView enlarged;
    ops::Tile tile;
  };

  // Of a GPU's memory, results of 64 MiB; more than eight gain little.
  static std::int64_t tiles_at_once(std::int64_t side) {
    constexpr std::int64_t kBytes = 64 << 20;
    return std::clamp<std::int64_t>(kBytes / (3 * side * side * static_cast<std::int64_t>(sizeof(float))), 1, 8);
  }

  // As many tiles as the session takes.
  void enhance(std::span<const Part> tiles, runtime::Session& session) {
    for (std::size_t i = 0; i < tiles.size(); ++i) {
      ops::tile_to_tensor(site_, session.input("input").item_on<float>(site_, i), tiles[i].frame, tiles[i].tile,
                          model_.tile.side, table_);
    }
    session.run_on(site_);
    for (std::size_t i = 0; i < tiles.size(); ++i) {
      place(tiles[i].enlarged, session.output(0).item_on<const float>(site_, i), tiles[i].tile);
    }
  }

  void replace(TempFrame& temp, device::Picture enlarged) {
    temp.frame = std::move(enlarged);
    if (!temp.mask.empty()) {
      temp.mask = ops::resize(site_, temp.mask, temp.frame.size());
    }
    report_frame("frame_enhancer", temp, site_);
  }

  // The core of an enhanced tile.
  void place(core::ImageView enlarged, std::span<const float> enhanced, const ops::Tile& tile) {
    const int scale = model_.scale;
    const core::ImageView target =
        enlarged.crop(scale * tile.left, scale * tile.top, scale * tile.width, scale * tile.height);
    const core::ImageView core = share_ < 1 ? core_.view().crop(0, 0, target.width, target.height) : target;
    ops::tensor_to_core(site_, core, enhanced, tile, model_.tile.side, scale);
    if (share_ < 1) {
      ops::blend(site_, target, target, core, share_);
    }
  }

  FrameEnhancerModel model_;
  double share_;
  device::Site site_;
  ops::SiteTable table_;
  device::Picture core_;  // of a tile, before it is mixed in
  runtime::BatchedSession sessions_;
};

class FrameEnhancerProcessor final : public Processor {
 public:
  explicit FrameEnhancerProcessor(FrameEnhancerOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "frame_enhancer"; }
  bool works_on_site() const override { return true; }
  Needs needs() const override { return {}; }
  std::int64_t runs_per_frame(core::Size frame) const override {
    const ops::TileGrid grid(frame, options_.model.tile);
    return std::int64_t{grid.columns()} * grid.rows();
  }
  std::vector<models::ModelFile> model_files() const override { return {options_.model.file}; }
  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<FrameEnhancer>(context, options_);
  }

 private:
  FrameEnhancerOptions options_;
};

}  // namespace

FrameEnhancerOptions FrameEnhancerOptions::from(const core::OptionValues& values) {
  return {.model = model_of(frame_enhancer_models(models::model_set_of(values)), "frame_enhancer",
                            model_name(values, "frame_enhancer")),
          .share = ops::share_of_percent(static_cast<double>(values.integer("frame-enhancer-blend")))};
}

std::unique_ptr<Processor> make_frame_enhancer(const core::OptionValues& values) {
  return std::make_unique<FrameEnhancerProcessor>(FrameEnhancerOptions::from(values));
}

}  // namespace facegraph::processors
