#include "processors/background_remover/background_remover.hpp"

#include <utility>

#include "core/base/error.hpp"
#include "ops/site/frame.hpp"
#include "processors/shared/face_runs.hpp"
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
    const auto open = [this, context](const std::vector<runtime::InputSpec>& inputs) {
      runtime::Session session = context.open("background_remover", options_.model.file, inputs);
      expect_outputs(session);
      return session;
    };
    sessions_ = {open,
                 {{.name = "input",
                   .shape = {1, planes, height, width},
                   .low = -model.mean[0] / model.standard_deviation[0],
                   .high = (1 - model.mean[0]) / model.standard_deviation[0]}},
                 context.pool.frames_at_once(),
                 {},
                 context.pool.same_together()};
  }

  void process_frames(std::span<const Work> frames) override {
    for_each_run(sessions_, frames, [&](std::span<const Work> together, runtime::Session& session) {
      for (std::size_t i = 0; i < together.size(); ++i) {
        prepare(session.input("input").item_on<float>(site_, i), together[i].temp->frame);
      }
      session.run_on(site_);
      for (std::size_t i = 0; i < together.size(); ++i) {
        remove(*together[i].temp, session, i);
      }
    });
  }

 private:
  std::size_t pixels() const {
    return static_cast<std::size_t>(options_.model.size.width) * options_.model.size.height;
  }

  void expect_outputs(const runtime::Session& session) const {
    const auto [width, height] = options_.model.size;
    const auto batch = static_cast<std::int64_t>(session.batch());
    if (options_.model.type == RemoverType::kClasses) {
      session.expect_output(0, {batch, -1, height, width});
    } else {
      expect_matte(session);
    }
    if (options_.model.type == RemoverType::kKeyer) {
      session.expect_output(1, {batch, 3, height, width});
    }
  }

  // One value per pixel, whatever axes of one stand around them.
  void expect_matte(const runtime::Session& session) const {
    const runtime::Tensor& matte = session.output(0);
    if (matte.size() != session.batch() * pixels()) {
      core::fail(core::ErrorCode::kFailed,
                 "{}: output `{}` is {}, expected one plane of {}x{}; choose a model of the right family",
                 options_.model.file.name, matte.name, runtime::describe(matte.shape), options_.model.size.width,
                 options_.model.size.height);
    }
  }

  void prepare(std::span<float> input, core::ConstImageView frame) {
    ops::to_tensor(site_, input.first(3 * pixels()), ops::resize(site_, frame, options_.model.size), table_,
                   ops::ChannelOrder::kRgb, ops::Layout::kChw);
    if (options_.model.type == RemoverType::kKeyer) {
      ops::green_to_hint(site_, input.last(pixels()), frame, options_.model.size);
    }
  }

  // item: of the session's outputs.
  void remove(TempFrame& temp, const runtime::Session& session, std::size_t item) {
    if (options_.model.type == RemoverType::kKeyer) {
      temp.frame = foreground(session.output(1).item_on<const float>(site_, item), temp.frame.size());
    }
    device::Picture mask = find_mask(analysers::part_of<float>(session, 0, item, site_), temp.frame.size());
    ops::despill(site_, temp.frame, options_.despill);
    ops::fill_background(site_, temp.frame, mask, options_.fill);
    if (!temp.mask.empty()) {
      ops::intersect_masks(site_, mask, temp.mask);
    }
    temp.mask = std::move(mask);
    report_frame("background_remover", temp, site_);
  }

  device::Picture foreground(std::span<const float> made, core::Size size) {
    device::Picture small = site_.picture(options_.model.size, 3);
    ops::to_image(site_, small, made, 0, 1);
    return ops::resize(site_, small, size);
  }

  device::Picture find_mask(std::span<const float> output, core::Size size) {
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
  runtime::BatchedSession sessions_;
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
