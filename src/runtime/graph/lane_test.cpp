#include "runtime/graph/lane.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "device/gpu/test_support.hpp"
#include "runtime/session/not_finite.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

TEST(Lane, NamesAModelThatGaveNoNumbersOnce) {
  device::FakeGpu gpu;
  Lane lane(gpu);
  lane.check_finite();
  const std::vector<float> numbers{1, -2, 0};
  const std::vector<float> none{1, std::numeric_limits<float>::infinity(), 0};
  lane.watch("good", numbers.data(), numbers.size());
  lane.check_finite();
  lane.watch("bad", none.data(), none.size());
  lane.watch("good", numbers.data(), numbers.size());
  try {
    lane.check_finite();
    FAIL() << "no error";
  } catch (const NotFinite& error) {
    test::expect_names(error.what(), {"bad", "NaN"});
  }
  lane.check_finite();
}

}  // namespace
}  // namespace facegraph::runtime
