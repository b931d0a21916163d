#include "processors/frame_enhancer/frame_enhancer.hpp"

#include <utility>

#include "ops/blend/blend.hpp"
#include "ops/site/frame.hpp"
#include "processors/shared/model_name.hpp"
#include "processors/shared/report.hpp"

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
    session_ = context.open("frame_enhancer", model_.file, {{"input", {1, 3, side, side}}});
    session_.expect_output(0, {1, 3, side * model_.scale, side * model_.scale});
  }

  void process_frame(const FrameFacts&, TempFrame& temp) override {
    const core::Size size{temp.frame.width() * model_.scale, temp.frame.height() * model_.scale};
    device::Picture enlarged = share_ < 1 ? ops::resize(site_, temp.frame, size) : site_.picture(size, 3);
    const ops::TileGrid grid(temp.frame.size(), model_.tile);
    for (int row = 0; row < grid.rows(); ++row) {
      for (int column = 0; column < grid.columns(); ++column) {
        enhance(enlarged, temp.frame, grid.tile(row, column));
      }
    }
    temp.frame = std::move(enlarged);
    if (!temp.mask.empty()) {
      temp.mask = ops::resize(site_, temp.mask, size);
    }
    report_frame("frame_enhancer", temp, site_);
  }

 private:
  void enhance(core::ImageView enlarged, core::ConstImageView frame, const ops::Tile& tile) {
    const int scale = model_.scale;
    ops::tile_to_tensor(site_, session_.input("input").on<float>(site_), frame, tile, model_.tile.side, table_);
    session_.run_on(site_);
    const core::ImageView target =
        enlarged.crop(scale * tile.left, scale * tile.top, scale * tile.width, scale * tile.height);
    const core::ImageView core = share_ < 1 ? core_.view().crop(0, 0, target.width, target.height) : target;
    ops::tensor_to_core(site_, core, session_.output(0).on<const float>(site_), tile, model_.tile.side, scale);
    if (share_ < 1) {
      ops::blend(site_, target, target, core, share_);
    }
  }

  FrameEnhancerModel model_;
  double share_;
  device::Site site_;
  ops::SiteTable table_;
  device::Picture core_;  // of a tile, before it is mixed in
  runtime::Session session_;
};

class FrameEnhancerProcessor final : public Processor {
 public:
  explicit FrameEnhancerProcessor(FrameEnhancerOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "frame_enhancer"; }
  bool works_on_site() const override { return true; }
  Needs needs() const override { return {}; }
  std::vector<models::ModelFile> model_files() const override { return {options_.model.file}; }
  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<FrameEnhancer>(context, options_);
  }

 private:
  FrameEnhancerOptions options_;
};

}  // namespace

FrameEnhancerOptions FrameEnhancerOptions::from(const core::OptionValues& values) {
  return {.model = frame_enhancer_model(model_name(values, "frame_enhancer")),
          .share = ops::share_of_percent(static_cast<double>(values.integer("frame-enhancer-blend")))};
}

std::unique_ptr<Processor> make_frame_enhancer(const core::OptionValues& values) {
  return std::make_unique<FrameEnhancerProcessor>(FrameEnhancerOptions::from(values));
}

}  // namespace facegraph::processors
