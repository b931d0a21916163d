#include "analysers/landmarker/landmarker.hpp"

#include <algorithm>
#include <array>

#include "analysers/landmarker/landmark_cuda.hpp"
#include "core/base/error.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/gpu/host_programs.hpp"

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

constexpr core::Size kCropSize{kLandmarkCropSize, kLandmarkCropSize};
constexpr int kPoints = TakeLandmarks::kPoints;
constexpr double kFaceSide = 195;  // longer side of the box in the crop

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

// The values are reshaped, so their shape does not matter. spec: analysis.md 5.4
void expect_peppa_output(const runtime::Tensor& output, const std::string& model) {
  if (output.size() != kPoints * 3) {
    core::fail(core::ErrorCode::kFailed,
               "{}: output `{}` is {}, expected {} values; choose a model of the right family", model, output.name,
               runtime::describe(output.shape), kPoints * 3);
  }
}

// A turn by any of the four angles leaves the crop's size as it is.
LandmarkTurns landmark_turns() {
  LandmarkTurns turns;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    turns.at(i) = ops::rotation(static_cast<int>(i) * 90, kCropSize).matrix;
  }
  return turns;
}

template <typename Program>
void run_program(const device::Site& site, const Program& program) {
  if (site.on_gpu()) {
    cuda::run(site.stream(), program);
  } else {
    ops::run_blocks_on_host(1, program);
  }
}

// Where the box lies in the upright crop. spec: analysis.md 5.2
core::Affine placement_of(const core::BoundingBox& box) {
  const double scale = kFaceSide / std::max({box.width(), box.height(), 1.0});
  return ops::translation(scale, (kLandmarkCropSize - (box.x1 + box.x2) * scale) * 0.5,
                          (kLandmarkCropSize - (box.y1 + box.y2) * scale) * 0.5);
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
      session_(context.open_deciding("face_landmarker", family(options.model_set).predictor, {{"input", {1, 5, 2}}})),
      turns_(landmark_turns()) {
  session_.expect_output(0, {1, kPoints, 2});
}

bool LandmarkPredictor::predict(FacePoints* out, const core::Landmark5& points) {
  const auto placement = ops::estimate_similarity(points, ops::WarpTemplate::kFfhq512, {1, 1});
  if (!placement) {
    return false;
  }
  std::array<float, 10> input;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const core::Point unit = ops::transform(*placement, points[i]);
    input[2 * i] = static_cast<float>(unit.x);
    input[2 * i + 1] = static_cast<float>(unit.y);
  }
  site_.fill(session_.input("input").on<float>(site_), std::span<const float>(input));
  session_.run_on(site_);
  const float* output = session_.output(0).on<const float>(site_).data();
  run_program(site_, PlacePrediction{out, output, *placement, points, turns_});
  return true;
}

Landmarker::Landmarker(const Context& context, const LandmarkerOptions& options)
    : site_(context.site),
      threshold_(options.score),
      table_(site_, ops::value_table({0, 0, 0}, {1, 1, 1})),
      contrast_(site_) {
  const std::vector<runtime::InputSpec> inputs{{"input", {1, 3, kLandmarkCropSize, kLandmarkCropSize}}};
  if (const models::ModelFile* file = fan_file(options)) {
    fan_ = context.open("face_landmarker", *file, inputs, runtime::Role::kPositions);
    fan_->expect_output(0, {1, kPoints, -1});
    fan_->expect_output(1, {1, kPoints, -1, -1});
  }
  if (const models::ModelFile* file = peppa_file(options)) {
    peppa_ = context.open("face_landmarker", *file, inputs, runtime::Role::kPositions);
    expect_peppa_output(peppa_->output(0), file->name);
  }
}

// spec: analysis.md 5.2
device::Picture Landmarker::cut(core::ConstImageView frame, const core::Affine& placement,
                                const FacePoints& points) const {
  device::Picture picture = ops::warp_affine(site_, frame, placement, kCropSize, ops::Border::kConstant);
  if (site_.on_gpu() || points.angle != 0) {  // a turn by 0 copies every pixel
    picture = ops::warp_affine(site_, picture, &points.turn, kCropSize, ops::Border::kConstant);
  }
  ops::balance_contrast(site_, picture, contrast_);
  return picture;
}

void Landmarker::run(runtime::Session& session, core::ConstImageView picture) const {
  ops::to_tensor(site_, session.input("input").on<float>(site_), picture, table_, ops::ChannelOrder::kBgr,
                 ops::Layout::kChw);
  session.run_on(site_);
}

void Landmarker::refine(FacePoints* points, core::ConstImageView frame, const core::BoundingBox& box) {
  TakeLandmarks take{.out = points, .placement = placement_of(box), .threshold = threshold_};
  const device::Picture picture = cut(frame, take.placement, *points);
  device::Values<float> maxima;
  if (fan_) {
    run(*fan_, picture);
    maxima = site_.values<float>(kPoints);
    ops::row_maxima(site_, {maxima.data(), maxima.size()}, fan_->output(1).on<const float>(site_));
    const auto found = fan_->output(0).on<const float>(site_);
    take.fan = found.data();
    take.fan_stride = static_cast<int>(found.size()) / kPoints;
    take.maxima = maxima.data();
  }
  if (peppa_) {
    run(*peppa_, picture);
    take.peppa = peppa_->output(0).on<const float>(site_).data();
  }
  run_program(site_, take);
}

}  // namespace facegraph::analysers
