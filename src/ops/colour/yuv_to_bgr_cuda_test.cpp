#include "ops/colour/yuv_to_bgr_cuda.hpp"

#include <cmath>
#include <cstring>
#include <vector>

#include "ops/colour/yuv_to_bgr_pixels.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{38, 20};
constexpr std::ptrdiff_t kPitch = 128;  // of both planes, as decoders pad them

struct Standard {
  double red;  // share of luma
  double blue;
};
constexpr std::array<std::pair<YuvMatrix, Standard>, 3> kMatrices{{{YuvMatrix::kBt601, {0.299, 0.114}},
                                                                   {YuvMatrix::kBt709, {0.2126, 0.0722}},
                                                                   {YuvMatrix::kBt2020, {0.2627, 0.0593}}}};

// The matrix's own definition; values of 8 bits, not rounded.
std::array<double, 3> definition(Standard standard, bool full, double y, double u, double v) {
  const double luma = full ? y : (y - 16) * 255 / 219;
  const double scale = full ? 1 : 255.0 / 224;
  const double blue = (u - 128) * scale;
  const double red = (v - 128) * scale;
  const double green = 1 - standard.red - standard.blue;
  return {luma + 2 * (1 - standard.blue) * blue,
          luma - 2 * standard.blue * (1 - standard.blue) / green * blue -
              2 * standard.red * (1 - standard.red) / green * red,
          luma + 2 * (1 - standard.red) * red};
}

class YuvToBgrCuda : public GpuOps, public testing::WithParamInterface<bool> {
 protected:
  // Of the test's depth; chroma that rises slowly from row to row.
  static std::vector<std::byte> plane(int values, int rows, bool noisy) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(kPitch) * rows);
    const core::Image levels = noise({values, rows}, 1, core::Depth::kU8);
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < values; ++x) {
        const int level = noisy ? levels.row<std::uint8_t>(y)[x] : 40 + 3 * x + 8 * y;
        if (GetParam()) {
          const auto deep = static_cast<std::uint16_t>((4 * level + 1) << 6);
          std::memcpy(&bytes[y * kPitch + 2 * x], &deep, sizeof(deep));
        } else {
          bytes[y * kPitch + x] = static_cast<std::byte>(level);
        }
      }
    }
    return bytes;
  }

  SemiPlanarPicture described(const std::byte* y, const std::byte* uv) const {
    return {y, uv, kPitch, kPitch, kSize, GetParam()};
  }
  core::Image converted(const std::vector<std::byte>& y, const std::vector<std::byte>& uv, YuvMatrix matrix,
                        bool full) {
    const auto* y_on_gpu = upload_values(std::span<const std::byte>(y));
    const auto* uv_on_gpu = upload_values(std::span<const std::byte>(uv));
    const core::ImageView out = picture(kSize, 3, core::Depth::kU8);
    cuda::yuv_to_bgr(stream(), out, described(y_on_gpu, uv_on_gpu), matrix, full);
    return download(out);
  }
};

TEST_P(YuvToBgrCuda, FollowsTheStandard) {
  const auto y = plane(kSize.width, kSize.height, true);
  const auto uv = plane(kSize.width, kSize.height / 2, false);
  const auto level = [](const std::vector<std::byte>& plane, int x, double row) {
    // Chroma rises by 8 from row to row, so that any interpolation gives this.
    const auto of = [&](int whole) {
      std::uint16_t deep = 0;
      std::memcpy(&deep, &plane[whole * kPitch + 2 * x], sizeof(deep));
      return GetParam() ? (deep >> 6) / 4.0 : static_cast<double>(plane[whole * kPitch + x]);
    };
    const int whole = static_cast<int>(row);
    return of(whole) + (row - whole) * 8;
  };
  for (const auto& [matrix, standard] : kMatrices) {
    for (const bool full : {false, true}) {
      const core::Image bgr = converted(y, uv, matrix, full);
      for (int row = 4; row < kSize.height - 4; ++row) {
        const double chroma_row = GetParam() ? (row - 0.5) / 2 : row / 2;
        for (int x = 0; x < kSize.width; ++x) {
          const auto expected = definition(standard, full, level(y, x, row), level(uv, x / 2 * 2, chroma_row),
                                           level(uv, x / 2 * 2 + 1, chroma_row));
          for (int c = 0; c < 3; ++c) {
            // Up to three values, two of them for green, are cut off to whole numbers.
            EXPECT_NEAR(bgr.row<std::uint8_t>(row)[3 * x + c], std::clamp(expected[c], 0.0, 255.0), 3)
                << "row " << row << ", x " << x << ", channel " << c;
          }
        }
      }
    }
  }
}

TEST_P(YuvToBgrCuda, IsTheProgramItself) {
  const auto y = plane(kSize.width, kSize.height, true);
  const auto uv = plane(kSize.width, kSize.height / 2, true);
  for (const auto& [matrix, standard] : kMatrices) {
    for (const bool full : {false, true}) {
      core::Image expected(kSize, 3);
      run_pixels_on_host(
          {kSize.width / 2, kSize.height},
          YuvToBgrPixels{expected.view(), described(y.data(), uv.data()), bgr_coefficients(matrix, full)});
      expect_equal(converted(y, uv, matrix, full), expected);
    }
  }
}

TEST_P(YuvToBgrCuda, OddSidesAreRefused) {
  const core::ImageView out = picture({3, 2}, 3, core::Depth::kU8);
  SemiPlanarPicture odd = described(nullptr, nullptr);
  odd.size = {3, 2};
  EXPECT_THROW(cuda::yuv_to_bgr(stream(), out, odd, YuvMatrix::kBt709, false), core::Error);
}

INSTANTIATE_TEST_SUITE_P(Depths, YuvToBgrCuda, testing::Bool(),
                         [](const auto& test) { return test.param ? "P010" : "Nv12"; });

}  // namespace
}  // namespace facegraph::ops
