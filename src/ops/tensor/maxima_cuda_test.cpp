#include "ops/tensor/maxima_cuda.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "core/base/error.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

std::vector<float> random_rows(std::size_t rows, std::size_t length) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> value(-1, 0);
  std::vector<float> values(rows * length);
  std::generate(values.begin(), values.end(), [&] { return value(random); });
  return values;
}

TEST(RowMaxima, AreEachRowsLargestValue) {
  for (const std::size_t length : {1U, 15U, 16U, 37U, 4096U}) {
    std::vector<float> values = random_rows(68, length);
    for (std::size_t row = 0; row < 68; ++row) {
      values[row * length + row % length] = static_cast<float>(row);
    }
    std::vector<float> maxima(68);
    row_maxima(maxima, values);
    for (std::size_t row = 0; row < 68; ++row) {
      EXPECT_EQ(maxima[row], static_cast<float>(row)) << length;
    }
  }
}

TEST(RowMaxima, NanCountsForNothing) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  std::vector<float> maxima(3);
  row_maxima(maxima, std::vector<float>{std::nanf(""), -3, 2, std::nanf(""), std::nanf(""), std::nanf("")});
  EXPECT_EQ(maxima, (std::vector<float>{-3, 2, -kInfinite}));
  row_maxima(maxima, {});
  EXPECT_EQ(maxima, std::vector<float>(3, -kInfinite));
  EXPECT_THROW(row_maxima(maxima, std::vector<float>(4)), core::Error);
}

class RowMaximaCuda : public GpuOps {};

TEST_F(RowMaximaCuda, EqualsTheCpuHalf) {
  for (const std::size_t length : {1U, 63U, 64U, 1000U, 4096U}) {
    std::vector<float> values = random_rows(68, length);
    values[3] = std::nanf("");
    std::vector<float> expected(68);
    row_maxima(expected, values);
    const std::span<float> out(static_cast<float*>(take(68 * sizeof(float))), 68);
    auto* scratch = static_cast<float*>(take(68 * sizeof(float) * cuda::kMaximaParts));
    const float* in = upload_values(std::span<const float>(values));
    cuda::row_maxima(stream(), out, {in, values.size()}, scratch);
    EXPECT_EQ(download_values(out.data(), out.size()), expected) << length;
  }
}

}  // namespace
}  // namespace facegraph::ops
