#include "analysers/landmarker/landmarker.hpp"

#include <algorithm>
#include <array>

#include "core/base/error.hpp"
#include "ops/face/face.hpp"
#include "ops/geometry/affine.hpp"

namespace facegraph::analysers {

using core::Option;
using core::OptionKind;

namespace {

// The networks of the contracts of 2dfan4, peppa_wutz and fan_68_5.
struct Family {
  models::ModelFile fan;
  models::ModelFile peppa;
  models::ModelFile predictor;
};

const Family kOfficial{{"2dfan4", "models-3.0.0", "MIT"},
                       {"peppa_wutz", "models-3.0.0", "Apache-2.0"},
                       {"fan_68_5", "models-3.0.0", "OpenRAIL-M"}};
const Family kEmbedded{models::embedded_file("embedded_landmarker"), models::embedded_file("embedded_landmarker_2"),
                       models::embedded_file("embedded_five_to_68")};
constexpr const char* kMany = "many";

constexpr int kCropSize = 256;
constexpr int kPoints = 68;
constexpr float kGrid = 64;         // the networks' points lie on a 64 x 64 grid
constexpr double kFaceSide = 195;   // longer side of the box in the crop
constexpr double kPeppaLead = 0.2;  // how far peppa_wutz must be ahead of 2dfan4

const Family& family(models::ModelSet set) {
  return set == models::ModelSet::kEmbedded ? kEmbedded : kOfficial;
}

// The first one is the embedded set's default.
std::vector<std::string> model_choices(const core::OptionValues& values) {
  if (models::is_embedded(values)) {
    return {kEmbedded.fan.name, kEmbedded.peppa.name, kMany};
  }
  return {kMany, kOfficial.fan.name, kOfficial.peppa.name};
}

// nullptr: not wanted.
const models::ModelFile* chosen(const models::ModelFile& file, const std::string& model) {
  return model == kMany || model == file.name ? &file : nullptr;
}

const models::ModelFile* fan_file(const LandmarkerOptions& options) {
  return chosen(family(options.model_set).fan, options.model);
}

const models::ModelFile* peppa_file(const LandmarkerOptions& options) {
  return chosen(family(options.model_set).peppa, options.model);
}

double interp(double value, double high) {
  return std::clamp(value / high, 0.0, 1.0);
}

core::Landmark68 on_crop(std::span<const float> values, int stride) {
  core::Landmark68 points;
  for (int i = 0; i < kPoints; ++i) {
    const float* value = &values[static_cast<std::size_t>(i) * stride];
    points[i] = {value[0] / kGrid * kCropSize, value[1] / kGrid * kCropSize};
  }
  return points;
}

// Mean over the channels of each heat map's maximum.
double heatmap_score(std::span<const float> maxima) {
  float sum = 0;
  for (const float maximum : maxima) {
    sum += maximum;
  }
  return interp(static_cast<double>(sum / kPoints), 0.9);
}

// The values are reshaped, so their shape does not matter. spec: analysis.md 5.4
void expect_peppa_output(const runtime::Tensor& output, const std::string& model) {
  if (output.size() != kPoints * 3) {
    core::fail(core::ErrorCode::kFailed,
               "{}: output `{}` is {}, expected {} values; choose a model of the right family", model, output.name,
               runtime::describe(output.shape), kPoints * 3);
  }
}

double peppa_score(std::span<const float> values) {
  float sum = 0;
  for (int i = 0; i < kPoints; ++i) {
    sum += values[static_cast<std::size_t>(i) * 3 + 2];
  }
  return interp(static_cast<double>(sum / kPoints), 0.95);
}

}  // namespace

const std::vector<Option>& landmarker_options() {
  static const std::vector<Option> table{
      {.name = "face-landmarker-model",
       .section = "face_landmarker",
       .help = "model that finds the 68 points",
       .default_value = std::string("2dfan4"),
       .dependent_choices = model_choices,
       .depends_on = models::kModelSetOption},
      {.name = "face-landmarker-score",
       .kind = OptionKind::kFloat,
       .section = "face_landmarker",
       .help = "points below this score are not trusted for crops; 0 turns the landmarker off",
       .default_value = 0.5,
       .range = core::OptionRange{0, 1, 0.05}},
  };
  return table;
}

LandmarkerOptions LandmarkerOptions::from(const core::OptionValues& values) {
  return {values.string("face-landmarker-model"), values.number("face-landmarker-score"), models::model_set_of(values)};
}

std::vector<models::ModelFile> landmarker_models(const LandmarkerOptions& options) {
  std::vector<models::ModelFile> files{family(options.model_set).predictor};
  for (const models::ModelFile* file : {fan_file(options), peppa_file(options)}) {
    if (file != nullptr) {
      files.push_back(*file);
    }
  }
  return files;
}

LandmarkPredictor::LandmarkPredictor(const Context& context, const LandmarkerOptions& options)
    : site_(context.site),
      session_(context.open_deciding("face_landmarker", family(options.model_set).predictor, {{"input", {1, 5, 2}}})) {
  session_.expect_output(0, {1, kPoints, 2});
}

std::optional<LandmarkPredictor::Pending> LandmarkPredictor::predict(const core::Landmark5& points) {
  const auto matrix = ops::estimate_similarity(points, ops::WarpTemplate::kFfhq512, {1, 1});
  if (!matrix) {
    return std::nullopt;
  }
  std::array<float, 10> input;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const core::Point unit = ops::transform(*matrix, points[i]);
    input[2 * i] = static_cast<float>(unit.x);
    input[2 * i + 1] = static_cast<float>(unit.y);
  }
  site_.fill(session_.input("input").on<float>(site_), std::span<const float>(input));
  session_.run_on(site_);
  return Pending(*matrix, site_.fetch(session_.output(0).on<const float>(site_)));
}

