// The commands about model files: force-download and models.
#pragma once

#include "app/cli/command.hpp"

namespace facegraph::app {

// Fetches every official model that is missing or broken. Throws Error(kFailed) when one could not be.
void force_download(const Invocation& call);

// Prints every model with role, licence, size and whether it is there and whole. Fetches nothing.
void list_models(const Invocation& call);

}  // namespace facegraph::app
