#include "processors/frame_colorizer/frame_colorizer.hpp"

#include <utility>

#include "analysers/shared/options.hpp"
#include "ops/blend/blend.hpp"
#include "ops/site/frame.hpp"
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
    session_ = context.open("frame_colorizer", options.model.file, {{"input", {1, 3, height, width}}});
    session_.expect_output(0, {1, planes, height, width});
  }

  void process_frame(const FrameFacts&, TempFrame& temp) override {
    device::Picture coloured = type_ == ColorizerType::kDdcolor ? ddcolor(temp.frame) : deoldify(temp.frame);
    if (share_ < 1) {
      ops::blend(site_, coloured, temp.frame, coloured, share_);
    }
    temp.frame = std::move(coloured);
    report_frame("frame_colorizer", temp, site_);
  }

 private:
  device::Picture ddcolor(core::ConstImageView frame) {
    ops::ddcolor_input(site_, session_.input("input").on<float>(site_), frame, size_, tables_);
    session_.run_on(site_);
    return ops::ddcolor_output(site_, frame, session_.output(0).on<const float>(site_), size_, tables_);
  }

  device::Picture deoldify(core::ConstImageView frame) {
    ops::deoldify_input(site_, session_.input("input").on<float>(site_), frame, size_);
    session_.run_on(site_);
    return ops::deoldify_output(site_, frame, session_.output(0).on<const float>(site_), size_, tables_);
  }

  ColorizerType type_;
  core::Size size_;
  double share_;
  device::Site site_;
  ops::ColorizerTables tables_;
  runtime::Session session_;
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
