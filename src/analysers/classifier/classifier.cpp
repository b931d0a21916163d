#include "analysers/classifier/classifier.hpp"

#include <array>
#include <utility>

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
      sessions_(open_batched(
          context, {"input", {1, 3, kCropSize, kCropSize}}, [context, set](const runtime::InputSpec& input) {
            runtime::Session session = context.open_deciding("face_classifier", file_of(set), {input});
            session.output(2);  // race, gender, age
            return session;
          })) {}

Classifier::Pending Classifier::classify(std::span<const SiteFace> faces) {
  SiteCrops crops = crop_on_site(faces, ops::WarpTemplate::kArcface112V2, {kCropSize, kCropSize}, site_);
  Pending pending;
  for_each_run(sessions_, crops.images, table_, site_, [&](const runtime::Session& session) {
    pending.race_.fetch(session, 0, site_);
    pending.gender_.fetch(session, 1, site_);
    pending.age_.fetch(session, 2, site_);
  });
  pending.has_ = std::move(crops.has);
  return pending;
}

// The published file gives class ids as int64; exporters differ in the integer type.
void Classifier::Pending::Ids::fetch(const runtime::Session& session, std::size_t output, const device::Site& site) {
  const runtime::Tensor& tensor = session.output(output);
  switch (tensor.type) {
    case runtime::ElementType::kI64:
      return wide.fetch(session, output, site);
    case runtime::ElementType::kI32:
      return narrow.fetch(session, output, site);
    default:
      core::fail(core::ErrorCode::kFailed,
                 "fairface: output `{}` is {}, expected an integer class id; choose a model of the fairface family",
                 tensor.name, runtime::name_of(tensor.type));
  }
}

std::optional<Classification> Classifier::Pending::value(std::size_t face) const {
  if (has_.data()[face] == 0) {
    return std::nullopt;
  }
  return Classification{age_of(age_[face]), gender_of(gender_[face]), race_of(race_[face])};
}

}  // namespace facegraph::analysers
