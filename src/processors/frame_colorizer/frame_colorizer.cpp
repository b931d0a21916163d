#include "processors/frame_colorizer/frame_colorizer.hpp"

#include <utility>

#include "analysers/shared/options.hpp"
#include "ops/blend/blend.hpp"
#include "ops/site/frame.hpp"
#include "processors/shared/face_runs.hpp"
#include "processors/shared/model_name.hpp"
#include "processors/shared/model_table.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

class FrameColorizer final : public FrameProcessor {
 public:
  FrameColorizer(const analysers::Context& context, const FrameColorizerOptions& options)
      : type_(options.model.type), size_(options.size), share_(options.share), site_(context.site), tables_(site_) {
    const std::int64_t width = size_.width;
    const std::int64_t height = size_.height;
    const std::int64_t planes = type_ == ColorizerType::kDdcolor ? 2 : 3;
    const auto open = [context, file = options.model.file, width, height,
                       planes](const std::vector<runtime::InputSpec>& inputs) {
      runtime::Session session = context.open("frame_colorizer", file, inputs);
      session.expect_output(0, {inputs.front().shape.front(), planes, height, width});
      return session;
    };
    sessions_ = {
        open, {{"input", {1, 3, height, width}}}, context.pool.frames_at_once(), {}, context.pool.same_together()};
  }

  void process_frames(std::span<const Work> frames) override {
    for_each_run(sessions_, frames, [&](std::span<const Work> together, runtime::Session& session) {
      for (std::size_t i = 0; i < together.size(); ++i) {
        feed(session.input("input").item_on<float>(site_, i), together[i].temp->frame);
      }
      session.run_on(site_);
      for (std::size_t i = 0; i < together.size(); ++i) {
        colour(*together[i].temp, session.output(0).item_on<const float>(site_, i));
      }
    });
  }

 private:
  void feed(std::span<float> input, core::ConstImageView frame) {
    if (type_ == ColorizerType::kDdcolor) {
      ops::ddcolor_input(site_, input, frame, size_, tables_);
    } else {
      ops::deoldify_input(site_, input, frame, size_);
    }
  }

  void colour(TempFrame& temp, std::span<const float> made) {
    device::Picture coloured = type_ == ColorizerType::kDdcolor
                                   ? ops::ddcolor_output(site_, temp.frame, made, size_, tables_)
                                   : ops::deoldify_output(site_, temp.frame, made, size_, tables_);
    if (share_ < 1) {
      ops::blend(site_, coloured, temp.frame, coloured, share_);
    }
    temp.frame = std::move(coloured);
    report_frame("frame_colorizer", temp, site_);
  }

  ColorizerType type_;
  core::Size size_;
  double share_;
  device::Site site_;
  ops::ColorizerTables tables_;
  runtime::BatchedSession sessions_;
};

class FrameColorizerProcessor final : public Processor {
 public:
  explicit FrameColorizerProcessor(FrameColorizerOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "frame_colorizer"; }
  bool works_on_site() const override { return true; }
  Needs needs() const override { return {}; }
  std::vector<models::ModelFile> model_files() const override { return {options_.model.file}; }
  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<FrameColorizer>(context, options_);
  }

 private:
  FrameColorizerOptions options_;
};

}  // namespace

FrameColorizerOptions FrameColorizerOptions::from(const core::OptionValues& values) {
  return {.model = model_of(frame_colorizer_models(models::model_set_of(values)), "frame_colorizer",
                            model_name(values, "frame_colorizer")),
          .size = analysers::unpack_size(values.string("frame-colorizer-size")),
          .share = ops::share_of_percent(static_cast<double>(values.integer("frame-colorizer-blend")))};
}

std::unique_ptr<Processor> make_frame_colorizer(const core::OptionValues& values) {
  return std::make_unique<FrameColorizerProcessor>(FrameColorizerOptions::from(values));
}

}  // namespace facegraph::processors
