// Each operator does the same on a GPU as on the host: the twins are compared beside their code, here that every one is
// handed what it needs.
#include "ops/site/frame.hpp"

#include <functional>

#include "ops/blend/blend.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kFrame{75, 41};
constexpr core::Size kNetwork{32, 32};
constexpr std::size_t kPlane = std::size_t{32} * 32;
constexpr Tile kTile{-2, -2, 0, 0, 28, 28};

class FrameOnSite : public testing::Test {
 protected:
  // work: gives a picture on the site.
  void expect_equal_on_both(const char* what, const std::function<device::Picture(const device::Site&)>& work,
                            double tolerance = 0) {
    SCOPED_TRACE(what);
    const device::Picture on_host = work(device::Site());
    const device::Site site(stream_);
    expect_equal(site.copy_out(work(site)), on_host, tolerance);
  }

  // A tensor of planes on the site, as one picture.
  template <typename Work>
  void expect_equal_tensor(const char* what, int planes, const Work& work) {
    expect_equal_on_both(what, [&](const device::Site& site) {
      device::Picture tensor = site.picture({kNetwork.width, kNetwork.height * planes}, 1, core::Depth::kF32);
      work(site, std::span<float>(tensor.row<float>(0), planes * kPlane));
      return tensor;
    });
  }

  static device::Picture frame_on(const device::Site& site) {
    return site.copy_in(noise(kFrame, 3, core::Depth::kU8).view());
  }
  static device::Picture mask_on(const device::Site& site, unsigned seed) {
    return site.copy_in(noise(kFrame, 1, core::Depth::kU8, seed).view());
  }
  static device::Values<float> tensor_on(const device::Site& site, int planes, float scale) {
    std::vector<float> values(planes * kPlane);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = scale * static_cast<float>(i * 7919 % 1009) / 1008;
    }
    return site.copy_in(std::span<const float>(values));
  }
  static std::span<const float> whole(const device::Values<float>& values) { return {values.data(), values.size()}; }

  device::FakeGpu gpu_;
  device::Stream stream_{gpu_};
};

TEST_F(FrameOnSite, Tiles) {
  expect_equal_tensor("tile_to_tensor", 3, [](const device::Site& site, std::span<float> out) {
    tile_to_tensor(site, out, frame_on(site), kTile, kNetwork.width, {site, value_table({0, 0, 0}, {1, 1, 1})});
  });
  expect_equal_on_both("tensor_to_core", [](const device::Site& site) {
    device::Picture out = site.picture({kTile.width, kTile.height}, 3);
    tensor_to_core(site, out, whole(tensor_on(site, 3, 1)), kTile, kNetwork.width, 1);
    return out;
  });
}

TEST_F(FrameOnSite, Blend) {
  expect_equal_on_both(
      "blend",
      [](const device::Site& site) {
        device::Picture out = site.picture(kFrame, 1);
        blend(site, out, mask_on(site, 1), mask_on(site, 2), 0.8);
        return out;
      },
      1);  // as blend_cuda.hpp has it without AVX2
}

TEST_F(FrameOnSite, Colours) {
  expect_equal_tensor("ddcolor_input", 3, [](const device::Site& site, std::span<float> out) {
    ddcolor_input(site, out, frame_on(site), kNetwork, ColorizerTables(site));
  });
  expect_equal_tensor("deoldify_input", 3, [](const device::Site& site, std::span<float> out) {
    deoldify_input(site, out, frame_on(site), kNetwork);
  });
  expect_equal_on_both(
      "ddcolor_output",
      [](const device::Site& site) {
        return ddcolor_output(site, frame_on(site), whole(tensor_on(site, 2, 50)), kNetwork, ColorizerTables(site));
      },
      1);  // as ddcolor_output of colour_cuda.hpp
  expect_equal_on_both("deoldify_output", [](const device::Site& site) {
    return deoldify_output(site, frame_on(site), whole(tensor_on(site, 3, 255)), kNetwork, ColorizerTables(site));
  });
}

TEST_F(FrameOnSite, Mattes) {
  expect_equal_on_both("matte_to_mask", [](const device::Site& site) {
    device::Picture out = site.picture(kNetwork, 1);
    matte_to_mask(site, out, whole(tensor_on(site, 1, 1)));
    return out;
  });
  expect_equal_on_both("classes_to_mask", [](const device::Site& site) {
    device::Picture out = site.picture(kNetwork, 1);
    classes_to_mask(site, out, whole(tensor_on(site, 2, 1)));
    return out;
  });
  expect_equal_tensor("green_to_hint", 1, [](const device::Site& site, std::span<float> out) {
    green_to_hint(site, out, frame_on(site), kNetwork);
  });
}

TEST_F(FrameOnSite, Backgrounds) {
  expect_equal_on_both("despill", [](const device::Site& site) {
    device::Picture frame = frame_on(site);
    despill(site, frame, {0, 255, 30, 200});
    return frame;
  });
  expect_equal_on_both("fill_background", [](const device::Site& site) {
    device::Picture frame = frame_on(site);
    fill_background(site, frame, mask_on(site, 1), {20, 200, 90, 255});
    return frame;
  });
  expect_equal_on_both("intersect_masks", [](const device::Site& site) {
    device::Picture mask = mask_on(site, 1);
    intersect_masks(site, mask, mask_on(site, 2));
    return mask;
  });
}

TEST_F(FrameOnSite, PlanesForEncoders) {
  expect_equal_on_both("i420", [](const device::Site& site) {
    return i420(site, site.copy_in(noise({74, 40}, 3, core::Depth::kU8).view()));
  });
}

}  // namespace
}  // namespace facegraph::ops