core::Landmark68 LandmarkPredictor::Pending::value() const {
  const float* output = output_.data();
  core::Landmark68 landmark;
  for (std::size_t i = 0; i < landmark.size(); ++i) {
    landmark[i] = {output[2 * i], output[2 * i + 1]};
  }
  ops::transform_points_f32(ops::invert(matrix_), landmark);
  return landmark;
}

Landmarker::Landmarker(const Context& context, const LandmarkerOptions& options)
    : site_(context.site), table_(site_, ops::value_table({0, 0, 0}, {1, 1, 1})), contrast_(site_) {
  if (const models::ModelFile* file = fan_file(options)) {
    fan_ = context.open_deciding("face_landmarker", *file, {{"input", {1, 3, kCropSize, kCropSize}}});
    fan_->expect_output(0, {1, kPoints, -1});
    fan_->expect_output(1, {1, kPoints, -1, -1});
  }
  if (const models::ModelFile* file = peppa_file(options)) {
    peppa_ = context.open_deciding("face_landmarker", *file, {{"input", {1, 3, kCropSize, kCropSize}}});
    expect_peppa_output(peppa_->output(0), file->name);
  }
}

core::Landmark68 Landmarker::Crop::to_frame(core::Landmark68 points) const {
  ops::transform_points_f32(ops::invert(turn), points);
  ops::transform_points_f32(ops::invert(placement), points);
  return points;
}

// spec: analysis.md 5.2
device::Picture Landmarker::cut(Crop& crop, core::ConstImageView frame, const core::BoundingBox& box, int angle) const {
  const double scale = kFaceSide / std::max({box.width(), box.height(), 1.0});
  const double tx = (kCropSize - (box.x1 + box.x2) * scale) * 0.5;
  const double ty = (kCropSize - (box.y1 + box.y2) * scale) * 0.5;
  const core::Size size{kCropSize, kCropSize};
  const ops::Rotation rotation = ops::rotation(angle, size);
  crop = {ops::translation(scale, tx, ty), rotation.matrix};
  device::Picture picture = ops::warp_affine(site_, frame, crop.placement, size, ops::Border::kConstant);
  if (angle != 0) {  // the identity copies every pixel
    picture = ops::warp_affine(site_, picture, rotation.matrix, rotation.size, ops::Border::kConstant);
  }
  ops::balance_contrast(site_, picture, contrast_);
  return picture;
}

void Landmarker::run(runtime::Session& session, core::ConstImageView picture) const {
  ops::to_tensor(site_, session.input("input").on<float>(site_), picture, table_, ops::ChannelOrder::kBgr,
                 ops::Layout::kChw);
  session.run_on(site_);
}

Landmarker::Pending Landmarker::detect(core::ConstImageView frame, const core::BoundingBox& box, int angle) {
  Pending pending;
  const device::Picture picture = cut(pending.crop_, frame, box, angle);
  if (fan_) {
    run(*fan_, picture);
    auto maxima = site_.values<float>(kPoints);
    ops::row_maxima(site_, {maxima.data(), maxima.size()}, fan_->output(1).on<const float>(site_));
    pending.fan_ = site_.fetch(fan_->output(0).on<const float>(site_));
    pending.maxima_ = site_.fetch(std::span<const float>(maxima.data(), maxima.size()));
  }
  if (peppa_) {
    run(*peppa_, picture);
    pending.peppa_ = site_.fetch(peppa_->output(0).on<const float>(site_));
  }
  return pending;
}

std::optional<LandmarkerResult> Landmarker::Pending::value() const {
  const bool has_fan = fan_.size() > 0;
  LandmarkerResult fan;
  LandmarkerResult peppa;
  if (has_fan) {
    const int stride = static_cast<int>(fan_.size()) / kPoints;
    fan = {crop_.to_frame(on_crop({fan_.data(), fan_.size()}, stride)),
           heatmap_score({maxima_.data(), maxima_.size()})};
  }
  if (peppa_.size() > 0) {
    const std::span<const float> values(peppa_.data(), peppa_.size());
    peppa = {crop_.to_frame(on_crop(values, 3)), peppa_score(values)};
  }
  if (fan.score > peppa.score - kPeppaLead) {
    return has_fan ? std::optional(fan) : std::nullopt;
  }
  return peppa;
}

}  // namespace facegraph::analysers
