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
constexpr std::size_t kPeppaValues = std::size_t{3} * kPoints;

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

void expect_fan_outputs(const runtime::Session& session) {
  const auto batch = static_cast<std::int64_t>(session.batch());
  session.expect_output(0, {batch, kPoints, -1});
  session.expect_output(1, {batch, kPoints, -1, -1});
}

// The values are reshaped, so their shape does not matter. spec: analysis.md 5.4
void expect_peppa_output(const runtime::Session& session) {
  const runtime::Tensor& output = session.output(0);
  if (output.size() != kPeppaValues * session.batch()) {
    core::fail(core::ErrorCode::kFailed,
               "{}: output `{}` is {}, expected {} values; choose a model of the right family", session.name(),
               output.name, runtime::describe(output.shape), kPeppaValues * session.batch());
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
      sessions_(open_batched(context, {"input", {1, 5, 2}},
                             [context, file = family(options.model_set).predictor](const runtime::InputSpec& input) {
                               runtime::Session session = context.open_deciding("face_landmarker", file, {input});
                               session.expect_output(0, {input.shape.front(), kPoints, 2});
                               return session;
                             })),
      turns_(landmark_turns()) {}

void LandmarkPredictor::predict(FacePoints* out, std::span<const FoundFace> faces) {
  for_each_run(sessions_, faces.size(), [&](runtime::Session& session, std::size_t first) {
    for (std::size_t item = 0; item < session.batch(); ++item) {
      FacePoints* points = out + first + item;
      const Candidate* face = faces[first + item].face;
      ops::estimate_similarity(site_, &points->to_predictor, &points->has, &face->points, ops::WarpTemplate::kFfhq512,
                               {1, 1});
      run_program(site_, FeedPredictor{session.input("input").item_on<float>(site_, item).data(), points, face});
    }
    session.run_on(site_);
    for (std::size_t item = 0; item < session.batch(); ++item) {
      const float* output = part_of<float>(session, 0, item, site_).data();
      run_program(site_, PlacePrediction{out + first + item, output, faces[first + item].face, turns_});
    }
  });
}

Landmarker::Landmarker(const Context& context, const LandmarkerOptions& options)
    : site_(context.site),
      threshold_(options.score),
      table_(site_, ops::value_table({0, 0, 0}, {1, 1, 1})),
      contrast_(site_) {
  const auto open = [&](const models::ModelFile& file, void (*expect_outputs)(const runtime::Session& session)) {
    return open_batched(context, {"input", {1, 3, kLandmarkCropSize, kLandmarkCropSize}},
                        [context, file, expect_outputs](const runtime::InputSpec& input) {
                          runtime::Session session =
                              context.open("face_landmarker", file, {input}, runtime::Role::kPositions);
                          expect_outputs(session);
                          return session;
                        });
  };
  if (const models::ModelFile* file = fan_file(options)) {
    fan_ = open(*file, expect_fan_outputs);
  }
  if (const models::ModelFile* file = peppa_file(options)) {
    peppa_ = open(*file, expect_peppa_output);
  }
}

// spec: analysis.md 5.2
device::Picture Landmarker::cut(const FoundFace& face, const FacePoints& points) const {
  device::Picture picture = ops::warp_affine(site_, face.frame, &points.upright, kCropSize, ops::Border::kConstant);
  if (site_.on_gpu() || points.angle != 0) {  // a turn by 0 copies every pixel
    picture = ops::warp_affine(site_, picture, &points.turn, kCropSize, ops::Border::kConstant);
  }
  ops::balance_contrast(site_, picture, contrast_);
  return picture;
}

void Landmarker::run(runtime::Session& session, const device::Picture* pictures) const {
  for (std::size_t item = 0; item < session.batch(); ++item) {
    ops::to_tensor(site_, session.input("input").item_on<float>(site_, item), pictures[item], table_,
                   ops::ChannelOrder::kBgr, ops::Layout::kChw);
  }
  session.run_on(site_);
}

void Landmarker::take(FacePoints& points, TakeLandmarks found) const {
  found.out = &points;
  found.threshold = threshold_;
  run_program(site_, found);
}

void Landmarker::refine(FacePoints* points, std::span<const FoundFace> faces) {
  std::vector<device::Picture> pictures;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    pictures.push_back(cut(faces[i], points[i]));
  }
  // Its next run writes over what it gave, and 2dfan4 may take another number of faces a run.
  auto of_peppa = site_.values<float>(fan_ && peppa_ ? faces.size() * kPeppaValues : 0);
  if (peppa_) {
    for_each_run(*peppa_, faces.size(), [&](runtime::Session& session, std::size_t first) {
      run(session, &pictures[first]);
      if (fan_) {
        const auto found = session.output(0).on<const float>(site_);
        site_.copy(std::span<float>(of_peppa.data() + first * kPeppaValues, found.size()), found);
        return;
      }
      for (std::size_t item = 0; item < session.batch(); ++item) {
        take(points[first + item], {.peppa = part_of<float>(session, 0, item, site_).data()});
      }
    });
  }
  if (fan_) {
    for_each_run(*fan_, faces.size(), [&](runtime::Session& session, std::size_t first) {
      run(session, &pictures[first]);
      auto maxima = site_.values<float>(session.batch() * kPoints);
      ops::row_maxima(site_, {maxima.data(), maxima.size()}, session.output(1).on<const float>(site_));
      for (std::size_t item = 0; item < session.batch(); ++item) {
        const auto found = part_of<float>(session, 0, item, site_);
        take(points[first + item], {.fan = found.data(),
                                    .fan_stride = static_cast<int>(found.size()) / kPoints,
                                    .maxima = maxima.data() + item * kPoints,
                                    .peppa = peppa_ ? of_peppa.data() + (first + item) * kPeppaValues : nullptr});
      }
    });
  }
}

}  // namespace facegraph::analysers
