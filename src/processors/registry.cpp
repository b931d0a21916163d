#include <array>

#include "processors/processor.hpp"

namespace facegraph::processors {

// Each folder NAME defines make_NAME and NAME_options.
#define PROCESSOR(name)                                                     \
  std::unique_ptr<Processor> make_##name(const core::OptionValues& values); \
  const std::vector<core::Option>& name##_options();
#include "processors/processors.def"
#undef PROCESSOR

namespace {

struct Entry {
  const char* name;
  std::unique_ptr<Processor> (*make)(const core::OptionValues& values);
  const std::vector<core::Option>& (*options)();
};

constexpr std::array kEntries{
#define PROCESSOR(name) Entry{#name, make_##name, name##_options},
#include "processors/processors.def"
#undef PROCESSOR
};

core::Option processors_option() {
  core::Option option{.name = "processors",
                      .kind = core::OptionKind::kStringList,
                      .section = "processors",
                      .help = "processors to run, in this order",
                      .default_value = std::vector<std::string>{"face_swapper"}};
  for (const Entry& entry : kEntries) {
    option.choices.emplace_back(entry.name);
  }
  return option;
}

}  // namespace

const std::vector<core::Option>& processor_options() {
  static const std::vector<core::Option> table = [] {
    std::vector<core::Option> all{processors_option()};
    for (const Entry& entry : kEntries) {
      all.insert(all.end(), entry.options().begin(), entry.options().end());
    }
    return all;
  }();
  return table;
}

std::vector<std::unique_ptr<Processor>> make_processors(const core::OptionValues& values) {
  std::vector<std::unique_ptr<Processor>> result;
  for (const std::string& wanted : values.strings("processors")) {
    for (const Entry& entry : kEntries) {
      if (wanted == entry.name) {
        result.push_back(entry.make(values));
      }
    }
  }
  return result;
}

}  // namespace facegraph::processors
