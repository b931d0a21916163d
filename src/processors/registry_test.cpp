// What every registered processor has to keep: runs over the table, so a new one is checked by being registered.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analysers/masker/masker.hpp"
#include "models/catalogue/model_set.hpp"
#include "processors/processor.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using core::Option;

const std::vector<std::string>& names() {
  return processor_options().front().choices;
}

using Given = std::map<std::string, std::vector<std::string>>;

// Options that have no default; the processor cannot run without. deep_swapper: a model is one person's face, and
// nobody is the default.
const Given kRequired{{"deep-swapper-model", {"custom/contract"}}};

// Values of --processors NAME, what has to be given and what else is, and defaults of everything that processors read.
core::OptionValues defaults_with(const std::vector<std::string>& processors, Given given = {}) {
  given["processors"] = processors;
  given.insert(kRequired.begin(), kRequired.end());
  return test::values_of({models::model_set_options(), analysers::masker_options(), processor_options()}, given);
}

std::string prefix_of(const std::string& processor) {
  std::string prefix = processor + "-";
  std::replace(prefix.begin(), prefix.end(), '_', '-');
  return prefix;
}

std::vector<Option> own_options(const std::string& processor) {
  std::vector<Option> own;
  for (const Option& option : processor_options()) {
    if (option.name.starts_with(prefix_of(processor))) {
      own.push_back(option);
    }
  }
  return own;
}

TEST(Registry, ListsItsProcessorsFirst) {
  const Option& option = processor_options().front();
  EXPECT_EQ(option.name, "processors");
  EXPECT_EQ(option.kind, core::OptionKind::kStringList);
  EXPECT_EQ(std::get<std::vector<std::string>>(option.default_value), std::vector<std::string>{"face_swapper"});
  EXPECT_TRUE(std::is_sorted(names().begin(), names().end()));
  EXPECT_TRUE(std::find(names().begin(), names().end(), "face_swapper") != names().end());
}

TEST(Registry, EveryOptionBelongsToAProcessor) {
  std::set<std::string> seen;
  for (const Option& option : processor_options()) {
    EXPECT_TRUE(seen.insert(option.name).second) << option.name << " is declared twice";
    const auto owner = std::count_if(names().begin(), names().end(),
                                     [&](const std::string& name) { return option.name.starts_with(prefix_of(name)); });
    EXPECT_EQ(owner, option.name == "processors" ? 0 : 1) << option.name;
  }
}

TEST(Registry, EveryOptionIsComplete) {
  for (const Option& option : processor_options()) {
    EXPECT_FALSE(option.help.empty()) << option.name;
    EXPECT_EQ(option.section, "processors") << option.name;
    EXPECT_EQ(option.scope, core::OptionScope::kStep) << option.name;
    EXPECT_EQ(option.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos) << option.name;
    const core::OptionValues values = defaults_with({"face_swapper"});
    EXPECT_TRUE(values.is_set(option.name)) << option.name << " has neither default nor choices";
    const bool is_number = option.kind == core::OptionKind::kInteger || option.kind == core::OptionKind::kFloat ||
                           option.kind == core::OptionKind::kIntegerList;
    EXPECT_TRUE(!is_number || option.range || !option.choices.empty()) << option.name << " takes any number";
    EXPECT_TRUE(is_number || option.kind == core::OptionKind::kFlag || kRequired.contains(option.name) ||
                !core::choices_of(option, values).empty())
        << option.name << " takes any text";
  }
}

TEST(Registry, DefaultsPassTheirOwnCheck) {
  const core::OptionValues values = defaults_with({"face_swapper"});
  for (const Option& option : processor_options()) {
    const std::string text = core::to_text(values.at(option.name));
    std::istringstream words(text);
    const std::vector<std::string> tokens{std::istream_iterator<std::string>(words), {}};
    EXPECT_EQ(core::to_text(core::parse_option(option, tokens, values)), text) << option.name;
  }
}

// What the option must not take, as one would write it.
std::vector<std::string> bad_values(const Option& option) {
  std::vector<std::string> bad;
  if (option.range) {
    for (const double value : {option.range->low - option.range->step, option.range->high + option.range->step}) {
      bad.push_back(option.kind == core::OptionKind::kFloat ? fmt::format("{:.2f}", value)
                                                            : std::to_string(std::llround(value)));
    }
  }
  if (option.range || !option.choices.empty() || option.dependent_choices != nullptr) {
    bad.emplace_back("nothing-of-that-name");
  }
  return bad;
}

