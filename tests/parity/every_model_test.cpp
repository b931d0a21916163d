// Every model that a registered processor can be told to use, once through the program with the stand-in models.
#include <gtest/gtest.h>

#include "app/cli/command_line.hpp"
#include "golden_case.hpp"
#include "media/image/image_file.hpp"
#include "models/catalogue/model_set.hpp"
#include "processors/deep_swapper/deep_swapper.hpp"
#include "processors/processor.hpp"
#include "support/npz.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

using Words = std::vector<std::string>;

std::string prefix_of(std::string processor) {
  std::replace(processor.begin(), processor.end(), '_', '-');
  return processor + "-";
}

// What the processor's models are chosen with, and what it may be; empty without an option for it.
std::pair<std::string, Words> models_of(const std::string& processor, const std::filesystem::path& folder) {
  const core::OptionValues values = values_of({models::model_set_options()});
  for (const core::Option& option : processors::processor_options()) {
    if (option.name == prefix_of(processor) + "model") {
      const Words choices = core::choices_of(option, values);
      return {option.name, choices.empty() ? processors::deep_swapper_names(folder) : choices};
    }
  }
  return {};
}

bool equal(core::ConstImageView a, core::ConstImageView b) {
  bool same = a.size() == b.size() && a.channels == b.channels;
  for (int y = 0; same && y < a.height; ++y) {
    same = std::equal(a.row<std::byte>(y), a.row<std::byte>(y) + a.row_bytes(), b.row<std::byte>(y));
  }
  return same;
}

class EveryModel : public testing::TestWithParam<std::string> {};

TEST_P(EveryModel, ChangesThePicture) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Workspace workspace;
  make_model_folder(workspace.model_folder(), shared, {});
  workspace.use_models(workspace.model_folder());
  const std::filesystem::path photos = shared / "golden" / "photos";
  const core::Image target = media::read_image(photos / "mini.png", media::ReadMode::kColour);
  const auto [option, models] = models_of(GetParam(), workspace.model_folder());
  const auto run = [&](const Words& more) {
    const std::filesystem::path output = workspace.out() / "out.png";
    Words words{"headless-run",       "--processors",  GetParam(),          "--source-paths", photos / "president.png",
                photos / "voice.wav", "--target-path", photos / "mini.png", "--output-path",  output.string()};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(app::run_command_line(words), 0);
    return media::read_image(output, media::ReadMode::kAlpha);
  };
  if (option.empty()) {
    EXPECT_FALSE(equal(run({}), target));
    return;
  }
  EXPECT_FALSE(models.empty()) << option;
  for (const std::string& model : models) {
    SCOPED_TRACE(model);
    EXPECT_FALSE(equal(run({"--" + option, model}), target)) << "the picture is as before";
  }
}

INSTANTIATE_TEST_SUITE_P(Processors, EveryModel, testing::ValuesIn(processors::processor_options().front().choices),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace facegraph::test
