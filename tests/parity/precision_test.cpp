// Half precision against the reference: the pictures stay within the reference's own tolerance, decisions are
// untouched.
#include <algorithm>

#include <gtest/gtest.h>

#include "app/cli/command_line.hpp"
#include "golden_case.hpp"
#include "media/image/image_file.hpp"
#include "pictures.hpp"
#include "support/npz.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

// The cache of rewritten models lies in the working folder.
bool is_cached(const std::string& model) {
  return std::any_of(fs::directory_iterator(".caches/fp16"), fs::directory_iterator(),
                     [&](const auto& entry) { return entry.path().filename().string().starts_with(model + "-"); });
}

struct HalfCase {
  const char* id;
  const char* model;  // the processor's
};

class HalfPrecision : public testing::TestWithParam<HalfCase> {};

TEST_P(HalfPrecision, StaysWithinTheReferencesTolerance) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const fs::path base = fs::absolute(shared / "golden");
  const nlohmann::json golden = golden_case(shared, GetParam().id);
  const Workspace workspace;
  make_model_folder(workspace.model_folder(), shared, {});
  workspace.use_models(workspace.model_folder());
  std::vector<std::string> line = arguments(golden, base, workspace.out());
  line.insert(line.end(), {"--precision", "fp16"});
  const InFolder folder(workspace.out());
  ASSERT_EQ(app::run_command_line(line), 0);
  expect_picture(media::read_image(workspace.out() / golden["output"].get<std::string>(), media::ReadMode::kAlpha),
                 base / golden["golden"].get<std::string>(), golden["tolerance"], GetParam().id);
  EXPECT_TRUE(is_cached(GetParam().model));
  EXPECT_FALSE(is_cached("yoloface_8n")) << "a network that decides was rewritten";
}

INSTANTIATE_TEST_SUITE_P(Reference, HalfPrecision,
                         testing::Values(HalfCase{"swap_inswapper_128", "inswapper_128"},
                                         HalfCase{"swap_ghost_2_256", "ghost_2_256"},
                                         HalfCase{"edit_eyes_smile", "live_portrait_generator"},
                                         HalfCase{"color_ddcolor", "ddcolor"}),
                         [](const auto& test) { return std::string(test.param.id); });

}  // namespace
}  // namespace facegraph::test
