#include "analysers/classifier/classifier.hpp"

#include <array>
#include <utility>

#include "analysers/shared/crop.hpp"
#include "core/base/error.hpp"

namespace facegraph::analysers {

namespace {

const models::ModelFile kFairface{"fairface", "models-3.0.0", "CC-BY-4.0"};
const models::ModelFile kEmbedded = models::embedded_file("embedded_classifier");
constexpr int kCropSize = 224;

const models::ModelFile& file_of(models::ModelSet set) {
  return set == models::ModelSet::kEmbedded ? kEmbedded : kFairface;
}

}  // namespace

std::vector<models::ModelFile> classifier_models(models::ModelSet set) {
  return {file_of(set)};
}

core::AgeRange age_of(std::int64_t id) {
  constexpr std::array<core::AgeRange, 8> kRanges{
      {{0, 2}, {3, 9}, {10, 19}, {20, 29}, {30, 39}, {40, 49}, {50, 59}, {60, 69}}};
  return id >= 0 && id < static_cast<std::int64_t>(kRanges.size()) ? kRanges[id] : core::AgeRange{70, 100};
}

core::Gender gender_of(std::int64_t id) {
  return id == 1 ? core::Gender::kFemale : core::Gender::kMale;
}

core::Race race_of(std::int64_t id) {
  switch (id) {
    case 1:
      return core::Race::kBlack;
    case 2:
      return core::Race::kLatino;
    case 3:
    case 4:
      return core::Race::kAsian;
    case 5:
      return core::Race::kIndian;
    case 6:
      return core::Race::kArabic;
    default:
      return core::Race::kWhite;
  }
}

Classifier::Classifier(const Context& context, models::ModelSet set)
    : site_(context.site),
      table_(site_, ops::value_table_f32_steps({0.485, 0.456, 0.406}, {0.229, 0.224, 0.225})),
      session_(context.open_deciding("face_classifier", file_of(set), {{"input", {1, 3, kCropSize, kCropSize}}})) {
  session_.output(2);  // race, gender, age
}

Classifier::Pending Classifier::classify(core::ConstImageView frame, const core::Landmark5* points) {
  SiteCrop crop = crop_on_site(frame, points, ops::WarpTemplate::kArcface112V2, {kCropSize, kCropSize}, site_);
  ops::to_tensor(site_, session_.input("input").on<float>(site_), crop.image, table_, ops::ChannelOrder::kRgb,
                 ops::Layout::kChw);
  session_.run_on(site_);
  return {std::move(crop.has), site_, session_};
}

Classifier::Pending::Pending(device::Values<std::uint8_t> has, const device::Site& site,
                             const runtime::Session& session)
    : has_(std::move(has)),
      race_(fetched(site, session.output(0))),
      gender_(fetched(site, session.output(1))),
      age_(fetched(site, session.output(2))) {}

// The published file gives class ids as int64; exporters differ in the integer type.
Classifier::Pending::Id Classifier::Pending::fetched(const device::Site& site, const runtime::Tensor& tensor) {
  switch (tensor.type) {
    case runtime::ElementType::kI64:
      return {site.fetch(tensor.on<const std::int64_t>(site).first(1)), {}};
    case runtime::ElementType::kI32:
      return {{}, site.fetch(tensor.on<const std::int32_t>(site).first(1))};
    default:
      core::fail(core::ErrorCode::kFailed,
                 "fairface: output `{}` is {}, expected an integer class id; choose a model of the fairface family",
                 tensor.name, runtime::name_of(tensor.type));
  }
}

std::optional<Classification> Classifier::Pending::value() const {
  if (*has_.data() == 0) {
    return std::nullopt;
  }
  return Classification{age_of(age_.value()), gender_of(gender_.value()), race_of(race_.value())};
}

}  // namespace facegraph::analysers
