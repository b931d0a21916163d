// The mark of a file that is there: what made a target that is itself an output.
#pragma once

#include <filesystem>

#include "media/provenance/provenance.hpp"

struct AVFormatContext;  // FFmpeg's

namespace facegraph::media {

// Of a picture or video; without models where there is no mark of ours, or the file cannot be read.
Provenance read_provenance(const std::filesystem::path& file);

// Adds the models that an opened container's metadata name.
void add_models(Provenance& provenance, const AVFormatContext& container);

}  // namespace facegraph::media
