// On a GPU made of host memory, for which the CPU decodes.
#include "media/decode/group_decoders.hpp"

#include <chrono>
#include <cmath>
#include <set>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "device/gpu/test_support.hpp"
#include "media/concat/concat.hpp"
#include "media/test_support.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

constexpr std::size_t kMegabyte = std::size_t{1} << 20U;
constexpr std::size_t kForOneDecoder = 60 * kMegabyte;    // a GPU that has memory for no picture ahead
constexpr std::size_t kForFewPictures = 100 * kMegabyte;  // for hardly more than the fewest
constexpr core::Size kSize{322, 180};
constexpr int kPictures = 4;
constexpr const char* kClosed = "-c:v libx264 -pix_fmt yuv420p -bf 3 -g 12 -sc_threshold 0";
constexpr int kGroup = 12;
constexpr int kRate = 25;

class GroupDecodersTest : public MediaTest {
 protected:
  std::filesystem::path video(const std::string& name, const std::string& arguments) {
    return moving_pattern(path(name), arguments);
  }

  static std::vector<SourceFrame> decode(const std::filesystem::path& file, const FrameRange& range, device::Gpu& gpu) {
    std::vector<SourceFrame> frames;
    const auto source = open_video(file, range, {&gpu, kPictures});
    while (auto frame = source->read()) {
      frame->on_host();
      frame->on_gpu = {};
      frames.push_back(std::move(*frame));
    }
    return frames;
  }

  static void expect_equal(const std::vector<SourceFrame>& found, const std::vector<SourceFrame>& expected) {
    ASSERT_FALSE(expected.empty());
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].number, expected[i].number);
      EXPECT_EQ(found[i].time, expected[i].time);
      ASSERT_EQ(found[i].size(), expected[i].size());
      EXPECT_EQ(difference(bytes_of(found[i].image), bytes_of(expected[i].image)).largest, 0)
          << "frame " << found[i].number;
    }
  }

  // The frames of the CPU, from so many decoders.
  static void expect_frames(const std::filesystem::path& file, int decoders, const FrameRange& range = {},
                            std::size_t memory = 1000 * kMegabyte) {
    SCOPED_TRACE(file.filename().string());
    device::FakeGpu gpu(0, memory);
    expect_equal(decode(file, range, gpu), read_all(file, range));
    EXPECT_EQ(decoders_of(gpu), decoders);
    EXPECT_EQ(gpu.memory().free, memory);
  }

  // Each of several has a thread of its own, beside the one that reads.
  static int decoders_of(const device::FakeGpu& gpu) { return std::max(static_cast<int>(gpu.bound.size()) - 1, 1); }

  // The frames, their times and the warnings of one decoder; its pixels but in damaged groups, where it conceals with
  // what lies in its memory.
  void expect_damage(const std::filesystem::path& file, const std::set<int>& damaged_groups) {
    SCOPED_TRACE(file.filename().string());
    warnings().clear();
    device::FakeGpu small(0, kForOneDecoder);
    std::vector<SourceFrame> expected = decode(file, {}, small);
    ASSERT_EQ(decoders_of(small), 1);
    const std::vector<std::string> warned = std::exchange(warnings(), {});
    device::FakeGpu gpu;
    std::vector<SourceFrame> found = decode(file, {}, gpu);
    EXPECT_EQ(decoders_of(gpu), GroupDecoders::kDecoders);
    EXPECT_EQ(warnings(), warned);
    for (auto* frames : {&found, &expected}) {
      for (SourceFrame& frame : *frames) {
        const int group = static_cast<int>(std::lround(frame.time * kRate)) / kGroup;
        frame.image = damaged_groups.contains(group) ? flat(1, 1, {0, 0, 0}) : std::move(frame.image);
      }
    }
    expect_equal(found, expected);
  }

  // Bytes of a packet's NAL unit.
  struct Part {
    std::size_t from = 0;
    std::size_t to = 0;
  };
  static constexpr Part kSliceHeader{1, 9};
  static constexpr Part kPicture{100, 400};
  static constexpr Part kAll{0, 100000};

  // The part of the n-th packet becomes something else.
  static void damage(const std::filesystem::path& file, int packet, const Part& part) {
    const auto [at, size] = place_of(file, packet);
    auto bytes = read_file(file);
    for (std::size_t i = part.from; i < std::min(part.to, size); ++i) {
      bytes.at(at + i) ^= 0x5A;
    }
    write_file(file, bytes);
  }

  // Where the n-th packet's NAL unit begins in the file, and its bytes.
  static std::pair<std::size_t, std::size_t> place_of(const std::filesystem::path& file, int packet) {
    constexpr std::size_t kLength = 4;
    const std::string told = text_of(
        fmt::format("ffprobe -v error -select_streams v:0 -show_entries packet=pos,size -of csv=p=0 {} | sed -n {}p",
                    quoted(file), packet + 1));
    return {std::stoul(told.substr(told.find(',') + 1)) + kLength, std::stoul(told) - kLength};
  }
};

