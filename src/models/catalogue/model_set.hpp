// Which family of model files a run uses: the reference's own, or the small ones that come with facegraph
// (models/embedded). The tables of both stand with the modules that use the models.
#pragma once

#include <string>
#include <vector>

#include "core/options/option.hpp"
#include "models/catalogue/model_file.hpp"

namespace facegraph::models {

enum class ModelSet { kOfficial, kEmbedded };

inline constexpr const char* kModelSetOption = "model-set";

// --model-set. Stands before all tables whose choices depend on it.
const std::vector<core::Option>& model_set_options();

// As --model-set takes it.
std::string set_name(ModelSet set);
// kOfficial too where no table of the command declares --model-set.
ModelSet model_set_of(const core::OptionValues& values);
bool is_embedded(const core::OptionValues& values);

ModelFile embedded_file(const std::string& name);
bool is_embedded(const ModelFile& file);
// Whether the reference's hosts have it: neither an embedded file nor a user's own.
bool is_offered(const ModelFile& file);

}  // namespace facegraph::models
