#include "runtime/graph/lane.hpp"

#include <array>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "device/gpu/test_support.hpp"
#include "runtime/session/not_finite.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

void check(const Lane& lane, const FiniteCheck& finite) {
  lane.site().wait();
  finite.check();
}

TEST(Lane, NamesAModelThatGaveNoNumbersOnce) {
  device::FakeGpu gpu;
  Lane lane(gpu);
  check(lane, lane.fetch_finite());
  const std::vector<float> some{1, -2, 0};
  const std::vector<float> infinite{1, std::numeric_limits<float>::infinity(), 0};
  const std::array<std::span<const float>, 2> numbers{some, some};
  const std::array<std::span<const float>, 2> none{some, infinite};
  lane.watch("good", numbers);
  check(lane, lane.fetch_finite());
  lane.watch("bad", none);
  lane.watch("good", numbers);
  const FiniteCheck of_bad = lane.fetch_finite();
  lane.watch("later", numbers);
  const FiniteCheck of_later = lane.fetch_finite();
  lane.watch("last", none);
  try {
    check(lane, of_bad);
    FAIL() << "no error";
  } catch (const NotFinite& error) {
    test::expect_names(error.what(), {"bad", "NaN"});
  }
  check(lane, of_later);
  EXPECT_THROW(check(lane, lane.fetch_finite()), NotFinite);
  check(lane, lane.fetch_finite());
}

}  // namespace
}  // namespace facegraph::runtime
