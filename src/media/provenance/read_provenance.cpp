#include "media/provenance/read_provenance.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/log.hpp"
#include "media/media.hpp"
#include "media/probe/input.hpp"

namespace facegraph::media {

Provenance read_provenance(const std::filesystem::path& file) {
  Provenance provenance;
  try {
    if (kind_of(file) == MediaKind::kImage) {
      add_models_of_xmp(provenance, core::read_file(file));
    } else {
      add_models(provenance, *open_input(file).format);
    }
  } catch (const core::Error& error) {
    core::log_debug("media", "no mark is read: {}", error.what());  // who opens it next says what is wrong with it
  }
  return provenance;
}

void add_models(Provenance& provenance, const AVFormatContext& container) {
  for (const char* key : {"comment", "comment_provenance"}) {
    if (const AVDictionaryEntry* entry = av_dict_get(container.metadata, key, nullptr, 0)) {
      add_models(provenance, entry->value);
    }
  }
}

}  // namespace facegraph::media