class Contract : public testing::TestWithParam<std::string> {
 protected:
  Contract() {
    std::filesystem::create_directory(scratch_ / "custom");
    scratch_.write("custom/contract.dfm", "");
  }

  std::unique_ptr<Processor> made(const Given& given = {}) const {
    auto processors = make_processors(defaults_with({GetParam()}, given));
    return processors.size() == 1 ? std::move(processors.front()) : nullptr;
  }

  const test::Scratch scratch_;
  const test::ScopedVariable folder_{"FACEGRAPH_MODELS_PATH", scratch_.folder().string()};
};

TEST_P(Contract, HasOptions) {
  EXPECT_FALSE(own_options(GetParam()).empty());
}

TEST_P(Contract, IsMadeOfDefaults) {
  const auto processor = made();
  ASSERT_NE(processor, nullptr);
  EXPECT_EQ(processor->name(), GetParam());
}

TEST_P(Contract, NeedsAreConsistent) {
  const Needs needs = made()->needs();
  EXPECT_TRUE(needs.source_image || !needs.source_face) << "a source face comes from a source picture";
}

void expect_complete(const std::vector<models::ModelFile>& files) {
  EXPECT_FALSE(files.empty());
  std::set<std::string> seen;
  for (const models::ModelFile& file : files) {
    EXPECT_TRUE(seen.insert(file.file_name()).second) << file.name << " twice";
    EXPECT_TRUE(file.release.starts_with("models-") || models::is_users(file) || models::is_embedded(file))
        << file.name << ": " << file.release;
    EXPECT_FALSE(file.licence.empty()) << file.name;
  }
}

TEST_P(Contract, NamesItsModelFiles) {
  expect_complete(made()->model_files());
}

// Each name that a model option takes leads to a file of its own, unless it stands for several of the others.
TEST_P(Contract, EveryModelThatCanBeNamedIsThere) {
  for (const Option& option : own_options(GetParam())) {
    if (!option.name.ends_with("-model") || kRequired.contains(option.name)) {
      continue;
    }
    std::set<std::vector<std::string>> seen;
    for (const std::string& model : core::choices_of(option, defaults_with({GetParam()}))) {
      const auto files = made({{option.name, {model}}})->model_files();
      expect_complete(files);
      std::vector<std::string> names;
      for (const models::ModelFile& file : files) {
        names.push_back(file.file_name());
      }
      EXPECT_TRUE(seen.insert(names).second) << model << " takes the files of another model";
    }
  }
}

TEST_P(Contract, RefusesBadValuesWithAMessage) {
  for (const Option& option : own_options(GetParam())) {
    for (const std::string& value : bad_values(option)) {
      if (!option.sanitise) {
        test::expect_names(test::message_of(core::ErrorCode::kUsage,
                                            [&] {
                                              made({{option.name, {value}}});
                                            }),
                           {"--" + option.name, value});
      }
    }
  }
}

// The embedded set has models for some processors only.
TEST_P(Contract, OfTheEmbeddedSetIsMadeOrRefusedWithAMessage) {
  std::unique_ptr<Processor> processor;
  try {
    processor = made({{models::kModelSetOption, {"embedded"}}});
  } catch (const core::Error& error) {
    EXPECT_EQ(error.code(), core::ErrorCode::kUsage) << error.what();
    test::expect_names(error.what(), {GetParam(), "embedded", "--model-set"});
    return;
  }
  for (const models::ModelFile& file : processor->model_files()) {
    EXPECT_TRUE(models::is_embedded(file)) << file.name;
  }
}

TEST_P(Contract, OpeningWithoutModelsIsOneClearError) {
  const models::Store store(scratch_ / "empty");
  runtime::InferencePool pool{runtime::ExecutionOptions{}};
  // A processor without a model of its own needs one for its masks.
  const auto processor = made({{"face-mask-types", {"box", "occlusion", "area", "region"}}});
  test::message_of(core::ErrorCode::kFailed, [&] { processor->open({pool, store}, {}); });
}

std::string plain_name(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

INSTANTIATE_TEST_SUITE_P(Processors, Contract, testing::ValuesIn(names()), plain_name);

TEST(MakeProcessors, KeepsOrderAndRepeats) {
  const auto processors = make_processors(defaults_with({"face_swapper", "face_swapper"}));
  ASSERT_EQ(processors.size(), 2U);
  EXPECT_EQ(processors[1]->name(), "face_swapper");
}

}  // namespace
}  // namespace facegraph::processors
