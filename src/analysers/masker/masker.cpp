#include "analysers/masker/masker.hpp"

#include "core/base/probe.hpp"
#include "models/catalogue/model_set.hpp"

namespace facegraph::analysers {

namespace {

const models::ModelFile kXseg1{"xseg_1", "models-3.1.0", "GPL-3.0"};
const models::ModelFile kXseg2{"xseg_2", "models-3.1.0", "GPL-3.0"};
const models::ModelFile kXseg3{"xseg_3", "models-3.2.0", "GPL-3.0"};
const models::ModelFile kBisenet18{"bisenet_resnet_18", "models-3.1.0", "MIT"};
const models::ModelFile kBisenet34{"bisenet_resnet_34", "models-3.0.0", "MIT"};
const models::ModelFile kEmbedded = models::embedded_file("embedded_occluder");
const models::ModelFile kEmbeddedParser = models::embedded_file("embedded_parser");

constexpr int kOccluderSize = 256;
constexpr int kParserSize = 512;
constexpr std::array<double, 3> kMean{0.485, 0.456, 0.406};
constexpr std::array<double, 3> kDeviation{0.229, 0.224, 0.225};

std::vector<models::ModelFile> occluder_files(const std::string& model) {
  std::vector<models::ModelFile> files;
  for (const models::ModelFile* file : {&kXseg1, &kXseg2, &kXseg3}) {
    if (model == "many" || model == file->name) {
      files.push_back(*file);
    }
  }
  if (model == kEmbedded.name) {
    files.push_back(kEmbedded);
  }
  return files;
}

models::ModelFile parser_file(const std::string& model) {
  if (model == kEmbeddedParser.name) {
    return kEmbeddedParser;
  }
  return model == kBisenet18.name ? kBisenet18 : kBisenet34;
}

std::array<float, 3> to_float(const std::array<double, 3>& values) {
  return {static_cast<float>(values[0]), static_cast<float>(values[1]), static_cast<float>(values[2])};
}

device::Picture reported(const device::Site& site, const char* name, device::Picture mask) {
  if (core::Probe* probe = core::probe()) {
    probe->image(name, site.copy_out(mask));
  }
  return mask;
}

}  // namespace

std::vector<models::ModelFile> masker_models(const MaskerOptions& options) {
  std::vector<models::ModelFile> files = occluder_files(options.occluder_model);
  if (!options.parser_model.empty()) {
    files.push_back(parser_file(options.parser_model));
  }
  return files;
}

Masker::Masker(const Context& context, const MaskerOptions& options)
    : options_(options),
      site_(context.site),
      occluder_table_(site_, ops::value_table({0, 0, 0}, {1, 1, 1})),
      parser_table_(site_, ops::value_table_f32_steps(kMean, kDeviation)) {
  if (options.occlusion) {
    for (const models::ModelFile& file : occluder_files(options.occluder_model)) {
      occluders_.push_back(context.open("face_masker", file, {{"input", {1, kOccluderSize, kOccluderSize, 3}}}));
      occluders_.back().expect_output(0, {1, kOccluderSize, kOccluderSize, 1});
    }
  }
  if (options.region) {
    parser_ =
        context.open("face_masker", parser_file(options.parser_model), {{"input", {1, 3, kParserSize, kParserSize}}});
    parser_->expect_output(0, {1, -1, kParserSize, kParserSize});
  }
}

core::ConstImageView Masker::box_mask(core::Size size) {
  if (box_mask_.size() != size) {
    box_mask_ = site_.take_in(ops::box_mask(size, options_.blur, options_.padding));
  }
  if (core::Probe* probe = core::probe()) {
    probe->image("mask_box", site_.copy_out(box_mask_));
  }
  return box_mask_;
}

device::Picture Masker::occlusion_mask(core::ConstImageView crop) {
  const device::Picture input = ops::resize(site_, crop, {kOccluderSize, kOccluderSize});
  std::vector<core::ConstImageView> outputs;
  for (runtime::Session& occluder : occluders_) {
    ops::to_tensor(site_, occluder.input("input").on<float>(site_), input, occluder_table_, ops::ChannelOrder::kBgr,
                   ops::Layout::kHwc);
    occluder.run_on(site_);
    outputs.push_back(ops::as_plane(occluder.output(0).on<const float>(site_), {kOccluderSize, kOccluderSize}));
  }
  return reported(site_, "mask_occlusion", ops::occlusion_mask(site_, outputs, crop.size()));
}

device::Picture Masker::area_mask(core::Size size, const core::Landmark68& landmark) const {
  return reported(site_, "mask_area", ops::area_mask(site_, size, landmark, options_.areas));
}

device::Picture Masker::region_mask(core::ConstImageView crop) {
  const device::Picture input = ops::resize(site_, crop, {kParserSize, kParserSize});
  const auto tensor = parser_->input("input").on<float>(site_);
  if (input.depth() == core::Depth::kU8) {
    ops::to_tensor(site_, tensor, input, parser_table_, ops::ChannelOrder::kRgb, ops::Layout::kChw);
  } else {
    ops::float_to_tensor(site_, tensor, input, to_float(kMean), to_float(kDeviation), ops::ChannelOrder::kRgb,
                         ops::Layout::kChw);
  }
  parser_->run_on(site_);
  const auto logits = parser_->output(0).on<const float>(site_);
  return reported(site_, "mask_region",
                  ops::region_mask(site_, crop.size(), logits, {kParserSize, kParserSize}, options_.regions));
}

}  // namespace facegraph::analysers
