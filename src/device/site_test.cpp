#include "device/site.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "device/gpu/test_support.hpp"

namespace facegraph::device {
namespace {

core::Image counted(core::Size size, int channels) {
  core::Image image(size, channels);
  for (int y = 0; y < size.height; ++y) {
    std::iota(image.row<std::uint8_t>(y), image.row<std::uint8_t>(y) + size.width * channels,
              static_cast<std::uint8_t>(y));
  }
  return image;
}

void expect_same(core::ConstImageView found, core::ConstImageView expected) {
  ASSERT_EQ(found.size(), expected.size());
  ASSERT_EQ(found.channels, expected.channels);
  for (int y = 0; y < found.height; ++y) {
    EXPECT_TRUE(std::equal(found.row<std::uint8_t>(y), found.row<std::uint8_t>(y) + found.row_bytes(),
                           expected.row<std::uint8_t>(y)))
        << "row " << y;
  }
}

class SiteTest : public testing::TestWithParam<bool> {
 protected:
  FakeGpu gpu_;
  Stream stream_{gpu_};
  Site site_ = GetParam() ? Site(stream_) : Site();
};

TEST_P(SiteTest, PicturesComeOutAsTheyWentIn) {
  core::Image whole = counted({40, 30}, 3);
  const core::ConstImageView part = whole.view().crop(3, 5, 21, 17);
  expect_same(site_.copy_out(site_.copy_in(part)), part);
  Picture picture = site_.copy_in(part);
  expect_same(site_.take_out(std::move(picture)), part);
  const core::Image expected = core::Image::copy_of(whole);
  expect_same(site_.take_out(site_.take_in(std::move(whole))), expected);
}

TEST_P(SiteTest, ValuesComeOutAsTheyWentIn) {
  const std::vector<double> numbers{1, -2, 3.5};
  EXPECT_EQ(site_.copy_out(site_.copy_in(std::span<const double>(numbers))), numbers);
  EXPECT_EQ(site_.values<float>(7).size(), 7U);
}

TEST_P(SiteTest, CopiesPartsOfPictures) {
  const core::Image whole = counted({40, 30}, 3);
  const Picture from = site_.copy_in(whole);
  Picture to = site_.copy_in(core::Image::zeros(25, 20, 3));
  site_.copy(to.view().crop(1, 2, 21, 17), from.view().crop(3, 5, 21, 17));
  core::Image expected = core::Image::zeros(25, 20, 3);
  core::copy(expected.view().crop(1, 2, 21, 17), whole.view().crop(3, 5, 21, 17));
  expect_same(site_.copy_out(to), expected);
}

TEST_P(SiteTest, CopiesValues) {
  const std::vector<double> numbers{1, -2, 3.5};
  const Values<double> from = site_.copy_in(std::span<const double>(numbers));
  Values<double> to = site_.values<double>(3);
  site_.copy(std::span<double>(to.data(), 3), std::span<const double>(from.data(), 3));
  EXPECT_EQ(site_.copy_out(to), numbers);
}

INSTANTIATE_TEST_SUITE_P(Places, SiteTest, testing::Bool(),
                         [](const auto& test) { return test.param ? "OnAGpu" : "OnTheHost"; });

TEST(SiteOnTheHost, MovesPicturesWithoutCopying) {
  const Site site;
  core::Image image = counted({8, 8}, 3);
  const std::byte* pixels = image.view().data;
  Picture picture = site.take_in(std::move(image));
  EXPECT_EQ(picture.view().data, pixels);
  EXPECT_EQ(site.take_out(std::move(picture)).view().data, pixels);
}

TEST(SiteOnAGpu, AllocatesNothingInSteadyState) {
  FakeGpu gpu;
  const Stream stream(gpu);
  const Site site(stream);
  const core::Image frame = counted({64, 48}, 3);
  const auto work = [&] {
    Picture a = site.copy_in(frame.view());
    const Picture b = site.picture({64, 48}, 3);
    const Values<float> scratch = site.values<float>(100);
    a = site.picture({64, 48}, 3, core::Depth::kF32);
    site.copy_out(b);
  };
  work();
  const std::int64_t allocations = gpu.counters.allocations;
  const std::int64_t waits = gpu.counters.waits;
  for (int frame_number = 0; frame_number < 20; ++frame_number) {
    work();
  }
  EXPECT_EQ(gpu.counters.allocations, allocations);
  EXPECT_EQ(gpu.counters.waits, waits + 20) << "only copy_out waits";
}

TEST(SiteOnAGpu, FetchesManyValuesForOneWait) {
  FakeGpu gpu;
  const Stream stream(gpu);
  const Site site(stream);
  for (int round = 0; round < 3; ++round) {
    const std::int64_t allocations = gpu.counters.allocations;
    const std::int64_t waits = gpu.counters.waits;
    Values<int> values = site.values<int>(1);
    std::vector<Values<int>> fetched;
    for (const int number : {7, 8, 9}) {
      site.fill(std::span<int>(values.data(), 1), std::span<const int>(&number, 1));
      fetched.push_back(site.fetch(std::span<const int>(values.data(), 1)));
    }
    site.wait();
    EXPECT_EQ(gpu.counters.waits, waits + 1);
    EXPECT_EQ(*fetched[0].data() * 100 + *fetched[1].data() * 10 + *fetched[2].data(), 789);
    EXPECT_EQ(gpu.counters.allocations == allocations, round > 0) << "what was fetched goes back when it is not needed";
    fetched.clear();
    site.wait();
  }
}

TEST_P(SiteTest, AFetchedPictureLands) {
  const core::Image whole = counted({40, 30}, 3);
  Picture fetched = site_.fetch(site_.copy_in(whole));
  site_.wait();
  expect_same(site_.landed(std::move(fetched)), whole);
}

// The host waits for what came before a mark, and what came back by then may be lent again.
TEST(SiteOnAGpu, WaitsUpToAMark) {
  FakeGpu gpu;
  const Stream stream(gpu);
  const Site site(stream);
  std::vector<int> numbers{1, 2};
  const Values<int> values = site.copy_in(std::span<const int>(numbers));
  const Values<int> before = site.fetch(std::span<const int>(values.data(), 1));
  const Mark mark = site.mark();
  const Values<int> behind = site.fetch(std::span<const int>(values.data() + 1, 1));
  site.wait(mark);
  EXPECT_EQ(*before.data(), 1);
  EXPECT_NE(*behind.data(), 2) << "arrives with a later wait";
  site.wait();
  EXPECT_EQ(*behind.data(), 2);
  EXPECT_EQ(gpu.counters.waits, 2);
}

// As a lane does: it has waited for the next frame's faces, and for all before them, when it ends a frame.
TEST(SiteOnAGpu, DoesNotWaitForWhatWasWaitedFor) {
  FakeGpu gpu;
  const Stream stream(gpu);
  const Site site(stream);
  const Mark first = site.mark();
  site.wait();
  site.wait(first);
  EXPECT_EQ(gpu.counters.waits, 1);
  const Mark second = site.mark();
  const Mark third = site.mark();
  site.wait(second);
  EXPECT_EQ(gpu.counters.waits, 2);
  site.wait(third);
  EXPECT_EQ(gpu.counters.waits, 3);
  site.wait(second);
  EXPECT_EQ(gpu.counters.waits, 3);
}

TEST(SiteOnAGpu, MarksMakeStagingMemoryLendableAgain) {
  FakeGpu gpu;
  const Stream stream(gpu);
  const Site site(stream);
  const core::Image frame = counted({64, 48}, 3);
  std::optional<Mark> before;
  std::int64_t allocations = 0;
  for (int number = 0; number < 20; ++number) {
    Picture fetched = site.fetch(site.copy_in(frame));
    std::optional<Mark> mark = site.mark();
    if (before) {
      site.wait(*before);  // one frame later, and never for all
    }
    before = std::move(mark);
    if (number == 3) {
      allocations = gpu.counters.allocations;
    }
  }
  EXPECT_EQ(gpu.counters.allocations, allocations);
}

TEST(SiteOnTheHost, FetchesAtOnce) {
  const Site site;
  int number = 5;
  const Values<int> fetched = site.fetch(std::span<const int>(&number, 1));
  number = 6;
  EXPECT_EQ(*fetched.data(), 5);
}

// A lane ends a group of frames when it has begun the next one. What the ended one fetched is lent again at once.
TEST(SiteOnAGpu, LendsAgainWhatComesBackAfterItsTurn) {
  FakeGpu gpu;
  const Stream stream(gpu);
  const Site site(stream);
  const Values<int> values = site.copy_in(std::span<const int>(std::vector<int>{1, 2}));
  const std::span<const int> all(values.data(), 2);
  Values<int> first = site.fetch(all);
  const Mark end_of_first = site.mark();
  const Values<int> second = site.fetch(all);
  site.mark();
  site.wait(end_of_first);
  const void* place = first.data();
  first = {};
  const std::int64_t allocations = gpu.counters.allocations;
  const Values<int> third = site.fetch(all);
  const Values<int> fourth = site.fetch(all);  // what copy_in() staged
  EXPECT_TRUE(third.data() == place || fourth.data() == place);
  EXPECT_EQ(gpu.counters.allocations, allocations);
  site.fetch(all);  // the second one's copy may still be under way
  EXPECT_EQ(gpu.counters.allocations, allocations + 1);
}

// However late two groups of frames overlap for the first time.
TEST(SiteOnAGpu, WhatIsExpectedIsReady) {
  FakeGpu gpu;
  const Stream stream(gpu);
  const Site site(stream);
  const auto begin = [&] {
    const Picture scratch = site.picture({32, 24}, 3);
    std::vector<Picture> fetched;
    for (int i = 0; i < 3; ++i) {
      fetched.push_back(site.fetch(site.copy_in(counted({32, 24}, 3))));
    }
    return std::pair(std::move(fetched), site.mark());
  };
  auto before = begin();
  site.expect_another();
  const std::int64_t allocations = gpu.counters.allocations;
  site.wait(before.second);  // nothing overlapped so far
  for (int i = 0; i < 5; ++i) {
    auto next = begin();
    site.wait(before.second);
    before = std::move(next);
  }
  EXPECT_EQ(gpu.counters.allocations, allocations);
}

// A copy in flight still reads its staging memory: it is lent again after a wait only.
TEST(SiteOnAGpu, DoesNotLendStagingMemoryThatIsBeingRead) {
  FakeGpu gpu;
  const Stream stream(gpu);
  const Site site(stream);
  const std::vector<int> one{1};
  site.copy_in(std::span<const int>(one));
  const std::int64_t before = gpu.counters.allocations;
  site.copy_in(std::span<const int>(one));
  EXPECT_EQ(gpu.counters.allocations, before + 1);
  site.wait();
  site.copy_in(std::span<const int>(one));
  EXPECT_EQ(gpu.counters.allocations, before + 1);
}

TEST(SiteOnAGpu, GivesItsMemoryBackWhenTheLastLoanHasGone) {
  FakeGpu gpu;
  const std::size_t free = gpu.memory().free;
  {
    const Stream stream(gpu);
    Picture picture;
    {
      const Site site(stream);
      picture = site.picture({100, 100}, 3);
      EXPECT_LT(gpu.memory().free, free);
    }
    EXPECT_LT(gpu.memory().free, free);
  }
  EXPECT_EQ(gpu.memory().free, free);
}

}  // namespace
}  // namespace facegraph::device
