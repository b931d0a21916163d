#include "processors/frame_colorizer/frame_colorizer.hpp"

#include <utility>

#include "analysers/shared/options.hpp"
#include "ops/blend/blend.hpp"
#include "ops/colour/colorize.hpp"
#include "processors/shared/model_name.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

class FrameColorizer final : public FrameProcessor {
 public:
  FrameColorizer(const analysers::Context& context, const FrameColorizerOptions& options)
      : type_(options.model.type), size_(options.size), share_(options.share) {
    const std::int64_t width = size_.width;
    const std::int64_t height = size_.height;
    const std::int64_t planes = type_ == ColorizerType::kDdcolor ? 2 : 3;
    session_ = context.open("frame_colorizer", options.model.file, {{"input", {1, 3, height, width}}});
    session_.expect_output(0, {1, planes, height, width});
  }

  void process_frame(const FrameFacts&, TempFrame& temp) override {
    const auto input = session_.input("input").as<float>();
    const auto output = session_.output(0).as<const float>();
    core::Image coloured(temp.frame.size(), 3);
    if (type_ == ColorizerType::kDdcolor) {
      ops::ddcolor_input(input, temp.frame, size_);
      session_.run();
      ops::ddcolor_output(coloured, temp.frame, output, size_);
    } else {
      ops::deoldify_input(input, temp.frame, size_);
      session_.run();
      ops::deoldify_output(coloured, temp.frame, output, size_);
    }
    if (share_ < 1) {
      ops::blend(coloured, temp.frame, coloured, share_);
    }
    temp.frame = std::move(coloured);
    report_frame("frame_colorizer", temp);
  }

 private:
  ColorizerType type_;
  core::Size size_;
  double share_;
  runtime::Session session_;
};

class FrameColorizerProcessor final : public Processor {
 public:
  explicit FrameColorizerProcessor(FrameColorizerOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "frame_colorizer"; }
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
  return {.model = frame_colorizer_model(model_name(values, "frame_colorizer")),
          .size = analysers::unpack_size(values.string("frame-colorizer-size")),
          .share = ops::share_of_percent(static_cast<double>(values.integer("frame-colorizer-blend")))};
}

std::unique_ptr<Processor> make_frame_colorizer(const core::OptionValues& values) {
  return std::make_unique<FrameColorizerProcessor>(FrameColorizerOptions::from(values));
}

}  // namespace facegraph::processors
