#include "app/catalogue/model_catalogue.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "analysers/classifier/classifier.hpp"
#include "analysers/content/content_analyser.hpp"
#include "analysers/detector/detector.hpp"
#include "analysers/landmarker/landmarker.hpp"
#include "analysers/masker/masker.hpp"
#include "analysers/recognizer/recognizer.hpp"
#include "analysers/voice_extractor/voice_extractor.hpp"
#include "app/config/option_tables.hpp"
#include "app/config/option_values.hpp"
#include "processors/deep_swapper/deep_swapper.hpp"
#include "processors/processor.hpp"

namespace facegraph::app {
namespace {

using models::ModelSet;

constexpr std::string_view kModelSuffix = "-model";

class Collector {
 public:
  void add(const std::string& role, const std::vector<models::ModelFile>& files) {
    for (const models::ModelFile& file : files) {
      const auto known = std::find_if(entries_.begin(), entries_.end(),
                                      [&](const CatalogueEntry& entry) { return entry.file.name == file.name; });
      if (known == entries_.end()) {
        entries_.push_back({file, role});
      }
    }
  }

  void add_analysers(const core::OptionValues& values) {
    const ModelSet set = models::model_set_of(values);
    add("content_analyser", analysers::content_models(set));
    add("face_detector", analysers::detector_models(analysers::DetectorOptions::from(values)));
    add("face_landmarker", analysers::landmarker_models(analysers::LandmarkerOptions::from(values)));
    add("face_recognizer", analysers::recognizer_models(set));
    add("face_classifier", analysers::classifier_models(set));
    add("face_masker", analysers::masker_models(analysers::MaskerOptions::from(values)));
    add("voice_extractor", analysers::voice_extractor_models(analysers::VoiceExtractorOptions::from(values)));
  }

  void add_processors(const core::OptionValues& values) {
    for (const auto& processor : processors::make_processors(values)) {
      add(std::string(processor->name()), processor->model_files());
    }
  }

  std::vector<CatalogueEntry> take() { return std::move(entries_); }

 private:
  std::vector<CatalogueEntry> entries_;
};

// "face-swapper-model" -> "face_swapper"; empty for options that choose no model.
std::string chooser_of(const core::Option& option) {
  const std::string key = option.key();
  return option.name.ends_with(kModelSuffix) ? key.substr(0, key.size() - kModelSuffix.size()) : "";
}

}  // namespace

std::vector<CatalogueEntry> model_catalogue(ModelSet set) {
  const OptionTables tables = tables_of(std::array{Group::kStep});
  const GivenOptions of_set{{models::kModelSetOption, {{models::set_name(set)}}}};
  const core::OptionValues defaults = option_values(tables, of_set);
  Collector collector;
  std::vector<std::string> processors;
  for (const std::vector<core::Option>* table : tables) {
    for (const core::Option& option : *table) {
      if (option.name == "processors") {
        processors = option.choices;
      }
      const std::string chooser = chooser_of(option);
      for (const std::string& choice : chooser.empty() ? std::vector<std::string>{} : choices_of(option, defaults)) {
        GivenOptions given = of_set;
        given[option.name] = {{choice}};
        const bool is_processor = std::find(processors.begin(), processors.end(), chooser) != processors.end();
        if (is_processor) {
          given["processors"] = {{chooser}};
          collector.add_processors(option_values(tables, given));
        } else {
          collector.add_analysers(option_values(tables, given));
        }
      }
    }
  }
  return collector.take();
}

std::vector<CatalogueEntry> every_model(const models::Store& store) {
  std::vector<CatalogueEntry> entries = model_catalogue(ModelSet::kOfficial);
  const std::vector<CatalogueEntry> embedded = model_catalogue(ModelSet::kEmbedded);
  entries.insert(entries.end(), embedded.begin(), embedded.end());
  for (const std::string& name : processors::deep_swapper_names(store.folder())) {
    entries.push_back({processors::deep_swapper_model(name, store.folder()), "deep_swapper"});
  }
  return entries;
}

std::vector<CatalogueEntry> installed_models(const models::Store& store) {
  std::vector<CatalogueEntry> entries = every_model(store);
  std::erase_if(entries,
                [&](const CatalogueEntry& entry) { return !std::filesystem::is_regular_file(store.path(entry.file)); });
  std::sort(entries.begin(), entries.end(), [](const CatalogueEntry& a, const CatalogueEntry& b) {
    return std::pair(a.role, a.file.name) < std::pair(b.role, b.file.name);
  });
  return entries;
}

}  // namespace facegraph::app
