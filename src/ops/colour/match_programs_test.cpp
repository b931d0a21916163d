#include "ops/colour/match_programs.hpp"

#include <memory>

#include "ops/colour/likeness_programs.hpp"
#include "ops/colour/match.hpp"
#include "ops/colour/match_checks.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

// Soft colours, so that averages and shifts differ from place to place.
core::Image picture(core::Size size, int tint) {
  core::Image image = noise(size, 3, core::Depth::kU8, static_cast<unsigned>(tint));
  for (int y = 0; y < size.height; ++y) {
    for (int i = 0; i < size.width * 3; ++i) {
      std::uint8_t& value = image.row<std::uint8_t>(y)[i];
      value = static_cast<std::uint8_t>(value / 4 + (i % 3 + 1) * tint + (i / 3 + 2 * y) % 60);
    }
  }
  return image;
}

void expect_step(const core::Image& source, const core::Image& target, int size) {
  std::vector<float> fields(std::size_t{3} * size * size);
  core::Image out(target.size(), 3);
  const CoarseFields program{fields.data(), size, source, target};
  run_blocks_on_host(program.blocks(), program);
  run_pixels_on_host(out.size(), ShiftPixels{out, {target, fields.data(), size}});
  expect_equal(out, equalise_colour(source, target, size), target.width() % 4 == 0 ? 0 : 1);
}

TEST(MatchPrograms, AStepEqualsTheCpuHalf) {
  const core::Image source = picture({128, 128}, 30);
  const core::Image target = picture({128, 128}, 11);
  for (const int size : {1, 16, 43, 54, 64, 90, 128}) {
    expect_step(source, target, size);
  }
  expect_step(picture({150, 90}, 30), picture({67, 71}, 11), 16);
  for (const int size : match_steps(224)) {
    expect_step(picture({224, 224}, 30), picture({224, 224}, 11), size);
  }
}

double likeness_of(const core::Image& source, const core::Image& target) {
  const auto scratch = std::make_unique<LikenessScratch>();
  const CountColours counting{source, target, scratch.get()};
  run_blocks_on_host(1, ClearHistograms{scratch.get()});
  run_blocks_on_host(counting.blocks(), counting);
  run_blocks_on_host(1, CompareColours{scratch.get()});
  return scratch->likeness;
}

TEST(MatchPrograms, LikenessEqualsTheCpuHalf) {
  const core::Image noisy = noise({90, 64}, 3, core::Depth::kU8);
  const core::Image grey = core::Image::zeros(20, 20, 3);
  const core::Image source = picture({128, 100}, 30);
  for (const core::Image* target : std::initializer_list<const core::Image*>{&noisy, &grey, &source}) {
    EXPECT_NEAR(likeness_of(source, *target), colour_likeness(source, *target), 1e-12);
  }
}

// Every colour in steps of three levels.
TEST(MatchPrograms, ColoursFallIntoOpencvsBins) {
  const core::Image first = noise({4, 4}, 3, core::Depth::kU8);
  for (int blue = 0; blue < 256; blue += 15) {
    core::Image colours(86, 86, 3);
    for (int i = 0; i < 86 * 86; ++i) {
      auto* pixel = colours.row<std::uint8_t>(0) + 3 * i;
      pixel[0] = static_cast<std::uint8_t>(blue);
      pixel[1] = static_cast<std::uint8_t>(i / 86 * 3);
      pixel[2] = static_cast<std::uint8_t>(i % 86 * 3);
    }
    EXPECT_NEAR(likeness_of(first, colours), colour_likeness(first, colours), 1e-12) << blue;
  }
}

}  // namespace
}  // namespace facegraph::ops
