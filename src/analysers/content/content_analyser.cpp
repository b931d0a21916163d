#include "analysers/content/content_analyser.hpp"

#include <algorithm>
#include <cmath>

#include "ops/geometry/warp.hpp"

namespace facegraph::analysers {

namespace {

// Strict float32 comparisons. spec: analysis.md 12.2
bool nsfw_1_positive(const runtime::Tensor& output) {
  const auto values = output.as<const float>();
  const auto anchors = static_cast<std::size_t>(output.shape[2]);
  const auto classes = values.subspan(4 * anchors);  // rows 0-3 are the box
  return !classes.empty() && *std::max_element(classes.begin(), classes.end()) > 0.2F;
}

bool nsfw_2_positive(const runtime::Tensor& output) {
  const auto values = output.as<const float>();
  return values[0] - values[1] > 0.25F;
}

bool nsfw_3_positive(const runtime::Tensor& output) {
  const auto values = output.as<const float>();
  return (values[2] + values[3]) - (values[0] + values[1]) > 10.5F;
}

struct GateModel {
  models::ModelFile file;
  int side;
  std::array<double, 3> mean;
  std::array<double, 3> deviation;
  runtime::Shape output;
  bool (*positive)(const runtime::Tensor& output);
};

const std::vector<GateModel>& gate_models() {
  static const std::vector<GateModel> table{
      {{"nsfw_1", "models-3.3.0", "Apache-2.0"}, 640, {0, 0, 0}, {1, 1, 1}, {1, -1, -1}, nsfw_1_positive},
      {{"nsfw_2", "models-3.3.0", "Apache-2.0"}, 384, {0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}, {1, 2}, nsfw_2_positive},
      {{"nsfw_3", "models-3.3.0", "MIT"},
       448,
       {0.48145466, 0.4578275, 0.40821073},
       {0.26862954, 0.26130258, 0.27577711},
       {1, 4},
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

ContentAnalyser::ContentAnalyser(const Context& context) {
  for (const GateModel& model : gate_models()) {
    Gate gate{{model.side, model.side}, ops::value_table(model.mean, model.deviation), {}, model.positive};
    gate.session = context.open_deciding("content_analyser", model.file, {{"input", {1, 3, model.side, model.side}}});
    gate.session.expect_output(0, model.output);
    gates_.push_back(std::move(gate));
  }
}

bool ContentAnalyser::analyse(core::ConstImageView frame) {
  int positive = 0;
  for (Gate& gate : gates_) {
    core::Image fitted(gate.size, 3);
    ops::fit_contain(fitted, frame);
    ops::to_tensor(gate.session.input("input").as<float>(), fitted, gate.table, ops::ChannelOrder::kRgb,
                   ops::Layout::kChw);
    gate.session.run();
    positive += gate.positive(gate.session.output(0)) ? 1 : 0;
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
