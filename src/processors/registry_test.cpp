// What every registered processor has to keep: runs over the table, so a new one is checked by being registered.
#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "analysers/masker/masker.hpp"
#include "processors/processor.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using core::Option;

const std::vector<std::string>& names() {
  return processor_options().front().choices;
}

using Given = std::map<std::string, std::vector<std::string>>;

// Values of --processors NAME, what else is given, and defaults of everything that processors read.
core::OptionValues defaults_with(const std::vector<std::string>& processors, Given given = {}) {
  given["processors"] = processors;
  return test::values_of({analysers::masker_options(), processor_options()}, given);
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

class Contract : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Processor> made(const Given& given = {}) const {
    auto processors = make_processors(defaults_with({GetParam()}, given));
    return processors.size() == 1 ? std::move(processors.front()) : nullptr;
  }
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

TEST_P(Contract, NamesItsModelFiles) {
  const auto files = made()->model_files();
  EXPECT_FALSE(files.empty());
  std::set<std::string> seen;
  for (const models::ModelFile& file : files) {
    EXPECT_TRUE(seen.insert(file.file_name()).second) << file.name << " twice";
    EXPECT_TRUE(file.release.starts_with("models-")) << file.name << ": " << file.release;
    EXPECT_FALSE(file.licence.empty()) << file.name;
  }
}

TEST_P(Contract, OpeningWithoutModelsIsOneClearError) {
  const test::Scratch scratch;
  const models::Store store(scratch.folder());
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
