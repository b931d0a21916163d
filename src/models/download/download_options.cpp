#include "models/download/download_options.hpp"

namespace facegraph::models {

using core::Option;
using core::OptionKind;
using core::OptionScope;

const std::vector<Option>& download_provider_options() {
  static const std::vector<Option> table{
      {.name = "download-providers",
       .kind = OptionKind::kStringList,
       .section = "download",
       .scope = OptionScope::kJob,
       .help = "where missing models are fetched from, the first that answers",
       .default_value = std::vector<std::string>{"github", "huggingface"},
       .choices = {"github", "huggingface"}},
  };
  return table;
}

const std::vector<Option>& download_scope_options() {
  static const std::vector<Option> table{
      {.name = "download-scope",
       .section = "download",
       .scope = OptionScope::kJob,
       .help = "full: all models of the deep swapper too",
       .default_value = std::string("lite"),
       .choices = {"lite", "full"}},
  };
  return table;
}

}  // namespace facegraph::models
