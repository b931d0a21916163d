// Every model file that facegraph knows, found by asking the rooms for the files of every choice that their options
// offer: there is no list beside their tables.
#pragma once

#include <string>
#include <vector>

#include "models/catalogue/model_file.hpp"
#include "models/catalogue/model_set.hpp"
#include "models/store/store.hpp"

namespace facegraph::app {

struct CatalogueEntry {
  models::ModelFile file;
  std::string role;  // the analyser or processor that uses it first: "face_detector", "face_swapper"
};

// Each file once. Files that only the user has are in no set.
std::vector<CatalogueEntry> model_catalogue(models::ModelSet set);

// Those of both sets, and the user's own in the store's folder.
std::vector<CatalogueEntry> every_model(const models::Store& store);
// Of these the ones whose file is there, whole or not, by role and name.
std::vector<CatalogueEntry> installed_models(const models::Store& store);

}  // namespace facegraph::app
