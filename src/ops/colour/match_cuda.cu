#include <algorithm>
#include <type_traits>

#include "core/base/error.hpp"
#include "ops/colour/colorize_checks.hpp"
#include "ops/colour/likeness_programs.hpp"
#include "ops/colour/match_checks.hpp"
#include "ops/colour/match_cuda.hpp"
#include "ops/colour/match_programs.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

namespace {

void check_pictures(core::ConstImageView out, core::ConstImageView source, core::ConstImageView target) {
  check_match_picture(source);
  check_match_picture(target);
  check_coloured("match_colour", out, target);
  const int fewest = match_steps(target.height).front();
  if (target.width != target.height || std::min({source.width, source.height, target.height}) < fewest) {
    core::fail(core::ErrorCode::kFailed,
               "match_colour: pictures {}x{} and {}x{}, expected at least {} pixels a side and a square target",
               source.width, source.height, target.width, target.height, fewest);
  }
}

// others: what is done in the same launch.
template <typename Others, typename Fields>
void find_fields(const device::Stream& stream, const Others& others, const Fields& fields) {
  const auto all = beside(others, fields);
  for_each_block(stream, "match_colour, fields", all.blocks(), all);
}

// The target as the last step leaves it. first, second, third: what is done beside the steps, in that order.
template <typename First, typename Second, typename Third>
ShiftedPicture matched(const device::Stream& stream, core::ConstImageView source, core::ConstImageView target,
                       float* fields, const First& first, const Second& second, const Third& third) {
  const auto [coarse, middle, fine] = match_steps(target.height);
  float* middle_fields = field_at(fields, coarse, 0, coarse);
  float* fine_fields = field_at(middle_fields, middle, 0, middle);
  find_fields(stream, first, CoarseFields{fields, coarse, source, target});
  find_fields(stream, second, FineFields{middle_fields, middle, {target, fields, coarse}});
  find_fields(stream, third, FineFields{fine_fields, fine, {target, middle_fields, middle}});
  return {target, fine_fields, fine};
}

}  // namespace

std::size_t match_fields(int height) {
  std::size_t count = 0;
  for (const int size : match_steps(height)) {
    count += std::size_t{3} * static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  }
  return count;
}

void match_colour(const device::Stream& stream, core::ImageView out, core::ConstImageView source,
                  core::ConstImageView target, float* fields) {
  check_pictures(out, source, target);
  const NoProgram none;
  for_each_pixel(stream, "match_colour", out.size(),
                 ShiftPixels{out, matched(stream, source, target, fields, none, none, none)});
}

void match_alike_colour(const device::Stream& stream, core::ImageView out, core::ConstImageView source,
                        core::ConstImageView target, float* fields, LikenessScratch* scratch,
                        const ShrinkPrograms& mask) {
  check_pictures(out, source, target);
  const auto with_mask = [&](const auto& program, const auto& pixels) {
    return beside(program, PixelsInBlocks<std::decay_t<decltype(pixels)>>{pixels, mask.size});
  };
  const ShiftedPicture shifted = matched(
      stream, source, target, fields, with_mask(ClearHistograms{scratch}, mask.erode),
      with_mask(CountColours{source, target, scratch}, mask.rows), with_mask(CompareColours{scratch}, mask.columns));
  for_each_pixel(stream, "match_alike_colour", out.size(), MixAlikePixels{out, shifted, &scratch->likeness});
}

}  // namespace facegraph::ops::cuda
