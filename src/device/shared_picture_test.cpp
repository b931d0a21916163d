#include "device/shared_picture.hpp"

#include <cstring>
#include <thread>

#include <gtest/gtest.h>

#include "device/gpu/test_support.hpp"

namespace facegraph::device {
namespace {

constexpr core::Size kSize{6, 4};

class SharedPictures : public testing::Test {
 protected:
  SharedPicture filled(PicturePool& pool, int level) {
    return pool.filled([&](core::ImageView view) { std::memset(view.data, level, view.row_bytes() * view.height); });
  }

  FakeGpu gpu_;
  Stream decoding_{gpu_};
};

TEST_F(SharedPictures, ReachALaneAndTheHost) {
  PicturePool pool(decoding_, kSize, 3, 1);
  const SharedPicture picture = filled(pool, 7);
  const Stream lane(gpu_);
  const Site site(lane);
  EXPECT_EQ(picture.size(), kSize);
  const core::Image copy = site.copy_out(picture.copy_to(site));
  const core::Image host = picture.to_host();
  for (const core::Image* image : {&copy, &host}) {
    ASSERT_EQ(image->size(), kSize);
    for (std::size_t i = 0; i < image->bytes(); ++i) {
      ASSERT_EQ(static_cast<int>(image->view().data[i]), 7);
    }
  }
  EXPECT_EQ(gpu_.event_waits, 3) << "decoder, lane and host each keep to the one before";
}

TEST_F(SharedPictures, AreUsedAgainOnceNobodyHoldsThem) {
  PicturePool pool(decoding_, kSize, 3, 2);
  filled(pool, 1).to_host();
  const auto allocations = gpu_.counters.allocations.load();
  for (int i = 0; i < 20; ++i) {
    const SharedPicture first = filled(pool, i);
    SharedPicture second = filled(pool, i + 1);
    std::thread([taken = std::move(second)]() mutable { taken = {}; }).join();
  }
  EXPECT_EQ(gpu_.counters.allocations, allocations);
  const SharedPicture one = filled(pool, 1);
  const SharedPicture two = filled(pool, 2);
  const SharedPicture three = filled(pool, 3);  // more than were made
  EXPECT_EQ(gpu_.counters.allocations, allocations + 1);
  EXPECT_EQ(static_cast<int>(one.to_host().view().data[0]), 1);
  EXPECT_EQ(static_cast<int>(three.to_host().view().data[0]), 3);
}

TEST_F(SharedPictures, OutliveTheirPoolAndGiveAllBack) {
  const std::size_t free = gpu_.memory().free;
  SharedPicture picture;
  {
    PicturePool pool(decoding_, kSize, 3, 3);
    picture = filled(pool, 9);
  }
  EXPECT_EQ(static_cast<int>(picture.to_host().view().data[0]), 9);
  picture = {};
  EXPECT_EQ(gpu_.memory().free, free);
  EXPECT_EQ(gpu_.events, 0);
}

TEST_F(SharedPictures, ReachAnotherGpuWithoutTheHost) {
  FakeGpu other(1);  // outlives the pool
  PicturePool pool(decoding_, kSize, 3, 1);
  {
    const Stream stream(other);
    const Site site(stream);
    for (int level : {7, 8}) {
      const SharedPicture picture = filled(pool, level);
      const Picture own = picture.copy_to(site);
      EXPECT_EQ(static_cast<int>(own.view().data[own.bytes() - 1]), level);
    }
    EXPECT_EQ(gpu_.downloaded + other.uploaded, 0);
    EXPECT_EQ(other.events, 1) << "of the one memory, made once";
    EXPECT_EQ(gpu_.event_waits, 4) << "decoder and lane keep to one another's";
    EXPECT_EQ(other.event_waits, 1) << "the decoder, to the lane's last use";
  }
}

}  // namespace
}  // namespace facegraph::device