TEST_F(GroupDecodersTest, GiveTheFramesOfOne) {
  SKIP_WITHOUT_FFMPEG();
  constexpr int kSeveral = GroupDecoders::kDecoders;
  expect_frames(video("closed.mp4", kClosed), kSeveral);
  expect_frames(video("closed.mkv", kClosed), kSeveral);
  expect_frames(video("sets.mp4", fmt::format("{} -bsf:v dump_extra=freq=keyframe", kClosed)), kSeveral);
  expect_frames(video("late.mp4", fmt::format("{} -vf setpts=PTS+3/TB -copyts", kClosed)), kSeveral);
  expect_frames(video("varying.mp4",
                      fmt::format("{} -vf \"select='mod(n,3)'\" -vsync vfr -video_track_timescale 90000", kClosed)),
                kSeveral);
  expect_frames(video("hevc.mp4",
                      "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -bf 3 "
                      "-x265-params log-level=none:keyint=12:min-keyint=12:open-gop=0"),
                kSeveral);
}

TEST_F(GroupDecodersTest, GiveNoFramesThatTheFileHides) {
  SKIP_WITHOUT_FFMPEG();
  const auto whole = video("whole.mp4", kClosed);
  ffmpeg(fmt::format("-ss 0.7 -i {} -c copy {}", quoted(whole), quoted(path("cut.mp4"))));
  expect_frames(path("cut.mp4"), GroupDecoders::kDecoders);
  // A picture that drops those before it which were not shown yet.
  constexpr std::uint8_t kDrops = 0x40;
  const auto dropping = video("dropping.mp4",
                              "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -bf 3 "
                              "-x265-params log-level=none:keyint=12:min-keyint=12:open-gop=0");
  auto bytes = read_file(dropping);
  bytes.at(place_of(dropping, 48).first + 2) |= kDrops;
  write_file(dropping, bytes);
  EXPECT_LT(read_all(dropping).size(), 100U);
  expect_frames(dropping, GroupDecoders::kDecoders);
}

TEST_F(GroupDecodersTest, AreOneForWhatIsNotSplit) {
  SKIP_WITHOUT_FFMPEG();
  expect_frames(video("open.mp4", "-c:v libx264 -pix_fmt yuv420p -x264-params open-gop=1:keyint=12:bframes=3"), 1);
  expect_frames(video("refresh.mp4", "-c:v libx264 -pix_fmt yuv420p -x264-params intra-refresh=1:keyint=12"), 1);
  expect_frames(video("hevc.mp4",
                      "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -bf 3 "
                      "-x265-params log-level=none:keyint=12:open-gop=1"),
                1);
  expect_frames(video("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 12 -t 2"), 1);
  expect_frames(video("programme.ts", kClosed), 1);
  expect_frames(video("one.mp4", "-c:v libx264 -pix_fmt yuv420p"), 1);
}

TEST_F(GroupDecodersTest, SeekAndTrimAsOne) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = video("closed.mp4", kClosed);
  for (const FrameRange& range : {FrameRange{5, 90}, FrameRange{47, 80}, FrameRange{50, 200}, FrameRange{60, 73}}) {
    expect_frames(file, GroupDecoders::kDecoders, range);
  }
  expect_frames(file, 1, {50, 58});                             // one group
  expect_frames(file, 1, {.start = 3, .end = 90, .every = 7});  // samples
}

TEST_F(GroupDecodersTest, GiveFramesUnlikeTheStream) {
  SKIP_WITHOUT_FFMPEG();
  const auto wide = video("wide.264", fmt::format("{} -bf 0", kClosed));
  const auto small = video("small.264", fmt::format("{} -bf 0 -s 160x90 -t 0.4", kClosed));
  auto both = read_file(wide);
  const auto second = read_file(small);
  both.insert(both.end(), second.begin(), second.end());
  write_file(path("both.264"), both);
  ffmpeg(fmt::format("-r 25 -i {} -c copy {}", quoted(path("both.264")), quoted(path("both.mp4"))));
  expect_frames(path("both.mp4"), GroupDecoders::kDecoders);
}

TEST_F(GroupDecodersTest, KeepToTheMemoryThatIsFree) {
  SKIP_WITHOUT_FFMPEG();
  device::FakeGpu few(0, kForFewPictures);
  EXPECT_EQ(GroupDecoders::ahead_on(few, kSize), kForFewPictures / 32 / (3 * 322 * 180));
  device::FakeGpu small(0, kForOneDecoder);
  EXPECT_EQ(GroupDecoders::ahead_on(small, kSize), 0);
  EXPECT_EQ(GroupDecoders::ahead_on(small, {16, 16}), 250);
  const auto shorter = video("shorter.mp4", "-c:v libx264 -pix_fmt yuv420p -g 2");
  const auto longer = video("longer.mp4", "-c:v libx264 -pix_fmt yuv420p -g 30");
  for (const auto& file : {shorter, longer}) {
    expect_frames(file, GroupDecoders::kDecoders, {}, kForFewPictures);
    expect_frames(file, 1, {}, kForOneDecoder);
  }
}

