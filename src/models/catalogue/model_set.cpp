#include "models/catalogue/model_set.hpp"

namespace facegraph::models {

namespace {

constexpr const char* kOfficialName = "official";
constexpr const char* kEmbeddedName = "embedded";

}  // namespace

const std::vector<core::Option>& model_set_options() {
  static const std::vector<core::Option> table{
      {.name = kModelSetOption,
       .section = "models",
       .scope = core::OptionScope::kJob,
       .help =
           "the reference's models, or the small ones that come with facegraph; decides what the model options take",
       .default_value = std::string(kOfficialName),
       .choices = {kOfficialName, kEmbeddedName}},
  };
  return table;
}

std::string set_name(ModelSet set) {
  return set == ModelSet::kEmbedded ? kEmbeddedName : kOfficialName;
}

ModelSet model_set_of(const core::OptionValues& values) {
  const bool embedded = values.contains(kModelSetOption) && values.string(kModelSetOption) == kEmbeddedName;
  return embedded ? ModelSet::kEmbedded : ModelSet::kOfficial;
}

bool is_embedded(const core::OptionValues& values) {
  return model_set_of(values) == ModelSet::kEmbedded;
}

ModelFile embedded_file(const std::string& name) {
  return {name, kEmbeddedName, "Apache-2.0"};
}

bool is_embedded(const ModelFile& file) {
  return file.release == kEmbeddedName;
}

bool is_offered(const ModelFile& file) {
  return !is_embedded(file) && !is_users(file);
}

}  // namespace facegraph::models
