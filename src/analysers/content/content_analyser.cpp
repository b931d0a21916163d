#include "analysers/content/content_analyser.hpp"

#include <algorithm>
#include <cmath>

#include "ops/site/inputs.hpp"

namespace facegraph::analysers {

namespace {

// What decides, on its way to the host.
device::Values<float> highest_class(const device::Site& site, const runtime::Tensor& output) {
  const auto values = output.on<const float>(site);
  const auto anchors = static_cast<std::size_t>(output.shape[2]);
  auto highest = site.values<float>(1);
  ops::row_maxima(site, {highest.data(), 1}, values.subspan(4 * anchors));  // rows 0-3 are the box
  return site.fetch(std::span<const float>(highest.data(), 1));
}

device::Values<float> all_values(const device::Site& site, const runtime::Tensor& output) {
  return site.fetch(output.on<const float>(site));
}

// Strict float32 comparisons. spec: analysis.md 12.2
bool nsfw_1_positive(const float* highest) {
  return *highest > 0.2F;
}

bool nsfw_2_positive(const float* values) {
  return values[0] - values[1] > 0.25F;
}

bool nsfw_3_positive(const float* values) {
  return (values[2] + values[3]) - (values[0] + values[1]) > 10.5F;
}

struct GateModel {
  models::ModelFile file;
  int side;
  std::array<double, 3> mean;
  std::array<double, 3> deviation;
  runtime::Shape output;
  device::Values<float> (*scores)(const device::Site& site, const runtime::Tensor& output);
  bool (*positive)(const float* scores);
};

const std::vector<GateModel>& gate_models() {
  static const std::vector<GateModel> table{
      {{"nsfw_1", "models-3.3.0", "Apache-2.0"},
       640,
       {0, 0, 0},
       {1, 1, 1},
       {1, -1, -1},
       highest_class,
       nsfw_1_positive},
      {{"nsfw_2", "models-3.3.0", "Apache-2.0"},
       384,
       {0.5, 0.5, 0.5},
       {0.5, 0.5, 0.5},
       {1, 2},
       all_values,
       nsfw_2_positive},
      {{"nsfw_3", "models-3.3.0", "MIT"},
       448,
       {0.48145466, 0.4578275, 0.40821073},
       {0.26862954, 0.26130258, 0.27577711},
       {1, 4},
       all_values,
       nsfw_3_positive},
  };
  return table;
}

}  // namespace

std::vector<models::ModelFile> content_models(models::ModelSet set) {
  std::vector<models::ModelFile> files;
  if (set == models::ModelSet::kEmbedded) {
    return files;
  }
  for (const GateModel& model : gate_models()) {
    files.push_back(model.file);
  }
  return files;
}

ContentAnalyser::ContentAnalyser(const Context& context) : context_(context) {
  for (const GateModel& model : gate_models()) {
    Gate gate{{model.side, model.side},
              ops::SiteTable(context.site, ops::value_table(model.mean, model.deviation)),
              {},
              model.scores,
              model.positive};
    gate.session = context.open_deciding("content_analyser", model.file, {{"input", {1, 3, model.side, model.side}}});
    gate.session.expect_output(0, model.output);
    gates_.push_back(std::move(gate));
  }
}

bool ContentAnalyser::analyse(core::ConstImageView frame) {
  return context_.site.on_gpu() ? analyse_on_site(context_.site.copy_in(frame)) : analyse_on_site(frame);
}

bool ContentAnalyser::analyse_on_site(core::ConstImageView frame) {
  const device::Site& site = context_.site;
  std::vector<device::Values<float>> scores;
  for (Gate& gate : gates_) {
    const device::Picture fitted = ops::fit_contain(site, frame, gate.size);
    ops::to_tensor(site, gate.session.input("input").on<float>(site), fitted, gate.table, ops::ChannelOrder::kRgb,
                   ops::Layout::kChw);
    gate.session.run_on(site);
    scores.push_back(gate.scores(site, gate.session.output(0)));
  }
  context_.pool.check_finite(context_.device_id);
  int positive = 0;
  for (std::size_t i = 0; i < gates_.size(); ++i) {
    positive += gates_[i].positive(scores[i].data()) ? 1 : 0;
  }
  return positive >= 2;
}

std::int64_t sampling_step(double frame_rate) {
  return std::max<std::int64_t>(static_cast<std::int64_t>(frame_rate), 1);
}

bool is_video_flagged(std::int64_t flagged, std::int64_t examined) {
  return examined > 0 && static_cast<double>(flagged) / static_cast<double>(examined) * 100 > 10.0;
}

}  // namespace facegraph::analysers
