// Every model of the processors of whole frames, on its stand-in: the table's size, scale and values fit the file, and
// the result is still the picture. Which pixels it should have is compared in cases_test.cpp, for a model of each kind.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "analysers/masker/masker.hpp"
#include "media/image/image_file.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/gpu/test_support.hpp"
#include "processors/processor.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "support/npz.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

using processors::TempFrame;

// The names that an option takes.
std::vector<std::string> models_of(const std::string& option_name) {
  for (const core::Option& option : processors::processor_options()) {
    if (option.name == option_name) {
      return core::choices_of(option, values_of({models::model_set_options()}));
    }
  }
  return {};
}

// A photograph through a processor with one of its models; a GPU, made of host memory here, gives the same.
TempFrame processed(const std::filesystem::path& shared, const std::string& processor, const std::string& option,
                    const std::string& model, const core::Image& photo) {
  const Scratch scratch;
  const models::Store store(shared / "contract/models");
  const auto values =
      values_of({models::model_set_options(), analysers::masker_options(), processors::processor_options()},
                {{"processors", {processor}}, {option, {model}}});
  const auto run = [&](runtime::InferencePool& pool) {
    const device::Site site = pool.site(0);
    TempFrame temp{site.copy_in(photo), {}};
    processors::make_processors(values).front()->open({pool, store, 0, site}, {})->process_frame({}, temp);
    return TempFrame{site.take_out(std::move(temp.frame)),
                     temp.mask.empty() ? core::Image() : site.take_out(std::move(temp.mask))};
  };
  runtime::InferencePool pool{runtime::ExecutionOptions{}};
  TempFrame temp = run(pool);
  device::FakeGpu gpu;
  runtime::InferencePool gpu_pool{runtime::ExecutionOptions{.providers = {"cuda"}},
                                  runtime::host_backend(gpu, scratch / "graphs.json")};
  const TempFrame on_gpu = run(gpu_pool);
  SCOPED_TRACE(model);
  ops::expect_equal(on_gpu.frame, temp.frame, 1);  // DDColor's lightness is read from a grid there
  ops::expect_equal(on_gpu.mask, temp.mask);
  return temp;
}

// In dB, over all values.
double likeness(core::ConstImageView a, core::ConstImageView b) {
  double squares = 0;
  for (int y = 0; y < a.height; ++y) {
    for (int x = 0; x < a.width * a.channels; ++x) {
      const double off = double(a.row<std::uint8_t>(y)[x]) - double(b.row<std::uint8_t>(y)[x]);
      squares += off * off;
    }
  }
  return 10 * std::log10(255.0 * 255.0 * a.width * a.height * a.channels / std::max(squares, 1e-9));
}

core::Image grey_of(core::ConstImageView picture) {
  core::Image grey(picture.size(), 1);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const auto* bgr = picture.row<std::uint8_t>(y) + 3 * x;
      grey.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(0.114 * bgr[0] + 0.587 * bgr[1] + 0.299 * bgr[2]);
    }
  }
  return grey;
}

TEST(FrameModels, EnhanceByTheScaleOfTheirName) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const core::Image photo = media::read_image(shared / "golden/photos/mini.png", media::ReadMode::kColour);
  const std::vector<std::string> names = models_of("frame-enhancer-model");
  EXPECT_EQ(names.size(), 19U);
  for (const std::string& name : names) {
    const int scale = name[name.rfind("_x") + 2] - '0';
    const TempFrame temp = processed(shared, "frame_enhancer", "frame-enhancer-model", name, photo);
    ASSERT_EQ(temp.frame.size(), (core::Size{scale * photo.width(), scale * photo.height()})) << name;
    core::Image plain(temp.frame.size(), 3);
    ops::resize(plain, photo);
    EXPECT_GE(likeness(temp.frame, plain), 25) << name;
  }
}

TEST(FrameModels, ColourWithoutChangingTheLightness) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const core::Image photo = media::read_image(shared / "golden/photos/mini.png", media::ReadMode::kColour);
  const std::vector<std::string> names = models_of("frame-colorizer-model");
  EXPECT_EQ(names.size(), 5U);
  for (const std::string& name : names) {
    const TempFrame temp = processed(shared, "frame_colorizer", "frame-colorizer-model", name, photo);
    ASSERT_EQ(temp.frame.size(), photo.size()) << name;
    EXPECT_GE(likeness(grey_of(temp.frame), grey_of(photo)), 15)
        << name;  // the lightness of deoldify is the blue channel
    EXPECT_LE(likeness(temp.frame, photo), 40) << name;
  }
}

TEST(FrameModels, RemoveTheBackground) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const core::Image photo = media::read_image(shared / "golden/photos/astro_green.png", media::ReadMode::kColour);
  const std::vector<std::string> names = models_of("background-remover-model");
  EXPECT_EQ(names.size(), 15U);
  for (const std::string& name : names) {
    const TempFrame temp = processed(shared, "background_remover", "background-remover-model", name, photo);
    ASSERT_EQ(temp.frame.size(), photo.size()) << name;
    ASSERT_EQ(temp.mask.size(), photo.size()) << name;
    EXPECT_GE(likeness(temp.frame, photo), name.starts_with("corridor") ? 15 : 99) << name;
    EXPECT_GE(temp.mask.row<std::uint8_t>(150)[150], 250) << name;
    EXPECT_LE(temp.mask.row<std::uint8_t>(2)[2], 5) << name;
  }
}

}  // namespace
}  // namespace facegraph::test
