#include "processors/background_remover/background_remover.hpp"

#include <utility>

#include "core/base/error.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/tensor/tensor.hpp"
#include "processors/shared/model_name.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

class BackgroundRemover final : public FrameProcessor {
 public:
  BackgroundRemover(const analysers::Context& context, const BackgroundRemoverOptions& options)
      : options_(options),
        table_(ops::value_table(options.model.mean, options.model.standard_deviation)),
        small_frame_(options.model.size, 3),
        small_mask_(options.model.size, 1) {
    const BackgroundRemoverModel& model = options_.model;
    const std::int64_t width = model.size.width;
    const std::int64_t height = model.size.height;
    const std::int64_t planes = model.type == RemoverType::kKeyer ? 4 : 3;
    session_ = context.open("background_remover", model.file, {{"input", {1, planes, height, width}}});
    if (model.type == RemoverType::kClasses) {
      session_.expect_output(0, {1, -1, height, width});
    } else {
      expect_matte();
    }
    if (model.type == RemoverType::kKeyer) {
      session_.expect_output(1, {1, 3, height, width});
    }
  }

  void process_frame(const FrameFacts&, TempFrame& temp) override {
    prepare(temp.frame);
    session_.run();
    if (options_.model.type == RemoverType::kKeyer) {
      replace_by_foreground(temp.frame);
    }
    core::Image mask = find_mask(temp.frame.size());
    ops::despill(temp.frame, options_.despill);
    ops::fill_background(temp.frame, mask, options_.fill);
    if (!temp.mask.empty()) {
      ops::intersect_masks(mask, temp.mask);
    }
    temp.mask = std::move(mask);
    report_frame("background_remover", temp);
  }

 private:
  std::size_t pixels() const {
    return static_cast<std::size_t>(options_.model.size.width) * options_.model.size.height;
  }

  // One value per pixel, whatever axes of one stand around them.
  void expect_matte() const {
    const runtime::Tensor& matte = session_.output(0);
    if (matte.size() != pixels()) {
      core::fail(core::ErrorCode::kFailed,
                 "{}: output `{}` is {}, expected one plane of {}x{}; choose a model of the right family",
                 options_.model.file.name, matte.name, runtime::describe(matte.shape), options_.model.size.width,
                 options_.model.size.height);
    }
  }

  void prepare(core::ConstImageView frame) {
    const auto input = session_.input("input").as<float>();
    ops::resize(small_frame_, frame);
    ops::to_tensor(input.first(3 * pixels()), small_frame_, table_, ops::ChannelOrder::kRgb, ops::Layout::kChw);
    if (options_.model.type == RemoverType::kKeyer) {
      ops::green_to_hint(input.last(pixels()), frame, options_.model.size);
    }
  }

  void replace_by_foreground(core::ImageView frame) {
    ops::to_image(small_frame_, session_.output(1).as<const float>(), 0, 1);
    ops::resize(frame, small_frame_);
  }

  core::Image find_mask(core::Size size) {
    const auto output = session_.output(0).as<const float>();
    if (options_.model.type == RemoverType::kClasses) {
      ops::classes_to_mask(small_mask_, output);
    } else {
      ops::matte_to_mask(small_mask_, output);
    }
    core::Image mask(size, 1);
    ops::resize(mask, small_mask_);
    return mask;
  }

  BackgroundRemoverOptions options_;
  ops::ValueTable table_;
  core::Image small_frame_;  // at the network's size
  core::Image small_mask_;
  runtime::Session session_;
};

class BackgroundRemoverProcessor final : public Processor {
 public:
  explicit BackgroundRemoverProcessor(BackgroundRemoverOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "background_remover"; }
  Needs needs() const override { return {}; }
  bool makes_alpha() const override { return true; }
  std::vector<models::ModelFile> model_files() const override { return {options_.model.file}; }
  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<BackgroundRemover>(context, options_);
  }

 private:
  BackgroundRemoverOptions options_;
};

}  // namespace

std::unique_ptr<Processor> make_background_remover(const core::OptionValues& values) {
  return std::make_unique<BackgroundRemoverProcessor>(BackgroundRemoverOptions::from(values));
}

}  // namespace facegraph::processors
