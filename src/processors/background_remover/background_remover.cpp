#include "processors/background_remover/background_remover.hpp"

#include <utility>

#include "core/base/error.hpp"
#include "ops/site/frame.hpp"
#include "processors/shared/model_name.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

class BackgroundRemover final : public FrameProcessor {
 public:
  BackgroundRemover(const analysers::Context& context, const BackgroundRemoverOptions& options)
      : options_(options),
        site_(context.site),
        table_(site_, ops::value_table(options.model.mean, options.model.standard_deviation)) {
    const BackgroundRemoverModel& model = options_.model;
    const std::int64_t width = model.size.width;
    const std::int64_t height = model.size.height;
    const std::int64_t planes = model.type == RemoverType::kKeyer ? 4 : 3;
    session_ = context.open("background_remover", model.file,
                            {{.name = "input",
                              .shape = {1, planes, height, width},
                              .low = -model.mean[0] / model.standard_deviation[0],
                              .high = (1 - model.mean[0]) / model.standard_deviation[0]}});
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
    session_.run_on(site_);
    if (options_.model.type == RemoverType::kKeyer) {
      temp.frame = foreground(temp.frame.size());
    }
    device::Picture mask = find_mask(temp.frame.size());
    ops::despill(site_, temp.frame, options_.despill);
    ops::fill_background(site_, temp.frame, mask, options_.fill);
    if (!temp.mask.empty()) {
      ops::intersect_masks(site_, mask, temp.mask);
    }
    temp.mask = std::move(mask);
    report_frame("background_remover", temp, site_);
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
    const auto input = session_.input("input").on<float>(site_);
    ops::to_tensor(site_, input.first(3 * pixels()), ops::resize(site_, frame, options_.model.size), table_,
                   ops::ChannelOrder::kRgb, ops::Layout::kChw);
    if (options_.model.type == RemoverType::kKeyer) {
      ops::green_to_hint(site_, input.last(pixels()), frame, options_.model.size);
    }
  }

  device::Picture foreground(core::Size size) {
    device::Picture small = site_.picture(options_.model.size, 3);
    ops::to_image(site_, small, session_.output(1).on<const float>(site_), 0, 1);
    return ops::resize(site_, small, size);
  }

  device::Picture find_mask(core::Size size) {
    const auto output = session_.output(0).on<const float>(site_);
    device::Picture small = site_.picture(options_.model.size, 1);
    if (options_.model.type == RemoverType::kClasses) {
      ops::classes_to_mask(site_, small, output);
    } else {
      ops::matte_to_mask(site_, small, output);
    }
    return ops::resize(site_, small, size);
  }

  BackgroundRemoverOptions options_;
  device::Site site_;
  ops::SiteTable table_;
  runtime::Session session_;
};

class BackgroundRemoverProcessor final : public Processor {
 public:
  explicit BackgroundRemoverProcessor(BackgroundRemoverOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "background_remover"; }
  bool works_on_site() const override { return true; }
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