TEST_F(GroupDecodersTest, SplitWhatWasJoined) {
  SKIP_WITHOUT_FFMPEG();
  for (const char* encoder : {"libx264", "libx265 -x265-params log-level=none"}) {
    const auto part = video("part.mp4", fmt::format("-c:v {} -pix_fmt yuv420p", encoder));
    concat_videos(std::vector{part, part, part}, path("joined.mp4"));
    expect_frames(path("joined.mp4"), GroupDecoders::kDecoders);
  }
}

TEST_F(GroupDecodersTest, WaitForWhoReads) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = video("closed.mp4", kClosed);
  device::FakeGpu gpu(0, kForFewPictures);
  const auto source = open_video(file, {}, {&gpu, kPictures});
  const std::int64_t made = gpu.counters.allocations;
  const int ahead = GroupDecoders::ahead_on(gpu, kSize);
  source->read();
  EXPECT_EQ(gpu.counters.allocations, made + ahead);
  for (int i = 1; i < 20; ++i) {
    source->read();
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // enough for all of them, and more pictures
  EXPECT_EQ(gpu.counters.allocations, made + ahead);
}

TEST_F(GroupDecodersTest, EndInTheMiddle) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = video("closed.mp4", kClosed);
  for (const std::size_t memory : {kForFewPictures, 1000 * kMegabyte}) {
    for (const int frames : {1, 12, 13, 30, 99}) {
      device::FakeGpu gpu(0, memory);
      {
        const auto source = open_video(file, {}, {&gpu, kPictures});
        for (int i = 0; i < frames; ++i) {
          ASSERT_TRUE(source->read());
        }
      }
      EXPECT_EQ(gpu.memory().free, memory);
    }
  }
}

TEST_F(GroupDecodersTest, ReportDamageAsOne) {
  SKIP_WITHOUT_FFMPEG();
  const auto within = video("within.mp4", kClosed);
  damage(within, 40, kPicture);
  damage(within, 65, kAll);
  expect_damage(within, {3, 5});
  ASSERT_EQ(warnings().size(), 1U);
  EXPECT_NE(warnings()[0].find("1 damaged packets"), std::string::npos) << warnings()[0];
  const auto beginning = video("beginning.mp4", kClosed);
  damage(beginning, 36, kPicture);
  expect_damage(beginning, {3});
  const auto lost = video("lost.mp4", kClosed);
  damage(lost, 36, kAll);
  expect_damage(lost, {3});
  const auto whole = video("whole.mp4", fmt::format("{} -movflags +faststart", kClosed));
  const auto bytes = read_file(whole);
  write_file(path("cut.mp4"), std::span(bytes).first(bytes.size() / 2));
  expect_damage(path("cut.mp4"), {4});
  EXPECT_EQ(warnings().size(), 1U);
}

// One decoder takes the pictures behind a lost IDR picture for earlier ones, and drops some.
TEST_F(GroupDecodersTest, LoseNothingBehindALostBeginning) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = video("closed.mp4", kClosed);
  damage(file, 36, kSliceHeader);
  device::FakeGpu gpu;
  EXPECT_EQ(decode(file, {}, gpu).size(), 99U);
  EXPECT_EQ(decoders_of(gpu), GroupDecoders::kDecoders);
  ASSERT_EQ(warnings().size(), 1U);
  EXPECT_NE(warnings()[0].find("1 damaged packets"), std::string::npos) << warnings()[0];
}

// Out of memory at some picture.
class SmallGpu : public device::FakeGpu {
 public:
  void* allocate_device(std::size_t bytes) override {
    constexpr int kMost = 50;
    if (++made_ > kMost) {
      core::fail(core::ErrorCode::kOutOfMemory, "GPU 0 (Small): no more");
    }
    return FakeGpu::allocate_device(bytes);
  }

 private:
  std::atomic<int> made_ = 0;
};

TEST_F(GroupDecodersTest, PassErrorsOn) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = video("closed.mp4", kClosed);
  SmallGpu gpu;
  const auto source = open_video(file, {}, {&gpu, kPictures});
  std::vector<SourceFrame> frames;
  const std::string error = error_of([&] {
    while (auto frame = source->read()) {
      frames.push_back(std::move(*frame));
    }
  });
  EXPECT_NE(error.find("no more"), std::string::npos) << error;
  EXPECT_GE(frames.size(), 12U);
}

TEST_F(GroupDecodersTest, WithoutRoomForPicturesOneDecodes) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = video("closed.mp4", kClosed);
  SmallGpu gpu;
  expect_equal(decode(file, {}, gpu), read_all(file, {}));
  EXPECT_EQ(decoders_of(gpu), 1);
}

}  // namespace
}  // namespace facegraph::media
